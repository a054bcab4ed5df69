#pragma once

/* A source of specs that is a commit of a Git repository. Its caller adds the entries of the
 * commit's tree and the bytes of the files, and then makes it the source of a tree.
 *
 * Files are chosen as on disk: *.yaml and *.yml, and no name below the root that begins with '.'.
 * Symbolic links are not followed: a link with the name of a spec file is an error, and other links
 * and submodules are skipped with a warning. */

#include "spec/source.h"
#include "spec/spec.h"

typedef enum CommitEntryType {
        COMMIT_FILE,
        COMMIT_LINK,
        COMMIT_SUBMODULE,
} CommitEntryType;

typedef struct CommitEntry {
        const char *path; /* in the repository */
        CommitEntryType type;
        const char *blob; /* id of the bytes of a file */
        uint64_t size;    /* of a file */
} CommitEntry;

/* root: the path of the specs in the repository, a folder or one file; NULL: all. */
int source_commit_new(const char *commit, const char *root, SpecSource **ret, Error *err);

/* Adds an entry below the root. Returns 1 + the number of the file if its bytes must be set: the
 * tree has not parsed them for this path. Returns 0 if not, or -E2BIG or -ENOMEM. */
int source_commit_add(SpecSource *source, const CommitEntry *entry, const SpecTree *tree);
/* Sets the bytes of the file with this number. Returns 0 or -ENOMEM. */
int source_commit_set(SpecSource *source, size_t number, const char *data, size_t size);
/* Call once, after all entries and bytes. Returns false if the bytes of a file are missing, because
 * the tree has parsed another commit meanwhile. */
bool source_commit_is_complete(SpecSource *source, const SpecTree *tree);

/* Returns the id of the commit. */
const char *source_commit_id(const SpecSource *source);
