#pragma once

/* Lockfiles: a release in the form for deployers. The same release always gives the same bytes. The
 * last line of the native file, lockDigest, is the SHA-256 of all bytes before that line, so that a
 * shell can check it: sed '/^lockDigest:/d' FILE
 *  sha256sum */

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "model/release.h"

/* The first words of every native lockfile. */
#define LOCK_FIRST_WORDS "# Written by relmand from release "
#define LOCK_SUFFIX      ".lock.yaml"

/* check.c: checks that a lockfile can hold all names, images and texts; ERROR_CONFLICT names the
 * first that is invalid or not UTF-8. Every writer and the reader call it. */
int lock_check(const Release *release, const char *environment, Error *err);

/* Writes the native format (relman-lock(5)). environment is NULL in a release's own lockfile. */
int lock_write_native(const Release *release, const char *environment, Buffer *out, Error *err);

/* Returns LOCKS/TENANT/KIND/NAME, to which each format adds its suffix; malloc()ed. */
#define LOCK_ROOM_RELEASES     "releases"
#define LOCK_ROOM_ENVIRONMENTS "environments"
#define LOCK_ROOM_STREAMS      "streams"
char *lock_stem(const char *folder, const char *tenant, const char *room, const char *name);

typedef struct Lock {
        Release release;
        const char *environment; /* NULL if none */
        const char *lock_digest;
} Lock;

/* Computes lock_digest from the other members. */
int lock_digest(Lock *lock, Arena *arena, Error *err);

/* Reads a native lockfile strictly and checks its digest. ERROR_INVALID: not a lockfile, or an
 * invalid field (with file:line:column). ERROR_HOSTILE: altered: its content does not match its
 * lockDigest, or it begins as a lockfile and does not end as one. */
int lock_read_native(const char *file, const char *data, size_t size, Arena *arena, Lock *ret,
                     Error *err);
