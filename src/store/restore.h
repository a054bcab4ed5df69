#pragma once

/* Replaces a database with a backup. Takes the lock, so that no daemon has the database open.
 * Copies the backup into the folder of the database and checks the copy: made by relman, intact,
 * schema not newer. Then renames the copy over the database. The replaced database is kept under
 * another name.
 *
 * On failure the database is unchanged, unless the folder could not be synced after the rename, or
 * the original file names could not be restored. Then the error message names the kept database. If
 * the process is killed, the path has either the old or the new database. */

#include "base/error.h"
#include "base/time.h"

typedef struct RestoreOptions {
        const char *from;
        const char *name; /* of the backup in messages; NULL: from */
        const char *path;
        usec_t now; /* wall time, for the name of the replaced database */
} RestoreOptions;

typedef struct Restored {
        unsigned schema;
        int64_t last_event;  /* number of the newest event of the backup; 0: none */
        int64_t next_event;  /* number of the next event; greater than every number that receivers
                                may have seen */
        int64_t lost_events; /* number of newer events in the replaced database; -1: unknown */
        char *kept;          /* path of the replaced database; NULL if there was none */
} Restored;

int store_restore(const RestoreOptions *options, Restored *ret, Error *err);
void restored_done(Restored *restored);
