#pragma once

/* Lockfiles in the formats of other tools, as files or on standard output (render.c), and lockfiles
 * that the daemon gives (lock.c). */

#include "ctl/options.h"
#include "lock/format.h"

/* By its name; an error names the formats. */
int lock_format_of(const char *name, LockFormat *ret, Error *err);

/* Prints the files. If there are several, each has its name above it. */
void lock_files_print(const LockFiles *files);

/* Writes the files to the path or folder. Returns 1 if any of them changed. */
int lock_files_save(const LockFiles *files, const char *to, Error *err);

/* Asks for the lockfile of ENVIRONMENT, RELEASE, environment/NAME or release/NAME. known: the lock
 * digest that the caller has, NULL. Returns 0 if it is still that one; 1 with ret, whose texts are
 * in the arena of options, after its digest was checked. */
int lock_fetch(CtlOptions *options, const char *name, const char *known, Lock *ret, Error *err);
