/* Records a program's operations on the files below the folder $RECORD_ROOT, by LD_PRELOAD. The log
 * is $RECORD_LOG (oplog.h). Not part of the product. If the log is empty, the existing content of
 * the folder is recorded first. Otherwise the log is continued, so that several programs that run
 * one after the other share one log.
 *
 * An operation is recorded after it was performed. So the log has no operation that did not happen.
 * An answer to a client (OP_REPORT) is recorded before it is sent.
 *
 * Negative controls set $RECORD_SYNCHRONOUS, which replaces FULL in relmand's PRAGMA
 * synchronous. */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "oplog.h"

#define FDS_MAX     4096
#define PAGE        65536
#define REAL(name)  ((__typeof__(&name))real(#name))
#define HAS_MODE(f) (((f)&O_CREAT) || ((f)&O_TMPFILE) == O_TMPFILE)

static int log_fd = -1;
static char root[PATH_MAX];
static uint64_t nodes[FDS_MAX]; /* inode of each open descriptor; 0: not below the folder */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *real(const char *name)
{
        void *symbol = dlsym(RTLD_NEXT, name);

        if (!symbol)
                abort();
        return symbol;
}

/* --- log -------------------------------------------------------------------------------------- */

static void give_up(const char *why)
{
        perror(why);
        _exit(98);
}

static void put(OpHead head, const char *name, const char *new_name, const void *data)
{
        struct iovec parts[4];
        int saved = errno;
        ssize_t size;

        if (log_fd < 0)
                return;
        head.name_size = (uint32_t)strlen(name);
        head.new_name_size = (uint32_t)strlen(new_name);
        parts[0] = (struct iovec){ &head, sizeof(head) };
        parts[1] = (struct iovec){ (void *)(uintptr_t)name, head.name_size };
        parts[2] = (struct iovec){ (void *)(uintptr_t)new_name, head.new_name_size };
        parts[3] = (struct iovec){ (void *)(uintptr_t)data, head.data_size };
        size = (ssize_t)(sizeof(head) + head.name_size + head.new_name_size + head.data_size);
        (void)pthread_mutex_lock(&lock);
        if (writev(log_fd, parts, 4) != size)
                give_up("record: the log");
        (void)pthread_mutex_unlock(&lock);
        errno = saved;
}

/* --- paths and descriptors -------------------------------------------------------------------- */

typedef struct Place {
        uint64_t folder, node; /* inodes; node 0: the file does not exist */
        char name[NAME_MAX + 1];
} Place;

static int is_unrecorded(const char *name)
{
        size_t size = strlen(name), end = strlen(UNRECORDED_SUFFIX);

        return size >= end && strcmp(name + size - end, UNRECORDED_SUFFIX) == 0;
}

