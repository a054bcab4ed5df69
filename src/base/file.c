#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY_MARK ".tmp."

static int failed(Error *err, const char *doing, const char *path)
{
        int code = -errno;

        return error_set(err, ERROR_INTERNAL, code, "cannot %s '%s': %s", doing, path,
                         strerror(-code));
}

void close_fd(int *fd)
{
        if (*fd >= 0)
                /* a failure is harmless: data that must be durable is already synced */
                (void)close(*fd);
        *fd = -1;
}

/* --- reading ---------------------------------------------------------------------------------- */

static int check_regular(int fd, const char *path, size_t max, size_t *ret_size, Error *err)
{
        struct stat st;

        if (fstat(fd, &st) < 0)
                return failed(err, "read", path);
        if (!S_ISREG(st.st_mode))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "cannot read '%s': not a regular file", path);
        if ((uint64_t)st.st_size > max)
                return error_set(err, ERROR_INVALID, -EFBIG,
                                 "cannot read '%s': %lld bytes, more than the %zu allowed", path,
                                 (long long)st.st_size, max);
        *ret_size = (size_t)st.st_size;
        return 0;
}

/* Reads to the end of the file, which may have grown since its size was read. */
static int read_all(int fd, const char *path, size_t max, char **data, size_t *size, Error *err)
{
        size_t capacity = *size + 1, used = 0;

        for (;;) {
                _cleanup_(freep) char *larger = realloc(*data, capacity + 1);
                ssize_t n;

                if (!larger)
                        return error_oom(err);
                *data = TAKE(larger);
                n = read(fd, *data + used, capacity - used);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return failed(err, "read", path);
                used += (size_t)n;
                if (used > max)
                        return error_set(err, ERROR_INVALID, -EFBIG,
                                         "cannot read '%s': more than the %zu bytes allowed", path,
                                         max);
                if (n == 0)
                        break;
                if (used == capacity)
                        capacity = MIN(capacity * 2, max + 1);
        }
        (*data)[used] = '\0';
        *size = used;
        return 0;
}

int file_read_open(int fd, const char *path, size_t max, char **ret_data, size_t *ret_size,
                   Error *err)
{
        _cleanup_(freep) char *data = NULL;
        size_t size = 0;
        int r;

        r = check_regular(fd, path, max, &size, err);
        if (r >= 0)
                r = read_all(fd, path, max, &data, &size, err);
        if (r < 0)
                return r;
        *ret_data = TAKE(data);
        *ret_size = size;
        return 0;
}

int file_read(const char *path, size_t max, char **ret_data, size_t *ret_size, Error *err)
{
        _cleanup_(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

        if (fd < 0) {
                int code = -errno;

                return error_set(err, code == -ENOENT ? ERROR_NOT_FOUND : ERROR_INVALID, code,
                                 "cannot read '%s': %s", path, strerror(-code));
        }
        return file_read_open(fd, path, max, ret_data, ret_size, err);
}

/* --- replacing -------------------------------------------------------------------------------- */

/* Splits a path into its folder and its name. *ret_name points into path. */
static int split(const char *path, char ret_folder[PATH_MAX], const char **ret_name, Error *err)
{
        const char *slash = strrchr(path, '/');
        size_t size = slash ? (size_t)(slash - path) : 0;

        if (size >= PATH_MAX)
                return error_set(err, ERROR_INVALID, -ENAMETOOLONG, "path is too long: '%s'", path);
        if (!slash)
                (void)snprintf(ret_folder, PATH_MAX, ".");
        else if (size == 0)
                (void)snprintf(ret_folder, PATH_MAX, "/");
        else
                (void)snprintf(ret_folder, PATH_MAX, "%.*s", (int)size, path);
        *ret_name = slash ? slash + 1 : path;
        return 0;
}

static int open_folder(const char *path, const char **ret_name, Error *err)
{
        char folder[PATH_MAX];
        int fd, r;

        r = split(path, folder, ret_name, err);
        if (r < 0)
                return r;
        fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? failed(err, "open folder", folder) : fd;
}

/* True if an owner or a group is given. Otherwise chown() must not be called: the sandbox of the
 * systemd unit refuses even a chown() that changes nothing. */
static bool gives_away(const FileAccess *access)
{
        return access->owner != (uid_t)-1 || access->group != (gid_t)-1;
}

static int write_all(int fd, const void *data, size_t size)
{
        const char *p = data;

        while (size > 0) {
                ssize_t n = write(fd, p, size);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                p += n;
                size -= (size_t)n;
        }
        return 0;
}

/* Marks a file whose folder is not synced yet. This is the sticky bit, which has no other meaning
 * on a file. If the sync of the folder fails, or the process is killed before, the bit stays. The
 * next file_update() then writes the file again. Only to repeat the fsync() is not enough: it may
 * succeed although the first one lost the data. */
#define MODE_UNSYNCED ((mode_t)S_ISVTX)

/* Writes the new file and syncs it. Sets the mode with fchmod(), so that the umask does not
 * restrict it. */
static int fill(int fd, const void *data, size_t size, const FileAccess *access)
{
        int r;

        r = write_all(fd, data, size);
        if (r < 0)
                return r;
        if ((gives_away(access) && fchown(fd, access->owner, access->group) < 0) ||
            fchmod(fd, access->mode | MODE_UNSYNCED) < 0 || fsync(fd) < 0)
                return -errno;
        return 0;
}

static int make_temporary(int folder, const char *name, char ret_name[NAME_MAX + 1])
{
        for (int i = 0; i < 100; i++) {
                uint64_t random = 0;
                int fd;

                /* O_EXCL ensures that the name is unique; the random suffix only makes collisions
                 * rare */
                (void)!getrandom(&random, sizeof(random), 0);
                if (snprintf(ret_name, NAME_MAX + 1, ".%.200s" TEMPORARY_MARK "%06llx", name,
                             (unsigned long long)(random & 0xffffff)) > NAME_MAX)
                        return -ENAMETOOLONG;
                fd = openat(folder, ret_name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                            0600);
                if (fd >= 0)
                        return fd;
                if (errno != EEXIST)
                        return -errno;
        }
        return -EEXIST;
}

static int write_and_rename(int folder, const char *name, const void *data, size_t size,
                            const FileAccess *access)
{
        char temporary[NAME_MAX + 1];
        _cleanup_(close_fd) int fd = make_temporary(folder, name, temporary);
        int r;

        if (fd < 0)
                return fd;
        r = fill(fd, data, size, access);
        if (r >= 0 && renameat(folder, temporary, folder, name) < 0)
                r = -errno;
        if (r < 0) {
                (void)unlinkat(folder, temporary, 0); /* the first failure is already reported */
                return r;
        }
        return fsync(folder) < 0 || fchmod(fd, access->mode) < 0 ? -errno : 0;
}

static int replace(const char *path, const void *data, size_t size, const FileAccess *access,
                   Error *err)
{
        const char *name;
        _cleanup_(close_fd) int folder = open_folder(path, &name, err);
        int r;

        if (folder < 0)
                return folder;
        r = write_and_rename(folder, name, data, size, access);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "cannot write '%s': %s", path,
                                 strerror(-r));
        return 0;
}

