#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/vec.h"
#include "spec/tree/walk.h"

/* An entry of a folder that may be a spec file, a folder or a link. */
typedef struct Entry {
        const char *path, *real, *name;
} Entry;

static bool is_spec_name(const char *name)
{
        const char *dot = strrchr(name, '.');

        return name[0] != '.' && dot && (streq(dot, ".yaml") || streq(dot, ".yml"));
}

/* --- results of the walk ---------------------------------------------------------------------- */

static int add_file(TreeWalk *walk, const TreeFile *file)
{
        TreeFiles *found = &walk->found;

        if (!file->path || !file->real)
                return -ENOMEM;
        if (found->n >= SPEC_TREE_MAX) {
                walk->too_many = "spec files";
                return -E2BIG;
        }
        if (vec_reserve(&found->files, &walk->files_capacity, found->n + 1, sizeof(*found->files)) <
            0)
                return -ENOMEM;
        found->files[found->n++] = *file;
        return 0;
}

static int add_folder(TreeWalk *walk, const char *path)
{
        Strings *folders = &walk->found.folders;

        if (folders->n >= SPEC_FOLDERS_MAX) {
                walk->too_many = "folders";
                return -E2BIG;
        }
        if (vec_reserve(&folders->items, &walk->folders_capacity, folders->n + 1,
                        sizeof(*folders->items)) < 0)
                return -ENOMEM;
        folders->items[folders->n++] = path;
        return 0;
}

static int add_unread(TreeWalk *walk, const char *path, const char *why, bool is_ours)
{
        TreeFiles *found = &walk->found;
        const char *folder = arena_printf(walk->arena, "%s/", path);

        if (!folder || !why ||
            vec_reserve(&found->unread, &walk->unread_capacity, found->n_unread + 1,
                        sizeof(*found->unread)) < 0)
                return -ENOMEM;
        found->unread[found->n_unread++] =
                (TreeUnread){ .path = folder, .why = why, .is_ours = is_ours };
        return 0;
}

static int add_step(TreeWalk *walk, const TreeStep *step)
{
        TreeFiles *found = &walk->found;

        if (vec_reserve(&found->steps, &walk->steps_capacity, found->n_steps + 1,
                        sizeof(*found->steps)) < 0)
                return -ENOMEM;
        found->steps[found->n_steps++] = *step;
        return 0;
}

/* Adds a folder that cannot be read. Objects that its files declared before stay unchanged. */
static int unread_folder(TreeWalk *walk, const char *path, const char *reason)
{
        const char *why = arena_printf(walk->arena, "cannot read the folder: %s", reason);

        diag_add(walk->diags, SEVERITY_ERROR, (Place){ .file = path }, "%s",
                 why ? why : "out of memory");
        return add_unread(walk, path, why, false);
}

/* True if an entry was deleted after its folder was read. */
static bool has_vanished(int code)
{
        return code == ENOENT || code == ENOTDIR || code == ELOOP;
}

/* Adds an entry that cannot be read. It counts as a file if it has the name of a spec file,
 * otherwise as a folder that may contain specs. */
static int unread_entry(TreeWalk *walk, const Entry *entry, int code)
{
        if (has_vanished(code)) {
                walk->found.has_vanished = true;
                return 0;
        }
        if (!is_spec_name(entry->name))
                return unread_folder(walk, entry->path, strerror(code));
        return add_file(walk, &(TreeFile){ .path = entry->path,
                                           .real = entry->real,
                                           .why = arena_strdup(walk->arena, strerror(code)) });
}

/* Marks a file or folder as seen. Returns 1 if it was not seen before. */
static int see(TreeWalk *walk, const struct stat *st)
{
        const char *key = arena_printf(walk->arena, "%llx:%llx", (unsigned long long)st->st_dev,
                                       (unsigned long long)st->st_ino);

        if (!key)
                return -ENOMEM;
        return map_has(&walk->seen, key) ? 0 : map_put(&walk->seen, key, walk, NULL);
}

/* --- folders ---------------------------------------------------------------------------------- */

static int add_link(TreeWalk *walk, const Entry *entry)
{
        if (vec_reserve(&walk->links, &walk->links_capacity, walk->n_links + 1,
                        sizeof(*walk->links)) < 0)
                return -ENOMEM;
        walk->links[walk->n_links++] = (Link){
                .path = entry->path, .real = entry->real, .name = entry->name, .depth = walk->depth
        };
        return 0;
}

/* True for a folder, a link, or an entry with the name of a spec file. Other entries are not
 * recorded. lost+found is skipped: fsck puts recovered files there, and only root can read it. */
static bool may_matter(const struct dirent *entry)
{
        if (entry->d_name[0] == '.' || streq(entry->d_name, "lost+found"))
                return false;
        return entry->d_type == DT_DIR || entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN ||
               is_spec_name(entry->d_name);
}

