#pragma once

/* Functions about lockfiles: writing and printing the formats of other tools (render.c), fetching
 * from the daemon (lock.c), and verifying signatures (verify-statement.c). */

#include "ctl/options.h"
#include "lock/format.h"
#include "lock/statement.h"
#include "trust/key.h"

/* Finds a format by its name. The error lists all formats. */
int lock_format_of(const char *name, LockFormat *ret, Error *err);

/* Prints the files. If there are several, prints the name of each file before its content. */
void lock_files_print(const LockFiles *files);

/* Writes the files to the path or folder. Returns 1 if any of them changed. */
int lock_files_save(const LockFiles *files, const char *to, Error *err);

/* lock-read.c: reads a native lockfile. Texts in *ret are in the arena. */
int lock_file_read(const char *path, Arena *arena, Lock *ret, Error *err);
/* Splits a list at commas. Texts in *ret are in the arena. Returns -ENOMEM if memory ran out. */
int ctl_split_commas(const char *text, Arena *arena, Strings *ret);

/* verify-running.c: compares the containers that options->running lists with the lockfile
 * options->names[0], or with that of an environment or a release. Prints the result. Returns the
 * exit status. */
int verify_running(CtlOptions *options, Error *err);

typedef struct LockQuery {
        const char *name;      /* ENVIRONMENT, RELEASE, environment/NAME or release/NAME */
        const char *known;     /* the lock digest that the caller has; NULL: none */
        unsigned wait_seconds; /* how long the daemon may wait for another digest */
        bool has_waited; /* result, set if the digest is still the known one: whether the daemon has
                            waited */
} LockQuery;

/* Gets a lockfile from the daemon. Returns 0 if the known digest is still current. Otherwise checks
 * the digest of the lockfile, sets *ret and returns 1. Texts in *ret are in the arena of
 * options. */
int lock_fetch(CtlOptions *options, LockQuery *query, Lock *ret, Error *err);

/* Gets what an environment admits, in a format of admission (lock_format_is_admission()). name is
 * ENVIRONMENT or environment/NAME. The text is in the arena of options. */
int lock_fetch_admission(CtlOptions *options, const char *name, LockFormat format, const char **ret,
                         Error *err);

/* verify-environment.c: compares the file with what the environment is to have, in any format of
 * one file, and prints the result. Returns the exit status. */
int verify_environment(CtlOptions *options, const char *name, const char *path, Error *err);

/* Reads the public keys of a file. */
int lock_keys_read(const char *path, TrustKeys *ret, Error *err);

/* Verifies the statement beside the lockfile, and prints the key that signed it. ERROR_HOSTILE:
 * none of the keys has signed the statement, or the statement is about something else. */
int lock_verify_signature(const SignedLock *item, Arena *arena, Error *err);