int file_replace(const char *path, const void *data, size_t size, mode_t mode, Error *err)
{
        return replace(path, data, size, FILE_ACCESS(mode), err);
}

static bool has_access(const char *path, const FileAccess *access)
{
        struct stat st;

        return stat(path, &st) == 0 && (st.st_mode & 07777) == access->mode &&
               (access->owner == (uid_t)-1 || st.st_uid == access->owner) &&
               (access->group == (gid_t)-1 || st.st_gid == access->group);
}

int file_update(const char *path, const void *data, size_t size, const FileAccess *access,
                Error *err)
{
        _cleanup_(freep) char *old = NULL;
        _cleanup_(error_done) Error unread = { 0 };
        size_t old_size;
        int r;

        if (file_read(path, size, &old, &old_size, &unread) >= 0 && old_size == size &&
            memcmp(old, data, size) == 0 && has_access(path, access))
                return 0;
        r = replace(path, data, size, access, err);
        return r < 0 ? r : 1;
}

/* Makes a symbolic link. Replaces a left-over link with the same name. */
static int link_replace(int folder, const char *name, const char *target)
{
        if (unlinkat(folder, name, 0) < 0 && errno != ENOENT)
                return -errno;
        return symlinkat(target, folder, name) < 0 ? -errno : 0;
}

/* A link has no mode bits, so it cannot have MODE_UNSYNCED. Instead, a second link in the same
 * folder, the mark, exists until the link is durable. */
int file_link(const char *path, const char *target, Error *err)
{
        char old[PATH_MAX], mark[NAME_MAX + 1], temporary[NAME_MAX + 1];
        const char *name;
        _cleanup_(close_fd) int folder = open_folder(path, &name, err);
        ssize_t n;

        if (folder < 0)
                return folder;
        (void)snprintf(mark, sizeof(mark), ".%.200s" TEMPORARY_MARK "mark", name);
        (void)snprintf(temporary, sizeof(temporary), ".%.200s" TEMPORARY_MARK "link", name);
        n = readlinkat(folder, name, old, sizeof(old) - 1);
        if (n < 0 && errno != ENOENT) {
                errno = errno == EINVAL ? EEXIST : errno;
                return failed(err, "link", path);
        }
        if (n == (ssize_t)strlen(target) && memcmp(old, target, (size_t)n) == 0 &&
            readlinkat(folder, mark, old, sizeof(old)) < 0)
                return 0;
        if (link_replace(folder, mark, target) < 0 || link_replace(folder, temporary, target) < 0 ||
            renameat(folder, temporary, folder, name) < 0 || fsync(folder) < 0 ||
            unlinkat(folder, mark, 0) < 0)
                return failed(err, "link", path);
        return 1;
}

