#pragma once

/* Replaces a database with a backup. Takes the lock, so that no other process has the database
 * open. Copies the backup into the same folder, checks the copy (made by relman, intact, schema not
 * newer), and renames it over the database. The replaced database is kept. On failure nothing has
 * changed, unless the final rename failed; then the error message names the kept copy. If the
 * process is killed, the path has either the old or the new database. */

#include "base/error.h"
#include "base/time.h"

typedef struct RestoreOptions {
        const char *from;
        const char *path;
        usec_t now; /* wall time, for the name of the replaced database */
} RestoreOptions;

typedef struct Restored {
        unsigned schema;
        int64_t last_event;  /* the newest event of the backup; 0: it has none */
        int64_t next_event;  /* no receiver has seen an event with this number or a greater one */
        int64_t lost_events; /* newer events of the replaced database; -1: not known */
        char *kept;          /* path of the replaced database; NULL if there was none */
} Restored;

int store_restore(const RestoreOptions *options, Restored *ret, Error *err);
void restored_done(Restored *restored);
