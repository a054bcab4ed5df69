#pragma once

/* Writes commits in the format of git-fast-import(1). Pure. */

#include "base/buffer.h"
#include "git/git.h"

/* Appends the commits that are not skipped. Commit number i of the plan gets the ref
 * refs/relman/new/i, the last one also refs/relman/new/last. parent: id of the first commit's
 * parent; "": none. skip: one value for each commit; NULL: none is skipped. Returns 0 or the
 * buffer's failure. */
int import_write(const GitCommits *commits, const char *parent, const bool *skip, Buffer *out);

/* Maximum size of all commits of a push together. */
#define IMPORT_MAX ((size_t)64 * 1024 * 1024)
