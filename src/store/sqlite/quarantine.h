#pragma once

/* Files beside a database: copies of it, and databases that another takes the place of, which are
 * kept. */

#include "base/error.h"
#include "base/time.h"

/* "PATH.WHAT-YYYYMMDDTHHMMSSZSUFFIX", malloc()ed; with a number before the suffix if that is there
 * already. */
int aside_name(const char *path, const char *what, usec_t now, const char *suffix, char **ret,
               Error *err);

/* Gives the database, its -wal and its -shm a second name each: "PATH.WHAT-TIME", "...-wal",
 * "...-shm"; durable when it returns. What the database held can be read there for good, whatever
 * happens to the first names. Nobody may have it open. */
int aside_keep(const char *path, const char *what, usec_t now, char **ret, Error *err);

/* The first names are all there again, the second ones gone; on failure what is kept stays. */
int aside_undo(const char *path, const char *kept);

/* Removes the first names of the -wal and the -shm. A database must never meet those of another. */
int aside_drop_journal(const char *path, Error *err);
/* Only if nothing is in the -wal. */
int aside_drop_empty_journal(const char *path, Error *err);

/* A name for a copy that is handed on and removed, malloc()ed; NULL without memory. */
char *aside_copy_path(const char *path, usec_t now);
/* Removes such copies: a daemon that was killed left them. */
void aside_drop_copies(const char *path);
