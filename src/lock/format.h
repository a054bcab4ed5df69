#pragma once

/* Writes lockfiles in the formats of other tools. A file of any format contains the lockDigest of
 * the native lockfile. The same release always gives the same bytes. Two components with the same
 * name in a format are an error. */

#include "base/digest.h"
#include "lock/lock.h"
#include "model/lock-format.h"

/* One file of a format. The formats kustomize and quadlet are folders of files. */
typedef struct LockFile {
        const char *name; /* path within the folder; "" if the format is a single file */
        const char *data;
        size_t size;
} LockFile;

typedef struct LockFiles {
        LockFile *items;
        size_t n;
} LockFiles;

/* Returns the suffix that follows the stem of a lockfile (lock_stem()), such as ".compose.yaml", or
 * ".quadlet" for a folder. */
const char *lock_format_suffix(LockFormat format);
bool lock_format_is_folder(LockFormat format);

/* True for formats that list the images that an environment admits. They contain lock->previous and
 * lock->allow_also, too. They need an environment. */
bool lock_format_is_admission(LockFormat format);

/* Computes a digest of all that the formats of admission are made from. */
void lock_admission_digest(const Lock *lock, char ret[DIGEST_SIZE_MAX]);

/* Writes the files of a format to *ret, allocated from the arena. Returns ERROR_CONFLICT if the
 * format cannot express this release. The message names the components and the next step. */
int lock_format_write(const Lock *lock, LockFormat format, Arena *arena, LockFiles *ret,
                      Error *err);

/* True if relmand wrote this content, in any format. */
bool lock_is_ours(const char *data, size_t size);
/* True if relmand wrote this content in a format other than the native one. */
bool lock_is_export(const char *data, size_t size);
/* True if data, which relmand wrote, is the lockfile of this environment. data must end with a
 * NUL. */
bool lock_is_of_environment(const char *data, const char *tenant, const char *environment);