static int by_bytes(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Reads the names in a folder and sorts them. Returns 0 or -errno. */
static int read_names(TreeWalk *walk, DIR *dir, Strings *ret)
{
        const char **items;
        size_t capacity = 0;
        struct dirent *entry;

        for (errno = 0; (entry = readdir(dir)); errno = 0) {
                if (!may_matter(entry))
                        continue;
                if (++walk->n_entries > SPEC_TREE_MAX + SPEC_FOLDERS_MAX) {
                        walk->too_many = "files and folders";
                        return -E2BIG;
                }
                if (vec_reserve(&ret->items, &capacity, ret->n + 1, sizeof(*ret->items)) < 0)
                        return -ENOMEM;
                ret->items[ret->n] = arena_strdup(walk->arena, entry->d_name);
                if (!ret->items[ret->n++])
                        return -ENOMEM;
        }
        if (errno > 0)
                return -errno;
        items = ret->items;
        if (ret->n > 0)
                qsort(items, ret->n, sizeof(*items), by_bytes);
        return 0;
}

/* Opens the folder at `real` for reading. -ESTALE: it is not the folder that was found there. */
static int open_folder(const TreeWalk *walk, const char *real, const struct stat *found,
                       TreeStep *step, DIR **ret)
{
        _cleanup_(close_fd) int fd = tree_open(&walk->found, real, O_RDONLY | O_DIRECTORY);
        DIR *dir;

        if (fd < 0)
                return fd;
        if (fstat(fd, &step->stat) < 0)
                return -errno;
        if (!tree_is_same_inode(&step->stat, found))
                return -ESTALE;
        if (tree_is_pseudo(fd))
                return -EXDEV;
        dir = fdopendir(fd);
        if (!dir)
                return -errno;
        TAKE_FD(fd);
        *ret = dir;
        return 0;
}

static int refuse_folder(TreeWalk *walk, const char *path, int code)
{
        if (code == -ENOMEM)
                return code;
        if (has_vanished(-code) || code == -ESTALE) {
                walk->found.has_vanished = true;
                return 0;
        }
        return unread_folder(walk, path,
                             code == -EXDEV ? "it is part of /proc or /sys" : strerror(-code));
}

/* Reads the names in a folder. walk_next() then handles each of them. */
static int walk_folder(TreeWalk *walk, const char *path, const char *real, const struct stat *st)
{
        Strings names = { 0 };
        TreeStep step = { .path = real };
        DIR *dir = NULL;
        int r;

        if (walk->depth == SPEC_DEPTH_MAX)
                return unread_folder(walk, path, "nested too deeply");
        r = see(walk, st);
        if (r <= 0)
                return r;
        /* an unreadable folder is watched too: it may become readable */
        r = add_folder(walk, path);
        if (r < 0)
                return r;
        r = open_folder(walk, real, st, &step, &dir);
        if (r < 0)
                return refuse_folder(walk, path, r);
        r = read_names(walk, dir, &names);
        (void)closedir(dir); /* ignores errors: the folder was only read */
        if (r < 0) {
                free(names.items);
                return r == -E2BIG ? r : refuse_folder(walk, path, r);
        }
        if (add_step(walk, &step) < 0) {
                free(names.items);
                return -ENOMEM;
        }
        walk->stack[walk->n_stack++] =
                (Folder){ .path = path, .real = real, .names = names, .depth = walk->depth + 1 };
        return 0;
}

static int walk_entry(TreeWalk *walk, const char *path, const char *real, const char *name)
{
        const Entry entry = { .path = arena_printf(walk->arena, "%s/%s", path, name),
                              .real = arena_printf(walk->arena, "%s/%s", real, name),
                              .name = name };
        struct stat st;
        int r;

        if (!entry.path || !entry.real)
                return -ENOMEM;
        r = tree_stat(&walk->found, entry.real, &st);
        if (r < 0)
                return unread_entry(walk, &entry, -r);
        if (S_ISLNK(st.st_mode))
                return add_link(walk, &entry);
        if (S_ISDIR(st.st_mode))
                return walk_folder(walk, entry.path, entry.real, &st);
        if (!is_spec_name(name))
                return 0;
        return add_file(walk,
                        &(TreeFile){ .path = entry.path, .real = entry.real, .identity.stat = st });
}

/* Handles the next entry of the folder at the top of the stack. */
static int walk_next(TreeWalk *walk)
{
        Folder *folder = &walk->stack[walk->n_stack - 1];

        if (folder->at == folder->names.n) {
                free(folder->names.items);
                walk->n_stack--;
                return 0;
        }
        walk->depth = folder->depth;
        return walk_entry(walk, folder->path, folder->real, folder->names.items[folder->at++]);
}

/* --- links ------------------------------------------------------------------------------------ */

static bool is_inside(const char *root, const char *path)
{
        size_t size = strlen(root);

        return strncmp(path, root, size) == 0 &&
               (path[size] == '\0' || path[size] == '/' || streq(root, "/"));
}

static const char *link_text(TreeWalk *walk, const Link *link)
{
        _cleanup_(close_fd) int fd = tree_open(&walk->found, link->real, O_PATH);
        char text[PATH_MAX];
        ssize_t n = fd < 0 ? -1 : readlinkat(fd, "", text, sizeof(text) - 1);

        return n < 0 ? "" : arena_strndup(walk->arena, text, (size_t)n);
}

/* Reports a link that leads out of the tree. Its target is neither opened nor shown. */
static int refuse_link(TreeWalk *walk, const Link *link, const char *target, const struct stat *st)
{
        bool is_spec = is_spec_name(link->name);
        const char *why;
        int r = 0;

        if (!S_ISDIR(st->st_mode) && !is_spec)
                return 0;
        why = arena_printf(walk->arena,
                           "it is a link to '%s', outside of '%s': links that leave the specs are "
                           "not followed; put a copy there, or let specs name a folder above both",
                           target, walk->found.real_root);
        if (!why)
                return -ENOMEM;
        if (is_spec)
                r = add_file(walk, &(TreeFile){ .path = link->path,
                                                .real = link->real,
                                                .why = why,
                                                .is_ours = true });
        if (r < 0 || !S_ISDIR(st->st_mode))
                return r;
        if (!is_spec)
                diag_error(walk->diags, ((Place){ .file = link->path }),
                           "cannot read the folder: %s", why);
        return add_unread(walk, link->path, why, true);
}

/* Reports a link whose target does not exist or cannot be accessed. */
static int refuse_dangling(TreeWalk *walk, const Link *link, int code)
{
        bool is_ours = code == ENOENT || code == ENOTDIR || code == ELOOP;
        const char *text = link_text(walk, link), *why;
        struct stat st;
        int r = 0;

        if (!text)
                return -ENOMEM;
        if (tree_stat(&walk->found, link->real, &st) < 0) {
                walk->found.has_vanished = true;
                return 0;
        }
        why = arena_printf(walk->arena, "%s (it is a link to '%s')", strerror(code), text);
        if (!why)
                return -ENOMEM;
        if (is_spec_name(link->name))
                r = add_file(walk, &(TreeFile){ .path = link->path,
                                                .real = link->real,
                                                .why = why,
                                                .is_ours = is_ours });
        else /* a link that is named like a spec file is reported when that file is read */
                diag_add(walk->diags, is_ours ? SEVERITY_WARNING : SEVERITY_ERROR,
                         (Place){ .file = link->path }, "cannot read: %s", why);
        return r < 0 ? r : add_unread(walk, link->path, why, is_ours);
}

static int follow_into(TreeWalk *walk, const Link *link, const char *target, const struct stat *st)
{
        int r;

        if (S_ISDIR(st->st_mode)) {
                walk->depth = link->depth;
                return walk_folder(walk, link->path, target, st);
        }
        if (!is_spec_name(link->name))
                return 0;
        r = see(walk, st);
        if (r <= 0)
                return r;
        return add_file(walk,
                        &(TreeFile){ .path = link->path, .real = target, .identity.stat = *st });
}

static int follow(TreeWalk *walk, const Link *link)
{
        _cleanup_(freep) char *resolved = realpath(link->real, NULL);
        const char *target = resolved ? arena_strdup(walk->arena, resolved) : NULL;
        int code = errno, r;
        struct stat st;

        if (!resolved && code == ENOMEM)
                return -ENOMEM;
        if (resolved && !target)
                return -ENOMEM;
        r = add_step(walk, &(TreeStep){ .path = link->real, .real = target, .is_link = true });
        if (r < 0)
                return r;
        if (!target)
                return refuse_dangling(walk, link, code);
        if (!is_inside(walk->found.real_root, target))
                return lstat(target, &st) < 0 ? refuse_dangling(walk, link, errno)
                                              : refuse_link(walk, link, target, &st);
        r = tree_stat(&walk->found, target, &st);
        if (has_vanished(-r)) {
                walk->found.has_vanished = true;
                return 0;
        }
        return r < 0 ? refuse_dangling(walk, link, -r) : follow_into(walk, link, target, &st);
}

int walk_begin(TreeWalk *walk)
{
        const TreeFiles *found = &walk->found;

        if (S_ISDIR(found->stat.st_mode))
                return walk_folder(walk, found->root, found->real_root, &found->stat);
        return add_file(walk, &(TreeFile){ .path = found->root,
                                           .real = found->real_root,
                                           .identity.stat = found->stat });
}

/* Links are followed after all folders were read. So the path of a file does not depend on links
 * that lead to the file. */
int walk_on(TreeWalk *walk)
{
        if (walk->n_stack > 0)
                return walk_next(walk);
        switch (walk->stage) {
        case WALK_FOLDERS:
                walk->stage = walk->n_links > 0 ? WALK_FILES : WALK_DONE;
                walk->n_own = walk->found.n;
                break;
        case WALK_FILES:
                if (walk->at < walk->n_own)
                        return see(walk, &walk->found.files[walk->at++].identity.stat);
                walk->stage = WALK_LINKS;
                walk->at = 0;
                break;
        case WALK_LINKS:
                if (walk->at < walk->n_links) {
                        /* a copy, since the array may move */
                        const Link link = walk->links[walk->at++];

                        return follow(walk, &link);
                }
                walk->stage = WALK_DONE;
                break;
        case WALK_DONE: break;
        }
        return 0;
}
