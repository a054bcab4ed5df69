/* Walks over the tree and makes the list of files. */

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "spec/tree/walk.h"

/* Moves an array from the heap to the arena, which then owns it. */
static int settle(Arena *arena, void *items_pointer, size_t n, size_t size)
{
        void *items, *moved;

        memcpy(&items, items_pointer, sizeof(items));
        moved = arena_memdup(arena, items, n * size);
        free(items);
        memcpy(items_pointer, &moved, sizeof(moved));
        return moved ? 0 : -ENOMEM;
}

static int settle_all(Arena *arena, TreeFiles *found)
{
        int r[4]; /* all four calls are made, because each call frees its array on the heap */

        r[0] = settle(arena, &found->files, found->n, sizeof(*found->files));
        r[1] = settle(arena, &found->folders.items, found->folders.n,
                      sizeof(*found->folders.items));
        r[2] = settle(arena, &found->unread, found->n_unread, sizeof(*found->unread));
        r[3] = settle(arena, &found->steps, found->n_steps, sizeof(*found->steps));
        return MIN(MIN(r[0], r[1]), MIN(r[2], r[3]));
}

static const char *without_slashes(Arena *arena, const char *path)
{
        size_t size = strlen(path);

        while (size > 1 && path[size - 1] == '/')
                size--;
        return arena_strndup(arena, path, size);
}

static int by_path(const void *a, const void *b)
{
        return strcmp(((const TreeFile *)a)->path, ((const TreeFile *)b)->path);
}

static int resolve_root(const char *path, Arena *arena, TreeFiles *ret, Error *err)
{
        _cleanup_(freep) char *real = NULL;
        int r;

        ret->root = without_slashes(arena, path);
        if (!ret->root)
                return error_oom(err);
        real = realpath(ret->root, NULL);
        r = real ? 0 : -errno;
        if (r >= 0) {
                ret->real_root = arena_strdup(arena, real);
                r = ret->real_root ? tree_open_base(arena, ret) : -ENOMEM;
        }
        if (r == -ENOMEM)
                return error_oom(err);
        if (r < 0)
                return error_set(err, ERROR_INVALID, r, "cannot read specs '%s': %s", ret->root,
                                 strerror(-r));
        return 0;
}

/* Fails if the root itself could not be read. */
static int check_root(const TreeFiles *found, Error *err)
{
        size_t size = strlen(found->root);

        for (size_t i = 0; i < found->n_unread; i++) {
                const TreeUnread *unread = &found->unread[i];

                if (strlen(unread->path) == size + 1 &&
                    strncmp(unread->path, found->root, size) == 0)
                        return error_set(err, ERROR_INVALID, -EACCES, "cannot read specs '%s': %s",
                                         found->root, unread->why);
        }
        return 0;
}

/* Reports why the walk failed. */
static int walk_failed(const TreeWalk *walk, int r, Error *err)
{
        if (r != -E2BIG)
                return error_oom(err);
        return error_set(err, ERROR_INVALID, r,
                         "more than %d %s under '%s'; is that the folder you meant?",
                         streq(walk->too_many, "folders") ? SPEC_FOLDERS_MAX : SPEC_TREE_MAX,
                         walk->too_many, walk->found.root);
}

int tree_walk_new(const char *path, Arena *arena, DiagList *diags, TreeWalk **ret, Error *err)
{
        _cleanup_(tree_walk_freep) TreeWalk *walk = calloc(1, sizeof(*walk));
        int r;

        if (!walk)
                return error_oom(err);
        walk->arena = arena;
        walk->diags = diags;
        walk->found.base_fd = -1;
        r = resolve_root(path, arena, &walk->found, err);
        if (r < 0)
                return r;
        r = walk_begin(walk);
        if (r < 0)
                return walk_failed(walk, r, err);
        *ret = TAKE(walk);
        return 0;
}

int tree_walk_step(TreeWalk *walk, usec_t until, TreeFiles *ret, Error *err)
{
        TreeFiles *found = &walk->found;
        int r;

        do
                r = walk_on(walk);
        while (r >= 0 && walk->stage != WALK_DONE && time_monotonic() < until);
        if (r >= 0 && walk->stage != WALK_DONE)
                return 1;
        if (r >= 0) {
                walk->is_settled = true;
                r = settle_all(walk->arena, found);
        }
        if (r < 0)
                return walk_failed(walk, r, err);
        r = check_root(found, err);
        if (r < 0)
                return r;
        if (found->n > 0)
                qsort(found->files, found->n, sizeof(*found->files), by_path);
        *ret = *found;
        found->base_fd = -1;
        return 0;
}

TreeWalk *tree_walk_free(TreeWalk *walk)
{
        if (!walk)
                return NULL;
        while (walk->n_stack > 0)
                free(walk->stack[--walk->n_stack].names.items);
        if (!walk->is_settled) {
                free(walk->found.files);
                free(walk->found.folders.items);
                free(walk->found.unread);
                free(walk->found.steps);
        }
        free(walk->links);
        map_done(&walk->seen);
        tree_files_done(&walk->found);
        free(walk);
        return NULL;
}