/* Returns the inode of an open file below the folder; 0 for all other files. */
static uint64_t node_of(int fd)
{
        char link[64], path[PATH_MAX];
        size_t size = strlen(root);
        struct stat st;
        ssize_t n;

        (void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
        n = readlink(link, path, sizeof(path) - 1);
        if (n < (ssize_t)size || memcmp(path, root, size) != 0 ||
            (n > (ssize_t)size && path[size] != '/'))
                return 0;
        path[n] = '\0';
        return is_unrecorded(path) || fstat(fd, &st) < 0 ? 0 : st.st_ino;
}

/* Returns 1 and sets *ret if the path is below the folder; otherwise returns 0. */
static int find(int folder, const char *path, Place *ret)
{
        const char *slash = strrchr(path, '/');
        char before[PATH_MAX];
        struct stat st;
        int fd, saved = errno;

        if (log_fd < 0 || is_unrecorded(path))
                return 0;
        (void)snprintf(before, sizeof(before), "%.*s", slash ? (int)(slash - path) + 1 : 1,
                       slash ? path : ".");
        (void)snprintf(ret->name, sizeof(ret->name), "%s", slash ? slash + 1 : path);
        fd = REAL(openat)(folder, before, O_PATH | O_DIRECTORY | O_CLOEXEC);
        ret->folder = fd >= 0 ? node_of(fd) : 0;
        ret->node = ret->folder && fstatat(fd, ret->name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_ino
                                                                                         : 0;
        if (fd >= 0)
                (void)REAL(close)(fd);
        errno = saved;
        return ret->folder != 0 && ret->name[0] != '\0';
}

/* Returns the recorded inode of a descriptor; 0 if it has none. Checks the inode again, because the
 * C library may have closed and reused the descriptor. */
static uint64_t open_node(int fd)
{
        int saved = errno;
        struct stat st;

        if (log_fd < 0 || fd < 0 || fd >= FDS_MAX || !nodes[fd])
                return 0;
        if (fstat(fd, &st) < 0 || st.st_ino != nodes[fd])
                nodes[fd] = 0;
        errno = saved;
        return nodes[fd];
}

/* --- opening ---------------------------------------------------------------------------------- */

static int opened(int fd, const Place *place, int flags)
{
        int saved = errno;
        struct stat st;

        if (fd < 0 || fd >= FDS_MAX || log_fd < 0)
                return fd;
        nodes[fd] = node_of(fd);
        if (nodes[fd] && (flags & O_CREAT) && !place->node && fstat(fd, &st) == 0)
                put((OpHead){ .kind = OP_CREATE,
                              .node = nodes[fd],
                              .folder = place->folder,
                              .at = st.st_mode & 07777 },
                    place->name, "", NULL);
        else if (nodes[fd] && (flags & O_TRUNC))
                put((OpHead){ .kind = OP_TRUNCATE, .node = nodes[fd] }, "", "", NULL);
        errno = saved;
        return fd;
}

static int open_at(int folder, const char *path, int flags, mode_t mode)
{
        Place place = { 0 };

        if (flags & O_CREAT)
                (void)find(folder, path, &place);
        return opened(REAL(openat)(folder, path, flags, mode), &place, flags);
}

static mode_t mode_of(int flags, va_list arguments)
{
        return HAS_MODE(flags) ? va_arg(arguments, mode_t) : 0;
}

#define DEFINE_OPEN(function, folder, ...)                                                         \
        int function(__VA_ARGS__, int flags, ...)                                                  \
        {                                                                                          \
                va_list arguments;                                                                 \
                mode_t mode;                                                                       \
                                                                                                   \
                va_start(arguments, flags);                                                        \
                mode = mode_of(flags, arguments);                                                  \
                va_end(arguments);                                                                 \
                return open_at(folder, path, flags, mode);                                         \
        }
DEFINE_OPEN(open, AT_FDCWD, const char *path)
DEFINE_OPEN(open64, AT_FDCWD, const char *path)
DEFINE_OPEN(openat, folder, int folder, const char *path)
DEFINE_OPEN(openat64, folder, int folder, const char *path)

/* Programs built with _FORTIFY_SOURCE call this for open() without a mode. */
int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags)
{
        return open_at(AT_FDCWD, path, flags, 0);
}

int __open64_2(const char *path, int flags);
int __open64_2(const char *path, int flags)
{
        return open_at(AT_FDCWD, path, flags, 0);
}

int __openat_2(int folder, const char *path, int flags);
int __openat_2(int folder, const char *path, int flags)
{
        return open_at(folder, path, flags, 0);
}

int close(int fd)
{
        if (fd >= 0 && fd < FDS_MAX)
                nodes[fd] = 0;
        return REAL(close)(fd);
}

/* --- writing ---------------------------------------------------------------------------------- */

static ssize_t written(int fd, const void *data, ssize_t n, off_t at)
{
        uint64_t node = n > 0 ? open_node(fd) : 0;

        if (node)
                put((OpHead){ .kind = OP_WRITE,
                              .node = node,
                              .at = (uint64_t)at,
                              .data_size = (uint32_t)n },
                    "", "", data);
        return n;
}

/* Returns the offset of the n bytes that were written last. */
static off_t end_of(int fd, ssize_t n)
{
        int saved = errno;
        off_t at = n > 0 && open_node(fd) ? lseek(fd, 0, SEEK_CUR) - n : 0;

        errno = saved;
        return at;
}

ssize_t write(int fd, const void *data, size_t size)
{
        ssize_t n = REAL(write)(fd, data, size);

        return written(fd, data, n, end_of(fd, n));
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
        return written(fd, data, REAL(pwrite)(fd, data, size, at), at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
        return written(fd, data, REAL(pwrite64)(fd, data, size, at), at);
}

/* Records n bytes that were copied from one file to another. Reads the bytes again from the
 * source. */
static void sent(int out, int in, ssize_t n)
{
        off_t from = lseek(in, 0, SEEK_CUR) - n, to = end_of(out, n);
        char data[PAGE];

        while (n > 0 && open_node(out)) {
                ssize_t size = pread(in, data, n < PAGE ? (size_t)n : PAGE, from);

                if (size <= 0)
                        give_up("record: what was sent");
                (void)written(out, data, size, to);
                from += size;
                to += size;
                n -= size;
        }
}

ssize_t sendfile(int out, int in, off_t *at, size_t size)
{
        ssize_t n = REAL(sendfile)(out, in, at, size);

        if (!at && open_node(out))
                sent(out, in, n);
        return n;
}

static int changed(int fd, int r, OpKind kind, uint64_t at)
{
        uint64_t node = r == 0 ? open_node(fd) : 0;

        if (node)
                put((OpHead){ .kind = kind, .node = node, .at = at }, "", "", NULL);
        return r;
}

int ftruncate(int fd, off_t size)
{
        return changed(fd, REAL(ftruncate)(fd, size), OP_TRUNCATE, (uint64_t)size);
}

int ftruncate64(int fd, off64_t size)
{
        return changed(fd, REAL(ftruncate64)(fd, size), OP_TRUNCATE, (uint64_t)size);
}

int fchmod(int fd, mode_t mode)
{
        return changed(fd, REAL(fchmod)(fd, mode), OP_MODE, mode);
}

int fsync(int fd)
{
        return changed(fd, REAL(fsync)(fd), OP_SYNC, SYNC_ALL);
}

int fdatasync(int fd)
{
        return changed(fd, REAL(fdatasync)(fd), OP_SYNC, SYNC_DATA);
}

/* --- names ------------------------------------------------------------------------------------ */

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
        Place old, new;
        int is_ours = find(from_folder, from, &old) && find(to_folder, to, &new);
        int r = REAL(renameat)(from_folder, from, to_folder, to);

        if (r == 0 && is_ours)
                put((OpHead){ .kind = OP_RENAME,
                              .node = old.node,
                              .folder = old.folder,
                              .new_folder = new.folder },
                    old.name, new.name, NULL);
        return r;
}

int rename(const char *from, const char *to)
{
        return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
        Place old, new;
        int is_ours = find(from_folder, from, &old) && find(to_folder, to, &new);
        int r = REAL(linkat)(from_folder, from, to_folder, to, flags);

        if (r == 0 && is_ours)
                put((OpHead){ .kind = OP_LINK, .node = old.node, .folder = new.folder }, new.name,
                    "", NULL);
        return r;
}

int link(const char *from, const char *to)
{
        return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int unlinkat(int folder, const char *path, int flags)
{
        Place place;
        int is_ours = find(folder, path, &place);
        int r = REAL(unlinkat)(folder, path, flags);

        if (r == 0 && is_ours)
                put((OpHead){ .kind = flags & AT_REMOVEDIR ? OP_RMDIR : OP_UNLINK,
                              .node = place.node,
                              .folder = place.folder },
                    place.name, "", NULL);
        return r;
}

int unlink(const char *path)
{
        return unlinkat(AT_FDCWD, path, 0);
}

int rmdir(const char *path)
{
        return unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int mkdirat(int folder, const char *path, mode_t mode)
{
        int r = REAL(mkdirat)(folder, path, mode);
        Place place;

        if (r == 0 && find(folder, path, &place))
                put((OpHead){ .kind = OP_MKDIR, .node = place.node, .folder = place.folder },
                    place.name, "", NULL);
        return r;
}

int mkdir(const char *path, mode_t mode)
{
        return mkdirat(AT_FDCWD, path, mode);
}

int symlinkat(const char *target, int folder, const char *path)
{
        int r = REAL(symlinkat)(target, folder, path);
        Place place;

        if (r == 0 && find(folder, path, &place))
                put((OpHead){ .kind = OP_SYMLINK,
                              .node = place.node,
                              .folder = place.folder,
                              .data_size = (uint32_t)strlen(target) },
                    place.name, "", target);
        return r;
}

int symlink(const char *target, const char *path)
{
        return symlinkat(target, AT_FDCWD, path);
}

/* --- commits and reports ---------------------------------------------------------------------- */

static void committed(sqlite3 *db)
{
        const char *path = sqlite3_db_filename(db, "main");
        const char *slash = path ? strrchr(path, '/') : NULL;

        put((OpHead){ .kind = OP_COMMIT }, slash ? slash + 1 : "", "", NULL);
}

int sqlite3_step(sqlite3_stmt *stmt)
{
        sqlite3 *db = sqlite3_db_handle(stmt);
        int was_outside = sqlite3_get_autocommit(db), r = REAL(sqlite3_step)(stmt);

        if (r == SQLITE_DONE && !was_outside && sqlite3_get_autocommit(db) &&
            strncmp(sqlite3_sql(stmt), "COMMIT", 6) == 0)
                committed(db);
        return r;
}

int sqlite3_exec(sqlite3 *db, const char *sql, int (*on_row)(void *, int, char **, char **),
                 void *userdata, char **ret_message)
{
        const char *level = getenv("RECORD_SYNCHRONOUS");
        char other[64];
        int r;

        if (level && strcmp(sql, "PRAGMA synchronous = FULL") == 0) {
                (void)snprintf(other, sizeof(other), "PRAGMA synchronous = %s", level);
                sql = other;
        }
        r = REAL(sqlite3_exec)(db, sql, on_row, userdata, ret_message);
        if (r == SQLITE_OK && strstr(sql, "COMMIT") && sqlite3_get_autocommit(db))
                committed(db);
        return r;
}

static void record_sent(const void *data, size_t size)
{
        static const char *const words[] = { REPORT_ANSWER, REPORT_EVENT };

        for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
                size_t n = strlen(words[i]);

                if (size > n && memcmp(data, words[i], n) == 0)
                        put((OpHead){ .kind = OP_REPORT, .data_size = (uint32_t)n }, "", "", data);
        }
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
        record_sent(data, size);
        return REAL(send)(fd, data, size, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
        if (message->msg_iovlen > 0)
                record_sent(message->msg_iov[0].iov_base, message->msg_iov[0].iov_len);
        return REAL(sendmsg)(fd, message, flags);
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
        if (n > 0 && fd != log_fd)
                record_sent(parts[0].iov_base, parts[0].iov_len);
        return REAL(writev)(fd, parts, n);
}

/* --- start of the program --------------------------------------------------------------------- */

static void record_folder(int folder, uint64_t node);

static void record_file(int folder, const char *name, uint64_t node)
{
        int fd = REAL(openat)(folder, name, O_RDONLY | O_CLOEXEC);
        char data[PAGE];
        OpHead head = { .kind = OP_WRITE, .node = node };
        ssize_t n;

        while ((n = read(fd, data, sizeof(data))) > 0) {
                head.data_size = (uint32_t)n;
                put(head, "", "", data);
                head.at += (uint64_t)n;
        }
        (void)REAL(close)(fd);
}

static void record_entry(int folder, uint64_t parent, const char *name)
{
        char target[PATH_MAX];
        OpHead head = { .folder = parent };
        struct stat st;
        ssize_t n;

        if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                give_up(name);
        head.node = st.st_ino;
        head.at = st.st_mode & 07777;
        head.kind = S_ISDIR(st.st_mode) ? OP_MKDIR : S_ISLNK(st.st_mode) ? OP_SYMLINK : OP_CREATE;
        n = S_ISLNK(st.st_mode) ? readlinkat(folder, name, target, sizeof(target)) : 0;
        head.data_size = (uint32_t)(n > 0 ? n : 0);
        put(head, name, "", target);
        if (head.kind == OP_CREATE)
                record_file(folder, name, head.node);
        else if (head.kind == OP_MKDIR)
                record_folder(REAL(openat)(folder, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                              head.node);
}

static void record_folder(int folder, uint64_t node)
{
        DIR *dir = fdopendir(folder);

        if (!dir)
                give_up(root);
        for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
                    !is_unrecorded(entry->d_name))
                        record_entry(folder, node, entry->d_name);
        (void)closedir(dir);
}

__attribute__((__constructor__)) static void begin(void)
{
        const char *path = getenv("RECORD_LOG"), *folder = getenv("RECORD_ROOT");
        struct stat st, of_root;
        int fd;

        if (!path || !folder || !realpath(folder, root))
                return;
        fd = REAL(open)(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        /* A high number keeps the descriptor of the log apart from those of the program. */
        log_fd = fcntl(fd, F_DUPFD_CLOEXEC, FDS_MAX / 4);
        if (log_fd < 0 || fstat(log_fd, &st) < 0 || stat(root, &of_root) < 0)
                give_up(path);
        (void)REAL(close)(fd);
        if (st.st_size > 0)
                return;
        put((OpHead){ .kind = OP_ROOT, .node = of_root.st_ino }, "", "", NULL);
        record_folder(REAL(open)(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), of_root.st_ino);
        put((OpHead){ .kind = OP_SETTLED }, "", "", NULL);
}
