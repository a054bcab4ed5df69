#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/vec.h"
#include "spec/commit.h"

#define SKIPPED_MAX      200 /* texts about links and submodules that are kept */
#define COMMIT_ARENA_MAX ((size_t)256 * 1024 * 1024)

/* The bytes of a file. */
typedef struct FileBytes {
        char *data; /* NULL: not set, or parsed */
        size_t size;
        uint64_t full_size; /* in the commit */
} FileBytes;

typedef struct CommitSource {
        SpecSource source;
        char id[GIT_HEAD_SIZE];
        Arena arena;
        const char *root; /* NULL: the complete repository */
        TreeFile *files;  /* their number is an index of bytes */
        FileBytes *bytes;
        size_t n, capacity, bytes_capacity;
        Strings skipped; /* links and submodules */
        size_t skipped_capacity;
        bool is_sorted;
} CommitSource;

/* --- entries ---------------------------------------------------------------------------------- */

/* Returns the path below the root; "": the root itself. */
static const char *below_root(const CommitSource *commit, const char *path)
{
        size_t size = commit->root ? strlen(commit->root) : 0;

        return size == 0 ? path : path + size + (path[size] == '/');
}

static bool is_hidden(const char *below)
{
        return below[0] == '.' || strstr(below, "/.");
}

static bool is_spec_name(const char *path)
{
        const char *dot = strrchr(path, '.');

        return dot && (streq(dot, ".yaml") || streq(dot, ".yml"));
}

static int add_skipped(CommitSource *commit, const CommitEntry *entry)
{
        Strings *skipped = &commit->skipped;

        if (skipped->n == SKIPPED_MAX)
                return 0;
        if (vec_reserve(&skipped->items, &commit->skipped_capacity, skipped->n + 2,
                        sizeof(*skipped->items)) < 0)
                return -ENOMEM;
        skipped->items[skipped->n] = arena_strdup(&commit->arena, entry->path);
        if (!skipped->items[skipped->n])
                return -ENOMEM;
        skipped->items[skipped->n + 1] =
                entry->type == COMMIT_LINK
                        ? "a symbolic link, which relmand does not follow in a commit: skipped"
                        : "a submodule: skipped; only files of the repository itself are specs";
        skipped->n += 2;
        return 0;
}

static int add_file(CommitSource *commit, const CommitEntry *entry)
{
        TreeFile file = { .path = arena_strdup(&commit->arena, entry->path), .is_ours = true };

        if (commit->n >= SPEC_TREE_MAX)
                return -E2BIG;
        if (!file.path ||
            vec_reserve(&commit->files, &commit->capacity, commit->n + 1, sizeof(file)) < 0 ||
            vec_reserve(&commit->bytes, &commit->bytes_capacity, commit->n + 1,
                        sizeof(*commit->bytes)) < 0)
                return -ENOMEM;
        (void)snprintf(file.identity.blob, sizeof(file.identity.blob), "%s", entry->blob);
        file.number = commit->n;
        if (entry->type == COMMIT_LINK)
                file.why = "a symbolic link, which relmand does not follow in a commit; commit the "
                           "file itself";
        commit->bytes[commit->n] = (FileBytes){ .full_size = entry->size };
        commit->files[commit->n++] = file;
        return 0;
}

/* True if the bytes of a file are needed, and not there. */
static bool lacks_bytes(const CommitSource *commit, const TreeFile *file, const SpecTree *tree)
{
        const FileBytes *bytes = &commit->bytes[file->number];

        return !file->why && !bytes->data && bytes->full_size <= SPEC_FILE_MAX &&
               !spec_tree_knows(tree, file);
}

int source_commit_add(SpecSource *source, const CommitEntry *entry, const SpecTree *tree)
{
        CommitSource *commit = (CommitSource *)source;
        const char *below = below_root(commit, entry->path);
        bool is_spec = !below[0] || is_spec_name(below);
        int r;

        if (is_hidden(below) || (entry->type == COMMIT_FILE && !is_spec))
                return 0;
        if (entry->type == COMMIT_SUBMODULE || !is_spec)
                return add_skipped(commit, entry);
        r = add_file(commit, entry);
        if (r < 0)
                return r;
        return lacks_bytes(commit, &commit->files[commit->n - 1], tree) ? (int)commit->n : 0;
}

int source_commit_set(SpecSource *source, size_t number, const char *data, size_t size)
{
        FileBytes *bytes = &((CommitSource *)source)->bytes[number];
        char *copy = malloc(size + 1);

        if (!copy)
                return -ENOMEM;
        memcpy(copy, data, size);
        copy[size] = '\0';
        free(bytes->data);
        bytes->data = copy;
        bytes->size = size;
        return 0;
}

