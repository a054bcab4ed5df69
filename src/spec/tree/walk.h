#pragma once

/* State of a walk over the tree, shared by tree.c, which finds files, and tree-walk.c. */

#include "base/limits.h"
#include "spec/tree/tree.h"

/* A symbolic link that was found. Links are followed after all real folders were read. */
typedef struct Link {
        const char *path, *real; /* real: path of the link itself, not of its target */
        const char *name;        /* the last part of path */
        size_t depth;
} Link;

/* A folder whose entries are being read. */
typedef struct Folder {
        const char *path, *real;
        Strings names;
        size_t at;    /* index of the next entry */
        size_t depth; /* depth of the entries */
} Folder;

typedef enum WalkStage {
        WALK_FOLDERS,
        WALK_FILES, /* records all files, so that a link to one of them is skipped */
        WALK_LINKS,
        WALK_DONE,
} WalkStage;

struct TreeWalk {
        Arena *arena;
        DiagList *diags;
        TreeFiles found;
        size_t files_capacity, folders_capacity, unread_capacity, steps_capacity;
        Link *links;
        size_t n_links, links_capacity;
        Map seen; /* "device:inode" of folders, and of files once links are followed */
        size_t depth, n_entries;
        const char *too_many; /* after -E2BIG: a word that says what there are too many of */
        Folder stack[SPEC_DEPTH_MAX];
        size_t n_stack;
        WalkStage stage;
        size_t at;       /* index in the stage: a file or a link */
        size_t n_own;    /* number of files that were found without a link */
        bool is_settled; /* the results are in the arena */
};

/* Adds the root. -E2BIG: there are too many files or folders (walk->too_many); -ENOMEM. */
int walk_begin(TreeWalk *walk);
/* Handles the next entry, file or link, until the stage is WALK_DONE. Fails like walk_begin(). */
int walk_on(TreeWalk *walk);
