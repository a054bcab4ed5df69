#pragma once

/* Finding spec files: every *.yaml and *.yml under a path, in a fixed order. Names that begin with
 * '.' are left out. Symbolic links are followed, to files and to folders, each folder once. */

#include "base/arena.h"
#include "base/diag.h"
#include "base/error.h"
#include "model/object.h"

typedef struct TreeFiles {
        Strings files;   /* regular or not: the reader says what is wrong */
        Strings folders; /* that were looked into */
        Strings unread;  /* folders that could not be, each with '/' at its end */
} TreeFiles;

/* Lives in the arena. Fails only if path itself cannot be read, or there are more than
 * SPEC_TREE_MAX files. */
int tree_find(const char *path, Arena *arena, TreeFiles *ret, DiagList *diags, Error *err);