static int by_path(const void *a, const void *b)
{
        return strcmp(((const TreeFile *)a)->path, ((const TreeFile *)b)->path);
}

bool source_commit_is_complete(SpecSource *source, const SpecTree *tree)
{
        CommitSource *commit = (CommitSource *)source;

        if (commit->n > 0 && !commit->is_sorted)
                qsort(commit->files, commit->n, sizeof(*commit->files), by_path);
        commit->is_sorted = true;
        for (size_t i = 0; i < commit->n; i++)
                if (lacks_bytes(commit, &commit->files[i], tree))
                        return false;
        return true;
}

const char *source_commit_id(const SpecSource *source)
{
        return ((const CommitSource *)source)->id;
}

/* --- the source ------------------------------------------------------------------------------- */

static int commit_find(SpecSource *source, Arena *arena, DiagList *diags, usec_t until,
                       TreeFiles *ret, Error *err)
{
        CommitSource *commit = (CommitSource *)source;

        (void)arena, (void)until, (void)err;
        for (size_t i = 0; i < commit->skipped.n; i += 2)
                diag_warning(diags, (Place){ .file = commit->skipped.items[i] }, "%s",
                             commit->skipped.items[i + 1]);
        *ret = (TreeFiles){ .root = commit->root ? commit->root : "",
                            .base_fd = -1,
                            .files = commit->files,
                            .n = commit->n };
        return 0;
}

static void commit_stop(SpecSource *source)
{
        (void)source; /* a search is one call */
}

static int commit_read(const SpecSource *source, const TreeFiles *files, const TreeFile *file,
                       char **ret_data, size_t *ret_size, Error *err)
{
        const FileBytes *bytes = &((const CommitSource *)source)->bytes[file->number];
        char *copy;

        (void)files;
        if (file->why)
                return error_set(err, ERROR_INVALID, -EINVAL, "cannot read '%s': %s", file->path,
                                 file->why);
        if (bytes->full_size > SPEC_FILE_MAX)
                return tree_refuse_size(file->path, err);
        if (!bytes->data)
                return error_set(err, ERROR_INVALID, -ESTALE,
                                 "cannot read '%s': it was not fetched", file->path);
        copy = malloc(bytes->size + 1);
        if (!copy)
                return error_oom(err);
        memcpy(copy, bytes->data, bytes->size + 1);
        *ret_data = copy;
        *ret_size = bytes->size;
        return 0;
}

/* A commit never changes. */
static TreeChange commit_check(const SpecSource *source, const TreeFiles *files)
{
        (void)source, (void)files;
        return TREE_SAME;
}

static void commit_parsed(SpecSource *source, const SpecTree *tree)
{
        CommitSource *commit = (CommitSource *)source;

        for (size_t i = 0; i < commit->n; i++) {
                FileBytes *bytes = &commit->bytes[commit->files[i].number];

                if (!bytes->data || !spec_tree_knows(tree, &commit->files[i]))
                        continue;
                free(bytes->data);
                bytes->data = NULL;
        }
}

static SpecSource *commit_free(SpecSource *source)
{
        CommitSource *commit = (CommitSource *)source;

        for (size_t i = 0; i < commit->n; i++)
                free(commit->bytes[i].data);
        free(commit->bytes);
        free(commit->files);
        free(commit->skipped.items);
        arena_done(&commit->arena);
        free(commit);
        return NULL;
}

static const SourceKind commit_kind = {
        .find = commit_find,
        .stop = commit_stop,
        .read = commit_read,
        .check = commit_check,
        .parsed = commit_parsed,
        .free = commit_free,
};

int source_commit_new(const char *id, const char *root, SpecSource **ret, Error *err)
{
        CommitSource *commit = calloc(1, sizeof(*commit));
        const char *name;

        if (!commit)
                return error_oom(err);
        arena_init(&commit->arena, COMMIT_ARENA_MAX);
        (void)snprintf(commit->id, sizeof(commit->id), "%s", id);
        name = arena_printf(&commit->arena, "commit %.12s", id);
        commit->root = root ? arena_strdup(&commit->arena, root) : NULL;
        if (!name || (root && !commit->root)) {
                commit_free(&commit->source);
                return error_oom(err);
        }
        commit->source = (SpecSource){ .kind = &commit_kind, .name = name };
        *ret = &commit->source;
        return 0;
}
