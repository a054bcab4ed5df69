#include <stdlib.h>
#include <string.h>

#include "spec/source.h"

typedef struct FolderSource {
        SpecSource source;
        char *path;
        TreeWalk *walk; /* NULL: not started, or complete */
} FolderSource;

static int folder_find(SpecSource *source, Arena *arena, DiagList *diags, usec_t until,
                       TreeFiles *ret, Error *err)
{
        FolderSource *folder = (FolderSource *)source;
        int r = 0;

        if (!folder->walk)
                r = tree_walk_new(folder->path, arena, diags, &folder->walk, err);
        if (r >= 0)
                r = tree_walk_step(folder->walk, until, ret, err);
        if (r <= 0)
                folder->walk = tree_walk_free(folder->walk);
        return r;
}

static void folder_stop(SpecSource *source)
{
        FolderSource *folder = (FolderSource *)source;

        folder->walk = tree_walk_free(folder->walk);
}

static int folder_read(const SpecSource *source, const TreeFiles *files, const TreeFile *file,
                       char **ret_data, size_t *ret_size, Error *err)
{
        (void)source;
        return tree_read(files, file, ret_data, ret_size, err);
}

static TreeChange folder_check(const SpecSource *source, const TreeFiles *files)
{
        (void)source;
        return tree_check(files);
}

static SpecSource *folder_free(SpecSource *source)
{
        FolderSource *folder = (FolderSource *)source;

        tree_walk_free(folder->walk);
        free(folder->path);
        free(folder);
        return NULL;
}

static const SourceKind folder_kind = {
        .find = folder_find,
        .stop = folder_stop,
        .read = folder_read,
        .check = folder_check,
        .free = folder_free,
};

int source_folder_new(const char *path, SpecSource **ret, Error *err)
{
        FolderSource *folder = calloc(1, sizeof(*folder));

        if (!folder)
                return error_oom(err);
        folder->path = strdup(path);
        if (!folder->path) {
                free(folder);
                return error_oom(err);
        }
        folder->source = (SpecSource){ .kind = &folder_kind, .name = folder->path };
        *ret = &folder->source;
        return 0;
}

SpecSource *source_free(SpecSource *source)
{
        return source ? source->kind->free(source) : NULL;
}
