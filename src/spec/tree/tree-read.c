/* Reads the files that a walk over the tree found, and checks whether the tree has changed
 * since. */

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/statfs.h>

#include "base/file.h"
#include "base/limits.h"
#include "spec/tree/tree.h"

bool tree_is_same_inode(const struct stat *a, const struct stat *b)
{
        return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

bool tree_is_unchanged(const struct stat *a, const struct stat *b)
{
        return tree_is_same_inode(a, b) && a->st_size == b->st_size &&
               a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
               a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

bool tree_is_same_file(const FileIdentity *a, const FileIdentity *b)
{
        if (a->blob[0] || b->blob[0])
                return streq(a->blob, b->blob);
        return tree_is_unchanged(&a->stat, &b->stat);
}

bool tree_is_pseudo(int fd)
{
        struct statfs fs;

        return fstatfs(fd, &fs) == 0 && (fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC);
}

int tree_refuse_size(const char *path, Error *err)
{
        return error_set(err, ERROR_INVALID, -EFBIG,
                         "cannot read '%s': a file of specs has at most %d bytes, and this one has "
                         "more; split it into several files",
                         path, SPEC_FILE_MAX);
}

int tree_read(const TreeFiles *files, const TreeFile *file, char **ret_data, size_t *ret_size,
              Error *err)
{
        _cleanup_(close_fd) int fd = -1;
        _cleanup_(freep) char *data = NULL;
        struct stat st;
        int r;

        if (file->why)
                return error_set(err, ERROR_INVALID, file->is_ours ? -EINVAL : -EACCES,
                                 "cannot read '%s': %s", file->path, file->why);
        if (!S_ISREG(file->identity.stat.st_mode))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "cannot read '%s': not a regular file", file->path);
        fd = tree_open(files, file->real, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
                return error_set(err, ERROR_INVALID, -ESTALE, "cannot read '%s': %s", file->path,
                                 strerror(-fd));
        r = fd < 0 ? fd : fstat(fd, &st) < 0 ? -errno : 0;
        if (r < 0)
                return error_set(err, ERROR_INVALID, r, "cannot read '%s': %s", file->path,
                                 strerror(-r));
        if (tree_is_same_inode(&st, &file->identity.stat) && tree_is_pseudo(fd))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "cannot read '%s': it is part of /proc or /sys", file->path);
        r = tree_is_unchanged(&st, &file->identity.stat)
                    ? file_read_open(fd, file->path, SPEC_FILE_MAX, &data, ret_size, err)
                    : -ESTALE;
        if (r >= 0 && (fstat(fd, &st) < 0 || !tree_is_unchanged(&st, &file->identity.stat)))
                r = -ESTALE;
        if (r == -EFBIG) {
                error_done(err); /* replaces the message of the reader */
                return tree_refuse_size(file->path, err);
        }
        if (r == -ESTALE)
                return error_set(err, ERROR_INVALID, r,
                                 "cannot read '%s': it changed while the specs were read",
                                 file->path);
        if (r < 0)
                return r;
        *ret_data = TAKE(data);
        return 0;
}

static TreeChange check_step(const TreeFiles *files, const TreeStep *step)
{
        _cleanup_(freep) char *real = NULL;
        struct stat st;

        if (step->is_link) {
                real = realpath(step->path, NULL);
                return str_equal(real, step->real) ? TREE_SAME : TREE_MOVED;
        }
        if (tree_stat(files, step->path, &st) < 0 || !tree_is_same_inode(&st, &step->stat))
                return TREE_MOVED;
        return tree_is_unchanged(&st, &step->stat) ? TREE_SAME : TREE_EDITED;
}

TreeChange tree_check(const TreeFiles *files)
{
        _cleanup_(freep) char *real = realpath(files->root, NULL);
        TreeChange worst = TREE_SAME;
        struct stat st;

        if (!str_equal(real, files->real_root) || lstat(real, &st) < 0 ||
            !tree_is_same_inode(&st, &files->stat) || files->has_vanished)
                return TREE_MOVED;
        for (size_t i = 0; i < files->n_steps && worst < TREE_MOVED; i++) {
                TreeChange change = check_step(files, &files->steps[i]);

                worst = MAX(worst, change);
        }
        return worst;
}
