#pragma once

/* Lockfiles in the formats of other tools, as files or on standard output (render.c), lockfiles
 * that the daemon gives (lock.c), and their signatures (verify-statement.c). */

#include "ctl/options.h"
#include "lock/format.h"
#include "trust/key.h"

/* Finds a format by its name. The error lists all formats. */
int lock_format_of(const char *name, LockFormat *ret, Error *err);

/* Prints the files. If there are several, prints the name of each above it. */
void lock_files_print(const LockFiles *files);

/* Writes the files to the path or folder. Returns 1 if any of them changed. */
int lock_files_save(const LockFiles *files, const char *to, Error *err);

/* lock-read.c: reads a native lockfile. Its texts are in the arena. */
int lock_file_read(const char *path, Arena *arena, Lock *ret, Error *err);

/* verify-running.c: compares the containers that options->running lists with the lockfile
 * options->names[0], or with that of an environment or a release. Prints the result. Returns the
 * exit status. */
int verify_running(CtlOptions *options, Error *err);

typedef struct LockQuery {
        const char *name;      /* ENVIRONMENT, RELEASE, environment/NAME or release/NAME */
        const char *known;     /* the lock digest that the caller has; NULL: none */
        unsigned wait_seconds; /* how long the daemon may wait until the digest is another one */
        bool has_waited; /* set if the digest is still the known one: false if the daemon did not
                            wait */
} LockQuery;

/* Gets a lockfile from the daemon. Returns 0 if the digest that is known is still current. Returns
 * 1 with ret after its digest was checked; its texts are in the arena of options. */
int lock_fetch(CtlOptions *options, LockQuery *query, Lock *ret, Error *err);

/* Reads the public keys of a file. */
int lock_keys_read(const char *path, TrustKeys *ret, Error *err);

/* A lockfile whose statement is verified. */
typedef struct SignedLock {
        const char *path;
        const char *data; /* its bytes */
        size_t size;
        const Lock *lock;
        const TrustKeys *keys;
} SignedLock;

/* Verifies the statement beside the lockfile, and prints the key that signed it. ERROR_HOSTILE: no
 * key has signed it, or it is about something else. */
int lock_verify_signature(const SignedLock *item, Arena *arena, Error *err);
