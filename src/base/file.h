#pragma once

/* Whole files: read with a limit, replaced atomically.
 *
 * file_replace() writes a temporary file in the same folder (O_EXCL, O_NOFOLLOW), fsyncs it,
 * renames it over the target and fsyncs the folder. A reader sees the old or the new file, whole;
 * after success the new one survives a power cut. If the new file cannot be written or fsynced the
 * old one stands and the temporary one is removed; if the folder cannot be fsynced the new one
 * stands, but with the sticky bit, which says that it may not last. A failed fsync is a failure and
 * is never tried again: the page may be lost, so the next try writes it anew. Left-over temporary
 * files (".NAME.tmp.XXXXXX") of a killed process are removed by file_sweep(). */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* Reads a regular file of at most max bytes into malloc()ed memory with a NUL after it. Symbolic
 * links are followed; FIFOs, devices and folders are refused without blocking. */
int file_read(const char *path, size_t max, char **ret_data, size_t *ret_size, Error *err);

/* The same from a file that is open, which stays open; path is for messages. */
int file_read_open(int fd, const char *path, size_t max, char **ret_data, size_t *ret_size,
                   Error *err);

int file_replace(const char *path, const void *data, size_t size, mode_t mode, Error *err);

/* Who may read a file. */
typedef struct FileAccess {
        mode_t mode;
        uid_t owner; /* (uid_t)-1: as it comes */
        gid_t group; /* likewise */
} FileAccess;

#define FILE_ACCESS(mode_) (&(const FileAccess){ (mode_), (uid_t)-1, (gid_t)-1 })

/* The same, but leaves a file alone whose bytes, mode and owner are equal and that is durable.
 * Returns 1 if it wrote, 0 if not. */
int file_update(const char *path, const void *data, size_t size, const FileAccess *access,
                Error *err);

/* Makes path a symbolic link to target, atomically. Returns 1 if it was another, or none, or one
 * not known to be durable; what is no link there is left alone: -EEXIST. */
int file_link(const char *path, const char *target, Error *err);

/* Removes a file and fsyncs its folder. A missing one is no error. Returns 1 if it was there. */
int file_remove(const char *path, Error *err);

/* Makes names that were made, changed or removed beside path durable: fsyncs its folder. */
int file_sync_folder(const char *path, Error *err);

/* Makes a folder and its parents, and fsyncs the folder that each is made in; one that is there
 * stays as it is. */
int file_make_folder(const char *path, mode_t mode, Error *err);
/* Of the folders made, the last gets this access. */
int file_make_folder_for(const char *path, const FileAccess *access, Error *err);

/* Removes left-over temporary files in one folder. */
int file_sweep(const char *folder, Error *err);

/* Takes an exclusive lock (open file description lock: it dies with the process) on path, made if
 * missing, and writes our pid into it. -EWOULDBLOCK, naming the holder's pid, if it is taken. */
int file_lock(const char *path, int *ret_fd, Error *err);

/* Closes *fd if it is open, and sets it to -1; for _cleanup_. */
void close_fd(int *fd);
