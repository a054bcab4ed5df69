#pragma once

/* Reads files with a limit and replaces them atomically.
 *
 * file_replace() writes a temporary file in the same folder (O_EXCL, O_NOFOLLOW), fsyncs it,
 * renames it over the target and fsyncs the folder. A reader sees the complete old or the complete
 * new file. After success the new one survives a power cut. If the new file cannot be written or
 * fsynced, the old one stays and the temporary one is removed. If the folder cannot be fsynced, the
 * new one stays with the sticky bit set, which marks it as not durable. A failed fsync is a failure
 * and is never retried, because the page may be lost; the next call writes the file again.
 * file_sweep() removes temporary files (".NAME.tmp.XXXXXX") of a killed process. */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* Reads a regular file of at most max bytes into malloc()ed memory with a NUL after it. Symbolic
 * links are followed; FIFOs, devices and folders are refused without blocking. */
int file_read(const char *path, size_t max, char **ret_data, size_t *ret_size, Error *err);

/* Same as file_read(), from an open file, which stays open. path is for messages. */
int file_read_open(int fd, const char *path, size_t max, char **ret_data, size_t *ret_size,
                   Error *err);

int file_replace(const char *path, const void *data, size_t size, mode_t mode, Error *err);

/* The readers of a file. */
typedef struct FileAccess {
        mode_t mode;
        uid_t owner; /* (uid_t)-1: unchanged */
        gid_t group; /* (gid_t)-1: unchanged */
} FileAccess;

#define FILE_ACCESS(mode_) (&(const FileAccess){ (mode_), (uid_t)-1, (gid_t)-1 })

/* Same as file_replace(), but does nothing if the file is durable and has the same bytes, mode and
 * owner. Returns 1 if it wrote, 0 if not. */
int file_update(const char *path, const void *data, size_t size, const FileAccess *access,
                Error *err);

/* Makes path a symbolic link to target, atomically. Returns 1 if there was no such link, or one
 * that may not be durable. Anything else than a link is left alone: -EEXIST. */
int file_link(const char *path, const char *target, Error *err);

/* Removes a file and fsyncs its folder. A missing file is no error. Returns 1 if it existed. */
int file_remove(const char *path, Error *err);

/* Fsyncs the folder of path, so that names made, changed or removed there are durable. */
int file_sync_folder(const char *path, Error *err);

/* Makes a folder and its parents, and fsyncs the parent of each. An existing folder is
 * unchanged. */
int file_make_folder(const char *path, mode_t mode, Error *err);
/* Same as file_make_folder(); the last folder gets this access if it is made. */
int file_make_folder_for(const char *path, const FileAccess *access, Error *err);

/* Removes left-over temporary files in one folder. */
int file_sweep(const char *folder, Error *err);

/* Takes an exclusive lock on path and writes our pid into it. Makes the file if it is missing. It
 * is an open file description lock: it ends with the process. If it is taken, returns -EWOULDBLOCK
 * and names the holder's pid. */
int file_lock(const char *path, int *ret_fd, Error *err);

/* Closes *fd if it is open and sets it to -1; for _cleanup_. */
void close_fd(int *fd);
