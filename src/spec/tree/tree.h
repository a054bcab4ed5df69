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
#include "spec/tree/git-head.h"

/* Identifies the bytes of a file, together with its path. */
typedef struct FileIdentity {
        struct stat stat;         /* of a file on disk */
        char blob[GIT_HEAD_SIZE]; /* the id of its bytes in Git; "": the file is on disk */
} FileIdentity;

typedef struct TreeFile {
        const char *path; /* for messages: the path of the tree as given, then the path below it */
        const char *real; /* the path without symbolic links */
        FileIdentity identity;
        size_t number;   /* for the source of the file */
        const char *why; /* why it cannot be read; NULL: it can */
        bool is_ours; /* the reason is a link that leads nowhere or out of the tree, not an error of
                         the system */
} TreeFile;

/* A folder that cannot be read, or a link that may have led to a folder. */
typedef struct TreeUnread {
        const char *path; /* ends with '/' */
        const char *why;
        bool is_ours;
} TreeUnread;

/* A folder or symbolic link that was followed. tree_check() examines it again. */
typedef struct TreeStep {
        const char *path; /* real path of a folder, or of the link itself */
        const char *real; /* previous target of a link; NULL: none */
        struct stat stat; /* state of a folder */
        bool is_link;
} TreeStep;

typedef struct TreeFiles {
        const char *root, *real_root;
        const char *base; /* the real root; if the root is a file, its folder */
        int base_fd;      /* O_PATH; -1: none */
        struct stat stat; /* state of the root */
        TreeFile *files;
        size_t n;
        Strings folders; /* folders that were read */
        TreeUnread *unread;
        size_t n_unread;
        TreeStep *steps;
        size_t n_steps;
        bool has_vanished; /* an entry was listed, but could not be found afterwards */
} TreeFiles;

typedef enum TreeChange {
        TREE_SAME,
        TREE_EDITED, /* names were added or removed meanwhile */
        TREE_MOVED,  /* a link has another target, or a file or folder was replaced */
} TreeChange;

/* A walk over the tree, in steps. Fails only if path itself cannot be read, or there are more than
 * SPEC_TREE_MAX files or SPEC_FOLDERS_MAX folders. Borrows arena and diags until it is freed. */
typedef struct TreeWalk TreeWalk;
int tree_walk_new(const char *path, Arena *arena, DiagList *diags, TreeWalk **ret, Error *err);
/* Works until the monotonic time `until`. Returns 1 if there is more to do; 0 with the files, which
 * are in the arena. The caller must end with tree_files_done(), which closes base_fd. */
int tree_walk_step(TreeWalk *walk, usec_t until, TreeFiles *ret, Error *err);
TreeWalk *tree_walk_free(TreeWalk *walk); /* safe on NULL */
DEFINE_FREEP(TreeWalk, tree_walk_free)

/* Closes base_fd. Safe on { .base_fd = -1 }. */
void tree_files_done(TreeFiles *files);

/* Reads a file that was found, into malloc()ed memory with a NUL after it. -ESTALE: the file was
 * replaced or written meanwhile. -EINVAL, -EFBIG: it cannot be a spec file. Other errors: the
 * system refused to read it. */
int tree_read(const TreeFiles *files, const TreeFile *file, char **ret_data, size_t *ret_size,
              Error *err);

/* Reports that a file is larger than SPEC_FILE_MAX. Returns -EFBIG. */
int tree_refuse_size(const char *path, Error *err);

/* Finds changes since the walk. Only if both checks around the reading of the files return
 * TREE_SAME, all files belong to one state of the tree. */
TreeChange tree_check(const TreeFiles *files);

/* Opens a path below a folder. Follows no symbolic link, not even in the middle of the path. A link
 * at the end can be opened with O_PATH. Adds O_NOFOLLOW and O_CLOEXEC to the flags. Returns the
 * descriptor or -errno; -ELOOP, -ENOTDIR: there is a link in the path. */
int tree_open_beneath(int base_fd, const char *relative, int flags);
/* Does the same as tree_open_beneath(), for a real path inside base. */
int tree_open(const TreeFiles *files, const char *real, int flags);
/* Calls lstat() for a real path inside base. Returns 0 or -errno. */
int tree_stat(const TreeFiles *files, const char *real, struct stat *ret);
/* Sets base, base_fd and stat from real_root. Returns 0 or -errno. */
int tree_open_base(Arena *arena, TreeFiles *files);

bool tree_is_same_inode(const struct stat *a, const struct stat *b);
/* Compares device, inode, size and times. */
bool tree_is_unchanged(const struct stat *a, const struct stat *b);
/* True if both are the same bytes. */
bool tree_is_same_file(const FileIdentity *a, const FileIdentity *b);
/* True if the open file is part of /proc or /sys. These contain no specs, are endless, and reading
 * some of their files has effects. */
bool tree_is_pseudo(int fd);
