#pragma once

/* Lockfiles in the formats of other tools, as files or on standard output (render.c), and lockfiles
 * that the daemon gives (lock.c). */

#include "ctl/options.h"
#include "lock/format.h"

/* Finds a format by its name. The error lists all formats. */
int lock_format_of(const char *name, LockFormat *ret, Error *err);

/* Prints the files. If there are several, prints the name of each above it. */
void lock_files_print(const LockFiles *files);

/* Writes the files to the path or folder. Returns 1 if any of them changed. */
int lock_files_save(const LockFiles *files, const char *to, Error *err);

/* Gets the lockfile of ENVIRONMENT, RELEASE, environment/NAME or release/NAME from the daemon.
 * known: the lock digest that the caller has, or NULL. Returns 0 if that digest is still current.
 * Returns 1 with ret after its digest was checked; its texts are in the arena of options. */
int lock_fetch(CtlOptions *options, const char *name, const char *known, Lock *ret, Error *err);
