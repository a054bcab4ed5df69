#pragma once

/* Quarantined copies: a damaged or replaced database is kept in its folder under a second name. */

#include "base/error.h"
#include "base/time.h"

/* Returns "PATH.WHAT-YYYYMMDDTHHMMSSZSUFFIX", malloc()ed; with a number before the suffix if that
 * exists. */
int quarantine_name(const char *path, const char *what, usec_t now, const char *suffix, char **ret,
                    Error *err);

/* Gives the database, its -wal and its -shm a second name each: "PATH.WHAT-TIME", "...-wal",
 * "...-shm". They are durable when it returns, and independent of the first names. No process may
 * have the database open. */
int quarantine_keep(const char *path, const char *what, usec_t now, char **ret, Error *err);

/* Restores all first names and removes the second ones. On failure the kept copies stay. */
int quarantine_undo(const char *path, const char *kept);

/* Removes the first names of the -wal and the -shm. A database must never be used with those of
 * another one. */
int quarantine_drop_journal(const char *path, Error *err);
/* Does so only if the -wal is empty. */
int quarantine_drop_empty_journal(const char *path, Error *err);
