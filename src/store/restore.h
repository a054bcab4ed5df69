#pragma once

/* A backup takes a database's place, which nobody may have open: the lock is taken. The backup is
 * copied beside it, checked there (ours, whole, not newer), and renamed over it; what it replaces
 * is kept. On failure all is as it was, but for one of the exchange itself, whose message names
 * what is kept. A cut at any point leaves the old database or the new one. */

#include "base/error.h"
#include "base/time.h"

typedef struct RestoreOptions {
        const char *from;
        const char *path;
        usec_t now; /* wall, for the name of what is replaced */
} RestoreOptions;

typedef struct Restored {
        unsigned schema;
        int64_t last_event;  /* the newest in the backup; 0: none */
        int64_t next_event;  /* no event that any receiver has seen has this number, or one above */
        int64_t lost_events; /* that the replaced database had; -1: not known */
        char *kept;          /* the replaced database; NULL if there was none */
} Restored;

int store_restore(const RestoreOptions *options, Restored *ret, Error *err);
void restored_done(Restored *restored);