int file_sync_folder(const char *path, Error *err)
{
        const char *name;
        _cleanup_(close_fd) int folder = open_folder(path, &name, err);

        if (folder < 0)
                return folder;
        return fsync(folder) < 0 ? failed(err, "sync the folder of", path) : 0;
}

int file_remove(const char *path, Error *err)
{
        _cleanup_(error_done) Error unopened = { 0 };
        const char *name;
        _cleanup_(close_fd) int folder = open_folder(path, &name, &unopened);

        if (folder == -ENOENT)
                return 0;
        if (folder < 0) {
                error_move(err, &unopened);
                return folder;
        }
        if (unlinkat(folder, name, 0) < 0)
                return errno == ENOENT ? 0 : failed(err, "remove", path);
        return fsync(folder) < 0 ? failed(err, "remove", path) : 1;
}

/* --- folders ---------------------------------------------------------------------------------- */

/* Makes one folder and fsyncs its parent. Returns 1, or 0 if the folder exists. If the fsync fails,
 * removes the folder: otherwise the next run would not fsync the parent of an existing folder. */
static int make_one(const char *path, mode_t mode, Error *err)
{
        struct stat st;
        int r;

        if (mkdir(path, mode) < 0)
                return errno == EEXIST || (errno == EROFS && stat(path, &st) == 0)
                               ? 0
                               : failed(err, "make folder", path);
        r = file_sync_folder(path, err);
        if (r < 0)
                (void)rmdir(path); /* the first failure is already reported */
        return r < 0 ? r : 1;
}

static int give_away(const char *path, const FileAccess *access, Error *err)
{
        int r = 0;

        if (chown(path, access->owner, access->group) < 0 || chmod(path, access->mode) < 0) {
                r = failed(err, "make folder", path);
                (void)rmdir(path); /* the first failure is already reported */
        }
        return r;
}

int file_make_folder_for(const char *path, const FileAccess *access, Error *err)
{
        char prefix[PATH_MAX];
        size_t size = strlen(path);
        struct stat st;
        int r = 0;

        if (size >= sizeof(prefix))
                return error_set(err, ERROR_INVALID, -ENAMETOOLONG, "path is too long: '%s'", path);
        for (size_t i = 1; i <= size; i++) {
                if (i < size && path[i] != '/')
                        continue;
                memcpy(prefix, path, i);
                prefix[i] = '\0';
                r = make_one(prefix, access->mode, err);
                if (r < 0)
                        return r;
        }
        if (r > 0 && gives_away(access))
                r = give_away(path, access, err);
        if (r < 0)
                return r;
        if (stat(path, &st) < 0)
                return failed(err, "make folder", path);
        if (!S_ISDIR(st.st_mode))
                return error_set(err, ERROR_INVALID, -ENOTDIR, "'%s' is not a folder", path);
        return 0;
}

int file_make_folder(const char *path, mode_t mode, Error *err)
{
        return file_make_folder_for(path, FILE_ACCESS(mode), err);
}

int file_sweep(const char *folder, Error *err)
{
        DIR *dir = opendir(folder);
        int r = 0;

        if (!dir)
                return errno == ENOENT ? 0 : failed(err, "read folder", folder);
        for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
                if (entry->d_name[0] != '.' || !strstr(entry->d_name, TEMPORARY_MARK))
                        continue;
                if (unlinkat(dirfd(dir), entry->d_name, 0) < 0 && errno != ENOENT && r == 0)
                        r = failed(err, "remove left-over file in", folder);
        }
        (void)closedir(dir); /* cannot fail: the folder was only read */
        return r;
}

/* --- locking ---------------------------------------------------------------------------------- */

static int refuse_locked(int fd, const char *path, Error *err)
{
        char pid[24] = "";
        ssize_t n = pread(fd, pid, sizeof(pid) - 1, 0);

        pid[n > 0 ? strcspn(pid, "\n") : 0] = '\0';
        return error_set(err, ERROR_CONFLICT, -EWOULDBLOCK,
                         "'%s' is locked by another process%s%s; stop that one first", path,
                         pid[0] ? ", pid " : "", pid);
}

int file_lock(const char *path, int *ret_fd, Error *err)
{
        _cleanup_(close_fd) int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
        char pid[24];
        int size;

        if (fd < 0 && errno == ENOENT) {
                const char *slash = strrchr(path, '/');

                return error_set(err, ERROR_INVALID, -ENOENT,
                                 "the folder '%.*s' does not exist; make it, or name another place",
                                 slash ? (int)(slash - path) : 1, slash ? path : ".");
        }
        if (fd < 0)
                return failed(err, "lock", path);
        if (fcntl(fd, F_OFD_SETLK, &lock) < 0)
                return errno == EAGAIN || errno == EACCES ? refuse_locked(fd, path, err)
                                                          : failed(err, "lock", path);
        size = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
        /* the pid is only for messages, so a failure to write it is ignored */
        if (ftruncate(fd, 0) == 0)
                (void)!pwrite(fd, pid, (size_t)size, 0);
        *ret_fd = TAKE_FD(fd);
        return 0;
}
