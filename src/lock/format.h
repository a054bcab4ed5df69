#pragma once

/* Lockfiles in the formats of other tools. Each is made from the native one, contains its
 * lockDigest, and is deterministic. If two components would have the same name in a format, that is
 * an error. */

#include "lock/lock.h"
#include "model/environment.h"

/* One file of a format. Multi-file formats (kustomize, quadlet) are folders. */
typedef struct LockFile {
        const char *name; /* within the folder; "" for a single file */
        const char *data;
        size_t size;
} LockFile;

typedef struct LockFiles {
        LockFile *items;
        size_t n;
} LockFiles;

/* Returns the suffix after a lockfile's stem: ".compose.yaml"; for a folder ".quadlet". */
const char *lock_format_suffix(LockFormat format);
bool lock_format_is_folder(LockFormat format);

/* ERROR_CONFLICT if the format cannot hold this release: names the components and the next step. */
int lock_format_write(const Lock *lock, LockFormat format, Arena *arena, LockFiles *ret,
                      Error *err);

/* True if relmand wrote this content, in any format. */
bool lock_is_ours(const char *data, size_t size);
/* True if relmand wrote it in a format other than the native one. */
bool lock_is_export(const char *data, size_t size);
/* True if such a file is of this environment. data ends with a NUL. */
bool lock_is_of_environment(const char *data, const char *tenant, const char *environment);
