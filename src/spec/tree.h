#pragma once

/* Finds spec files: every *.yaml and *.yml under a path, in a fixed order. Names that begin with
 * '.' are skipped. Each folder is read once, by device and inode, whatever ways lead to it.
 *
 * The path is resolved once. Symbolic links below it are followed, to files and to folders, as long
 * as they stay inside the resolved folder; those that leave it are reported and never opened.
 *
 * The resolved folder is opened once. Every file and folder is opened by its real path, beneath
 * that open folder and through no link, and must be the one that was found there: a folder that is
 * replaced with a link at any moment leads nowhere. What cannot be read is listed, so that the
 * caller keeps what it declared before. */

#include <sys/stat.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "base/map.h"
#include "base/time.h"
#include "model/object.h"

typedef struct TreeFile {
        const char *path; /* for messages: the path as given, then the way from there */
        const char *real; /* without symbolic links */
        struct stat stat;
        const char *why; /* it cannot be read; NULL: it may be */
        bool is_ours;    /* the link leads nowhere or outside: nothing the system refused */
} TreeFile;

/* A folder that cannot be read, or a link that may have led to one. */
typedef struct TreeUnread {
        const char *path; /* with '/' at its end */
        const char *why;
        bool is_ours;
} TreeUnread;

/* A folder or symbolic link that was followed, for tree_check(). */
typedef struct TreeStep {
        const char *path; /* a folder: its real path; a link: where it stands */
        const char *real; /* of a link: where it led; NULL: nowhere */
        struct stat stat; /* of a folder */
        bool is_link;
} TreeStep;

typedef struct TreeFiles {
        const char *root, *real_root;
        const char *base; /* the real root, or the folder of a root that is a file */
        int base_fd;      /* O_PATH; -1: none */
        struct stat stat; /* of the root */
        TreeFile *files;
        size_t n;
        Strings folders; /* that were read */
        TreeUnread *unread;
        size_t n_unread;
        TreeStep *steps;
        size_t n_steps;
        bool has_vanished; /* something was listed, and was not there any more */
} TreeFiles;

typedef enum TreeChange {
        TREE_SAME,
        TREE_EDITED, /* names were added or removed meanwhile */
        TREE_MOVED,  /* a link leads elsewhere, or a folder or file is another one */
} TreeChange;

/* A walk over the tree, in steps. Fails only if path itself cannot be read, or there are more than
 * SPEC_TREE_MAX files or SPEC_FOLDERS_MAX folders. Borrows arena and diags until it is freed. */
typedef struct TreeWalk TreeWalk;
int tree_walk_new(const char *path, Arena *arena, DiagList *diags, TreeWalk **ret, Error *err);
/* Works until the monotonic time until. Returns 1 if there is more to do; 0 with the files, which
 * live in the arena, except base_fd: call tree_files_done(). */
int tree_walk_step(TreeWalk *walk, usec_t until, TreeFiles *ret, Error *err);
TreeWalk *tree_walk_free(TreeWalk *walk); /* safe on NULL */
DEFINE_FREEP(TreeWalk, tree_walk_free)

/* Closes base_fd. Safe on { .base_fd = -1 }. */
void tree_files_done(TreeFiles *files);

/* The bytes of a file that was found, malloc()ed, with a NUL after them. -ESTALE: another file is
 * there now, or it was written meanwhile; -EINVAL, -EFBIG: it is none that specs may be; all else:
 * the system refuses to read it. */
int tree_read(const TreeFiles *files, const TreeFile *file, char **ret_data, size_t *ret_size,
              Error *err);

/* Finds changes since the walk: only files that were read between the two, with TREE_SAME, are of
 * one tree. */
TreeChange tree_check(const TreeFiles *files);

/* Opens a path beneath a folder. Follows no symbolic link, not even in the middle of the path. A
 * link at the end can be opened with O_PATH. O_NOFOLLOW and O_CLOEXEC are added to the flags.
 * Returns the descriptor or -errno; -ELOOP, -ENOTDIR: there is a link in the path. */
int tree_open_beneath(int base_fd, const char *relative, int flags);
/* The same for a real path inside base. */
int tree_open(const TreeFiles *files, const char *real, int flags);
/* lstat() of a real path inside base. 0 or -errno. */
int tree_stat(const TreeFiles *files, const char *real, struct stat *ret);
/* Sets base, base_fd and stat from real_root. 0 or -errno. */
int tree_open_base(Arena *arena, TreeFiles *files);

bool tree_is_same_inode(const struct stat *a, const struct stat *b);
/* By device, inode, size and times. */
bool tree_is_unchanged(const struct stat *a, const struct stat *b);
/* The open file is part of /proc or /sys: they hold no specs, never end, and their files do things
 * when they are read. */
bool tree_is_pseudo(int fd);
