#pragma once

/* Quarantined copies beside a database: what is damaged, or replaced by a backup, is kept there
 * under a second name. */

#include "base/error.h"
#include "base/time.h"

/* "PATH.WHAT-YYYYMMDDTHHMMSSZSUFFIX", malloc()ed; with a number before the suffix if that is there
 * already. */
int quarantine_name(const char *path, const char *what, usec_t now, const char *suffix, char **ret,
                    Error *err);

/* Gives the database, its -wal and its -shm a second name each: "PATH.WHAT-TIME", "...-wal",
 * "...-shm"; durable when it returns. What the database held can be read there for good, whatever
 * happens to the first names. Nobody may have it open. */
int quarantine_keep(const char *path, const char *what, usec_t now, char **ret, Error *err);

/* The first names are all there again, the second ones gone; on failure what is kept stays. */
int quarantine_undo(const char *path, const char *kept);

/* Removes the first names of the -wal and the -shm. A database must never meet those of another. */
int quarantine_drop_journal(const char *path, Error *err);
/* Only if nothing is in the -wal. */
int quarantine_drop_empty_journal(const char *path, Error *err);
