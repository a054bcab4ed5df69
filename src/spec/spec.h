#pragma once

/* The tree on disk to a Model. The complete tree is read, then checked; every diagnostic is
 * collected. A file or document with errors is never applied, and neither does its absence: it goes
 * to Model.brokens. Files that did not change since the last load (by device, inode, size, times)
 * are not parsed again. */

#include "base/diag.h"
#include "base/error.h"
#include "base/time.h"
#include "model/model.h"
#include "model/node.h"

typedef struct SpecTree SpecTree; /* remembers parsed files between loads */

/* path: a folder, read recursively (*.yaml, *.yml; names that begin with '.' are skipped, except
 * that a symbolic link to a folder is followed), or one file. */
int spec_tree_new(const char *path, SpecTree **ret, Error *err);
SpecTree *spec_tree_free(SpecTree *tree);
DEFINE_FREEP(SpecTree, spec_tree_free)

/* From now on, what can never work is an error. Without it some of it is a warning, because a
 * stored object may keep what it is not: a release that is ready keeps its digests. */
void spec_tree_be_strict(SpecTree *tree);

/* Loads. Returns 0 with a model even if diagnostics were added (see Model.brokens); fails only if
 * the tree cannot be read at all (does not exist, no permission, more than SPEC_TREE_MAX
 * files). A tree that changes while it is read is read again, SPEC_LOADS_MAX times at most: if a
 * link leads elsewhere each time, this fails with -ESTALE and no model. */
int spec_tree_load(SpecTree *tree, Model **ret, DiagList *diags, Error *err);

/* The same in steps. A tree has one load at a time, and outlives it. */
typedef struct SpecLoad SpecLoad;
int spec_load_new(SpecTree *tree, SpecLoad **ret, Error *err);
SpecLoad *spec_load_free(SpecLoad *load); /* safe on NULL */
DEFINE_FREEP(SpecLoad, spec_load_free)
/* Works until the monotonic time until. Returns 1 if there is more to do, else as
 * spec_tree_load(). */
int spec_load_step(SpecLoad *load, usec_t until, Model **ret, DiagList *diags, Error *err);

/* Folders the last load looked into, resolved: what a watcher must watch. Borrowed until the next
 * load. */
const Strings *spec_tree_folders(const SpecTree *tree);

/* One document from memory, without cross-reference checks: for documents kept in the database. */
int spec_decode_json(const char *json, size_t size, Arena *arena, Object **ret, Error *err);

/* The same from a node, with everything that is wrong with it in diags: fields, formats, and the
 * rules within one object. -EINVAL. */
int spec_decode_node(const Node *node, Arena *arena, Object **ret, DiagList *diags);
