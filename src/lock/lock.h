#pragma once

/* Lockfiles: files that list the images of a release for deployers. The same release always gives
 * the same bytes. The last line of the native file, lockDigest, has the SHA-256 of all bytes before
 * that line, so that a shell can check it: sed '/^lockDigest:/d' FILE | sha256sum */

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "model/release.h"

/* The first words of each native lockfile. */
#define LOCK_FIRST_WORDS "# Written by relmand from release "
#define LOCK_SUFFIX      ".lock.yaml"

/* check.c: lock_check() checks all names, images and texts of a release. ERROR_CONFLICT names the
 * first one that is invalid or not UTF-8. All writers and the reader call lock_check(). */
int lock_check(const Release *release, const char *environment, Error *err);

/* Writes the native format (relman-lock(5)). environment is NULL for the lockfile of a release. */
int lock_write_native(const Release *release, const char *environment, Buffer *out, Error *err);

/* lock_stem() returns the path FOLDER/TENANT/ROOM/NAME, malloc()ed; NULL if memory ran out. Each
 * format adds its suffix to this path. room is one of these: */
#define LOCK_ROOM_RELEASES     "releases"
#define LOCK_ROOM_ENVIRONMENTS "environments"
#define LOCK_ROOM_STREAMS      "streams"
char *lock_stem(const char *folder, const char *tenant, const char *room, const char *name);

typedef struct Lock {
        Release release;
        const char *environment; /* NULL: the lock of a release */
        const char *lock_digest;
        /* Only for formats of admission (lock_format_is_admission()); not in the lock digest. */
        const Release *previous; /* the release that the environment had before; NULL: none */
        Strings allow_also;      /* images that are admitted although no release has them */
} Lock;

/* Computes lock->lock_digest from the other members, and allocates it from the arena. */
int lock_digest(Lock *lock, Arena *arena, Error *err);

/* Reads a native lockfile strictly and checks its digest. *ret is allocated from the arena.
 * ERROR_INVALID: it is not a lockfile, or a field is invalid (with file:line:column).
 * ERROR_HOSTILE: it was altered. Its content does not match its lockDigest, or it begins like a
 * lockfile and does not end like one. */
int lock_read_native(const char *file, const char *data, size_t size, Arena *arena, Lock *ret,
                     Error *err);
