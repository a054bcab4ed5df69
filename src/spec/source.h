#pragma once

/* Where specs come from: a list of files, each with a path, an identity of its bytes, and the
 * bytes. The loader parses a file only if it has not parsed a file with the same path and identity
 * in the load before.
 *
 * A source has one search at a time. Its caller ends each list of files with tree_files_done(). */

#include "base/diag.h"
#include "base/error.h"
#include "base/time.h"
#include "spec/spec.h"
#include "spec/tree/tree.h"

/* A kind of source. */
typedef struct SourceKind {
        /* Finds the files, in steps: works until the monotonic time `until`. Returns 1 if there is
         * more to do; 0 with the files, sorted by path, which are in the arena or in the source. */
        int (*find)(SpecSource *source, Arena *arena, DiagList *diags, usec_t until, TreeFiles *ret,
                    Error *err);
        /* Ends a search that is not complete. */
        void (*stop)(SpecSource *source);
        /* Reads a file, as tree_read() does. */
        int (*read)(const SpecSource *source, const TreeFiles *files, const TreeFile *file,
                    char **ret_data, size_t *ret_size, Error *err);
        /* Finds changes since the search, as tree_check() does. */
        TreeChange (*check)(const SpecSource *source, const TreeFiles *files);
        /* The tree keeps the parsed files: their bytes are not needed again. NULL: not called. */
        void (*parsed)(SpecSource *source, const SpecTree *tree);
        SpecSource *(*free)(SpecSource *source);
} SourceKind;

/* The first member of each source. */
struct SpecSource {
        const SourceKind *kind;
        const char *name; /* for messages, such as the path of the tree */
};

/* A source that is a tree on disk: one file, or a folder. */
int source_folder_new(const char *path, SpecSource **ret, Error *err);

SpecSource *source_free(SpecSource *source); /* safe on NULL */
