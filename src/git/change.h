#pragma once

/* The files of a branch that commits change: where git finds them, and what the commits make of
 * them. Pure. */

#include "base/buffer.h"
#include "git/git.h"

/* A file of the branch before the first new commit. */
typedef struct BranchFile {
        const char *path;
        char id[GIT_COMMIT_MAX]; /* of its bytes; "": it cannot be changed */
        const char *fault;       /* why not; NULL: the branch does not have it */
        bool is_executable;
        const char *data;
        size_t size;
} BranchFile;

typedef struct BranchFiles {
        BranchFile *items; /* sorted by path */
        size_t n;
} BranchFiles;

/* Finds the files that the commits change. Returns 0 or -ENOMEM. */
int change_find_files(const GitCommits *commits, Arena *arena, BranchFiles *ret);

/* Reads the output of git ls-tree -z. */
void change_read_tree(const BranchFiles *files, const char *output, size_t size);
/* Appends the input of git cat-file --batch. Returns 0 or the buffer's failure. */
int change_request(const BranchFiles *files, Buffer *out);
/* Reads its output. Returns 0, -ENOMEM, or -EBADMSG if it has another form. */
int change_read_blobs(const BranchFiles *files, const char *output, size_t size, Arena *arena);

/* Makes the changed files of all commits, each from those of the commits before it. A commit whose
 * files cannot be made gets a problem, and leaves the files unchanged for the next one. Returns 0
 * or -ENOMEM. */
int change_make(const GitCommits *commits, const BranchFiles *files, Arena *arena);

/* Maximum size of all files of a push that commits change. */
#define CHANGE_MAX ((size_t)16 * 1024 * 1024)
