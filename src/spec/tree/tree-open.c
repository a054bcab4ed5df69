/* Opens files and folders of a spec tree. No link can lead out of the tree, even if it is made
 * between the check and the open. */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "spec/tree/tree.h"

/* Does the same as tree_open_beneath() without openat2(2): opens each folder of the path relative
 * to the folder before it. */
static int open_by_steps(int base_fd, const char *relative, int flags)
{
        _cleanup_(close_fd) int folder_fd = -1;
        const char *slash;

        for (; (slash = strchr(relative, '/')); relative = slash + 1) {
                char name[NAME_MAX + 1];
                size_t size = (size_t)(slash - relative);
                int fd;

                if (size >= sizeof(name))
                        return -ENAMETOOLONG;
                memcpy(name, relative, size);
                name[size] = '\0';
                if (streq(name, ".."))
                        return -EXDEV;
                fd = openat(folder_fd < 0 ? base_fd : folder_fd, name,
                            O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (fd < 0)
                        return -errno;
                close_fd(&folder_fd);
                folder_fd = fd;
        }
        if (streq(relative, ".."))
                return -EXDEV;
        flags = openat(folder_fd < 0 ? base_fd : folder_fd, relative, flags);
        return flags < 0 ? -errno : flags;
}

int tree_open_beneath(int base_fd, const char *relative, int flags)
{
        struct open_how how = { .flags = (unsigned)(flags | O_NOFOLLOW | O_CLOEXEC),
                                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
                                           RESOLVE_NO_MAGICLINKS };
        long fd = syscall(SYS_openat2, base_fd, relative, &how, sizeof(how));

        if (fd >= 0)
                return (int)fd;
        if (errno == ENOSYS ||
            errno == EPERM) /* an old kernel, or a container that forbids the system call */
                return open_by_steps(base_fd, relative, (int)how.flags);
        return -errno;
}

static const char *relative_to(const char *base, const char *real)
{
        size_t size = streq(base, "/") ? 0 : strlen(base);

        return real[size] == '/' && real[size + 1] ? real + size + 1 : ".";
}

int tree_open(const TreeFiles *files, const char *real, int flags)
{
        return tree_open_beneath(files->base_fd, relative_to(files->base, real), flags);
}

int tree_stat(const TreeFiles *files, const char *real, struct stat *ret)
{
        _cleanup_(close_fd) int fd = tree_open(files, real, O_PATH);

        if (fd < 0)
                return fd;
        return fstat(fd, ret) < 0 ? -errno : 0;
}

int tree_open_base(Arena *arena, TreeFiles *files)
{
        const int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

        files->base = files->real_root;
        files->base_fd = open(files->base, flags);
        if (files->base_fd < 0 && errno == ENOTDIR) {
                size_t size = (size_t)(strrchr(files->real_root, '/') - files->real_root);

                files->base = arena_strndup(arena, files->real_root, MAX(size, (size_t)1));
                if (!files->base)
                        return -ENOMEM;
                files->base_fd = open(files->base, flags);
        }
        if (files->base_fd < 0)
                return -errno;
        return tree_stat(files, files->real_root, &files->stat);
}

void tree_files_done(TreeFiles *files)
{
        close_fd(&files->base_fd);
}
