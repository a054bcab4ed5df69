#pragma once

/* Replaces a database with a backup. No other process may have it open: the lock is taken. The
 * backup is copied into the same folder, checked there (ours, intact, not newer), and renamed over
 * the database. The replaced database is kept. On failure nothing has changed, unless the final
 * rename failed; then the error message names the kept copy. If the process is killed at any point,
 * either the old or the new database is there. */

#include "base/error.h"
#include "base/time.h"

typedef struct RestoreOptions {
        const char *from;
        const char *path;
        usec_t now; /* wall, for the name of the replaced database */
} RestoreOptions;

typedef struct Restored {
        unsigned schema;
        int64_t last_event;  /* the newest in the backup; 0: none */
        int64_t next_event;  /* no receiver has seen an event with this number or a greater one */
        int64_t lost_events; /* newer events of the replaced database; -1: not known */
        char *kept;          /* the replaced database; NULL if there was none */
} Restored;

int store_restore(const RestoreOptions *options, Restored *ret, Error *err);
void restored_done(Restored *restored);
