#pragma once

/* Keeps a damaged or replaced database in its folder under a second name. */

#include "base/error.h"
#include "base/time.h"

/* Sets *ret to "PATH.WHAT-YYYYMMDDTHHMMSSZSUFFIX", which the caller frees. If this file exists, the
 * name has a number before the suffix. */
int quarantine_name(const char *path, const char *what, usec_t now, const char *suffix, char **ret,
                    Error *err);

/* Gives second names to the database, its -wal and its -shm: "PATH.WHAT-TIME", "...-wal" and
 * "...-shm". The second names are durable when the function returns. Sets *ret to the first one,
 * which the caller frees. No process may have the database open. */
int quarantine_keep(const char *path, const char *what, usec_t now, char **ret, Error *err);

/* Restores all first names and removes the second names. On failure the second names remain. */
int quarantine_undo(const char *path, const char *kept);

/* Removes the first names of the -wal and the -shm. A database must never be used with the -wal or
 * -shm of another database. */
int quarantine_drop_journal(const char *path, Error *err);
/* Does the same, but only if the -wal is empty. */
int quarantine_drop_empty_journal(const char *path, Error *err);
