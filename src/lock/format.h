#pragma once

/* The same lock in the formats that other tools read. Each is made from the native one, names its
 * lockDigest, and is deterministic like it. What a format cannot say truly is an error: two
 * components that would stand for the same image there, never the last one of them. */

#include "lock/lock.h"
#include "model/environment.h"

/* One file of a format. Formats of several files (kustomize, quadlet) are folders. */
typedef struct LockFile {
        const char *name; /* within the folder; "" where the format is one file */
        const char *data;
        size_t size;
} LockFile;

typedef struct LockFiles {
        LockFile *items;
        size_t n;
} LockFiles;

/* What stands behind a lockfile's stem: ".compose.yaml"; for a folder ".quadlet". */
const char *lock_format_suffix(LockFormat format);
bool lock_format_is_folder(LockFormat format);

/* ERROR_CONFLICT if the format cannot hold this release: names the components and the way out. */
int lock_format_write(const Lock *lock, LockFormat format, Arena *arena, LockFiles *ret,
                      Error *err);

/* How the line begins that says of which environment a file is; TENANT/NAME follows. */
#define LOCK_MARK_WORDS "# environment: "

/* True for the content of a file that relmand wrote, in any format. */
bool lock_is_ours(const char *data, size_t size);
