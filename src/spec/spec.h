#pragma once

/* Reads a tree of specs, on disk or of a commit, into a Model. The complete tree is read, then
 * checked, and every diagnostic is collected. Objects of a file or document with errors are neither
 * changed nor removed: the file or document is added to Model.brokens. Files that did not change
 * since the last load (by device, inode, size, times) are not parsed again. */

#include "base/diag.h"
#include "base/error.h"
#include "base/time.h"
#include "model/check-run.h"
#include "model/document-node.h"
#include "model/model.h"

typedef struct SpecTree SpecTree; /* keeps parsed files between loads */
typedef struct SpecSource SpecSource;
struct TreeFile;

/* path is one file, or a folder. Folders are read recursively (*.yaml, *.yml). Names that begin
 * with '.' are skipped, except symbolic links to folders. */
int spec_tree_new(const char *path, SpecTree **ret, Error *err);
SpecTree *spec_tree_free(SpecTree *tree);
DEFINE_FREEP(SpecTree, spec_tree_free)

/* Makes a tree without a source. It must get one before its first load. */
int spec_tree_new_empty(SpecTree **ret, Error *err);
/* Replaces the source, which the tree takes. Returns the old one. No load may run. */
SpecSource *spec_tree_set_source(SpecTree *tree, SpecSource *source);
/* Returns the source; NULL: none. */
const SpecSource *spec_tree_source(const SpecTree *tree);
/* True if the tree keeps what was parsed of the file. */
bool spec_tree_knows(const SpecTree *tree, const struct TreeFile *file);
/* If set, a load fails if the tree has an error; nothing of it then becomes active. Otherwise only
 * the documents with errors keep their objects unchanged. */
void spec_tree_be_atomic(SpecTree *tree, bool is_atomic);

/* Makes all later loads strict: a version that its component cannot have is an error. Otherwise it
 * is a warning, because stored objects may contain one: a ready release keeps its digests. */
void spec_tree_be_strict(SpecTree *tree);

/* In all later loads, a check that an Environment names but that is not in runs is an error.
 * Borrows runs. */
void spec_tree_know_checks(SpecTree *tree, const CheckRunSpecs *runs);

/* Loads the tree. Returns 0 with a model even if there are errors in files (see Model.brokens).
 * Fails only if the tree cannot be read at all: it does not exist, permission is denied, or it has
 * more than SPEC_TREE_MAX files. If the tree changes while it is read, it is read again, at most
 * SPEC_LOADS_MAX times. Then this fails with -ESTALE and no model. */
int spec_tree_load(SpecTree *tree, Model **ret, DiagList *diags, Error *err);

/* A load that does the same as spec_tree_load(), in steps. A tree has one load at a time. The tree
 * must outlive the load. */
typedef struct SpecLoad SpecLoad;
int spec_load_new(SpecTree *tree, SpecLoad **ret, Error *err);
SpecLoad *spec_load_free(SpecLoad *load); /* safe on NULL */
DEFINE_FREEP(SpecLoad, spec_load_free)
/* Works until the monotonic time `until`. Returns 1 if there is more to do, else the result of
 * spec_tree_load(). */
int spec_load_step(SpecLoad *load, usec_t until, Model **ret, DiagList *diags, Error *err);

/* Returns the resolved paths of the folders that the last load read, for a watcher. Borrowed until
 * the next load. */
const Strings *spec_tree_folders(const SpecTree *tree);

/* Reads one document from memory, such as a row of the database. Does not check references. */
int spec_decode_json(const char *json, size_t size, Arena *arena, Object **ret, Error *err);

/* Does the same from a node. Adds all errors to diags: in fields, in formats, and in rules within
 * one object. Returns 0 or -EINVAL. */
int spec_decode_node(const Node *node, Arena *arena, Object **ret, DiagList *diags);
