#pragma once

/* Reads files up to a limit and replaces files atomically.
 *
 * file_replace() writes a temporary file in the same folder (O_EXCL, O_NOFOLLOW), fsyncs it,
 * renames it over the target and fsyncs the folder. A reader sees the complete old or the complete
 * new file. After success the new file survives a power cut. If the new file cannot be written or
 * fsynced, the old file stays and the temporary file is removed. If the folder cannot be fsynced,
 * the new file stays with the sticky bit set, which marks it as not durable. A failed fsync is not
 * retried, because the kernel may have dropped the data; the next call writes the file again.
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

/* The mode and the owner of a file, which decide who can read it. */
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

/* Makes path a symbolic link to target, atomically. Returns 0 if the link existed and was durable,
 * else 1. Returns -EEXIST if path exists and is not a link. */
int file_link(const char *path, const char *target, Error *err);

/* Removes a file and fsyncs its folder. Returns 1, or 0 if the file did not exist. */
int file_remove(const char *path, Error *err);

/* Fsyncs the folder that contains path, so that files created, renamed or removed in it are
 * durable. */
int file_sync_folder(const char *path, Error *err);

/* Makes a folder and its missing parents, and fsyncs the parent of each. Does not change an
 * existing folder. */
int file_make_folder(const char *path, mode_t mode, Error *err);
/* Same as file_make_folder(), but sets this access on the last folder of path if it did not exist.
 */
int file_make_folder_for(const char *path, const FileAccess *access, Error *err);

/* Removes left-over temporary files in one folder. */
int file_sweep(const char *folder, Error *err);

/* Takes an exclusive lock on path and writes the pid of this process into the file. Makes the file
 * if it is missing. The kernel releases the lock when *ret_fd is closed or the process ends (an
 * open file description lock). If another process has the lock, returns -EWOULDBLOCK; the message
 * contains the pid of that process. */
int file_lock(const char *path, int *ret_fd, Error *err);

/* Closes *fd if it is open and sets it to -1; for _cleanup_. */
void close_fd(int *fd);
