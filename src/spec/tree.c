#include "spec/tree.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/limits.h"
#include "base/vec.h"

typedef struct Walk {
        Arena *arena;
        DiagList *diags;
        TreeFiles *found;
        size_t files_capacity, folders_capacity, unread_capacity;
        dev_t devices[SPEC_DEPTH_MAX]; /* of the folders above: a link back up is not followed */
        ino_t inodes[SPEC_DEPTH_MAX];
        size_t depth;
} Walk;

static int add(Strings *strings, size_t *capacity, const char *text)
{
        int r;

        if (!text)
                return -ENOMEM;
        r = vec_reserve(&strings->items, capacity, strings->n + 1, sizeof(*strings->items));
        if (r < 0)
                return r;
        strings->items[strings->n++] = text;
        return 0;
}

static bool is_spec_name(const char *name)
{
        const char *dot = strrchr(name, '.');

        return name[0] != '.' && dot && (streq(dot, ".yaml") || streq(dot, ".yml"));
}

static bool is_above(const Walk *walk, const struct stat *st)
{
        for (size_t i = 0; i < walk->depth; i++)
                if (walk->devices[i] == st->st_dev && walk->inodes[i] == st->st_ino)
                        return true;
        return false;
}

/* What was declared below it stays as it was. */
static int unread(Walk *walk, const char *path, const char *why)
{
        diag_add(walk->diags, SEVERITY_ERROR, (Place){ .file = path }, "cannot read the folder: %s",
                 why);
        return add(&walk->found->unread, &walk->unread_capacity,
                   arena_printf(walk->arena, "%s/", path));
}

static int walk_unknown(Walk *walk, const char *path, const char *name, int code)
{
        struct stat st;

        /* gone since, unless it is a spec that dangles */
        if (is_spec_name(name))
                return code != ENOENT || lstat(path, &st) == 0
                               ? add(&walk->found->files, &walk->files_capacity, path)
                               : 0;
        /* gone, or a link to nowhere; anything else may be a folder full of specs */
        return code == ENOENT || code == ELOOP || code == ENOTDIR
                       ? 0
                       : unread(walk, path, strerror(code));
}

static int walk_folder(Walk *walk, const char *path, const struct stat *st);

static int walk_entry(Walk *walk, const char *path, const char *name)
{
        struct stat st;

        if (!path)
                return -ENOMEM;
        if (stat(path, &st) < 0)
                return walk_unknown(walk, path, name, errno);
        if (S_ISDIR(st.st_mode))
                return is_above(walk, &st) ? 0 : walk_folder(walk, path, &st);
        if (!is_spec_name(name))
                return 0;
        if (walk->found->files.n >= SPEC_TREE_MAX)
                return -E2BIG;
        return add(&walk->found->files, &walk->files_capacity, path);
}

static int not_dotted(const struct dirent *entry)
{
        return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

/* Recursion is bounded by SPEC_DEPTH_MAX. */
static int walk_folder(Walk *walk, const char *path, const struct stat *st)
{
        struct dirent **names = NULL;
        int n, r;

        if (walk->depth == SPEC_DEPTH_MAX)
                return unread(walk, path, "nested too deeply");
        r = add(&walk->found->folders, &walk->folders_capacity, path);
        if (r < 0)
                return r;
        n = scandir(path, &names, not_dotted, by_bytes);
        if (n < 0)
                return unread(walk, path, strerror(errno));
        walk->devices[walk->depth] = st->st_dev;
        walk->inodes[walk->depth++] = st->st_ino;
        for (int i = 0; i < n; i++) {
                if (r >= 0)
                        r = walk_entry(walk,
                                       arena_printf(walk->arena, "%s/%s", path, names[i]->d_name),
                                       names[i]->d_name);
                free(names[i]);
        }
        free(names);
        walk->depth--;
        return r;
}

/* Moves an array from the heap to the arena, so that nothing has to be freed later. */
static int settle(Arena *arena, Strings *strings)
{
        const char **items = arena_memdup(arena, strings->items, strings->n * sizeof(*items));

        free(strings->items);
        strings->items = items;
        return items ? 0 : -ENOMEM;
}

static const char *without_slashes(Arena *arena, const char *path)
{
        size_t size = strlen(path);

        while (size > 1 && path[size - 1] == '/')
                size--;
        return arena_strndup(arena, path, size);
}

int tree_find(const char *path, Arena *arena, TreeFiles *ret, DiagList *diags, Error *err)
{
        TreeFiles found = { 0 };
        Walk walk = { .arena = arena, .diags = diags, .found = &found };
        const char *root = without_slashes(arena, path);
        struct stat st;
        int r = 0, settled[3];

        if (!root)
                return error_oom(err);
        if (stat(root, &st) < 0)
                return error_set(err, ERROR_INVALID, -errno, "cannot read specs '%s': %s", root,
                                 strerror(errno));
        if (S_ISDIR(st.st_mode))
                r = walk_folder(&walk, root, &st);
        else
                r = add(&found.files, &walk.files_capacity, root);
        settled[0] = settle(arena, &found.files); /* each frees what is on the heap */
        settled[1] = settle(arena, &found.folders);
        settled[2] = settle(arena, &found.unread);
        if (settled[0] < 0 || settled[1] < 0 || settled[2] < 0)
                return error_oom(err);
        if (r == -E2BIG)
                return error_set(
                        err, ERROR_INVALID, r,
                        "more than %d spec files under '%s'; is that the folder you meant?",
                        SPEC_TREE_MAX, root);
        if (r < 0)
                return error_oom(err);
        if (S_ISDIR(st.st_mode) && found.unread.n > 0 && found.folders.n == 1)
                return error_set(err, ERROR_INVALID, -EACCES, "cannot read specs '%s'", root);
        *ret = found;
        return 0;
}
