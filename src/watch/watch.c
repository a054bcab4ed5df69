#include "watch/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/vec.h"

/* the event loop calls a timer as late as its accuracy allows */
#define WATCH_ACCURACY USEC_PER_MSEC
#define WATCH_MASK                                                                                 \
        (IN_MODIFY | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO |        \
         IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

#define LINKS_MAX 40 /* symbolic links in a path, as in the kernel */

/* A watched name in a folder. A folder may have several watched names. */
typedef struct Watched {
        int wd;
        char *name; /* NULL: all names */
} Watched;

typedef struct WatchedList { /* watch_set() sorts it by descriptor */
        Watched *items;
        size_t n, capacity;
} WatchedList;

struct Watch {
        WatchChanged changed;
        void *userdata;
        sd_event_source *inotify;
        sd_event_source *settle;
        int fd;
        WatchedList watched;
        usec_t first_change; /* monotonic: first change that was not reported yet; 0: none */
};

static int compare_watched(const void *a, const void *b)
{
        const Watched *x = a, *y = b;

        return (x->wd > y->wd) - (x->wd < y->wd);
}

static void watched_list_done(WatchedList *list)
{
        for (size_t i = 0; i < list->n; i++)
                free(list->items[i].name);
        free(list->items);
        *list = (WatchedList){ 0 };
}

/* Returns the position of the first item of a descriptor in a sorted list, or the length of the
 * list. */
static size_t watched_find(const WatchedList *list, int wd)
{
        const Watched key = { .wd = wd };
        const Watched *found =
                list->n > 0 ? bsearch(&key, list->items, list->n, sizeof(key), compare_watched)
                            : NULL;
        size_t i = found ? (size_t)(found - list->items) : list->n;

        while (found && i > 0 && list->items[i - 1].wd == wd)
                i--;
        return i;
}

static bool watched_has(const WatchedList *list, int wd)
{
        return watched_find(list, wd) < list->n;
}

/* --- events ----------------------------------------------------------------------------------- */

/* Returns false if the event is about a name that is not watched. An event without a name is about
 * the folder itself, or reports an overflow of the queue. */
static bool watch_matters(const Watch *watch, const struct inotify_event *event)
{
        const WatchedList *list = &watch->watched;
        size_t first = watched_find(list, event->wd);

        if (event->mask &
            IN_IGNORED) /* the kernel removed the watch; an earlier event reported why */
                return false;
        if (event->len == 0 || first == list->n)
                return true;
        for (size_t i = first; i < list->n && list->items[i].wd == event->wd; i++)
                if (!list->items[i].name || streq(list->items[i].name, event->name))
                        return true;
        return false;
}

/* Reads the queued events. Returns true if an event concerns the watched tree. */
static bool watch_read(const Watch *watch)
{
        _Alignas(struct inotify_event) char buffer[16 * 1024];
        bool matters = false;
        ssize_t n;

        while ((n = read(watch->fd, buffer, sizeof(buffer))) > 0)
                for (const char *at = buffer; at < buffer + n;) {
                        const struct inotify_event *event = (const void *)at;

                        matters = matters || watch_matters(watch, event);
                        at += sizeof(*event) + event->len;
                }
        return matters;
}

static int on_settled(sd_event_source *source, usec_t usec, void *userdata)
{
        Watch *watch = userdata;

        (void)source, (void)usec;
        watch->first_change = 0;
        watch->changed(watch->userdata);
        return 0;
}

/* Reads the queued events. Restarts the settle timer if an event concerns the tree. */
static void watch_note(Watch *watch)
{
        usec_t now = time_monotonic(), wait = WATCH_SETTLE;

        if (!watch_read(watch))
                return;
        if (watch->first_change == 0)
                watch->first_change = now;
        if (now + wait > watch->first_change + WATCH_SETTLE_MAX)
                wait = watch->first_change + WATCH_SETTLE_MAX > now
                               ? watch->first_change + WATCH_SETTLE_MAX - now
                               : 0;
        if (sd_event_source_set_time_relative(watch->settle, wait) < 0 ||
            sd_event_source_set_enabled(watch->settle, SD_EVENT_ONESHOT) < 0)
                log_error("cannot arm the timer that waits for specs to settle");
}

static int on_change(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        (void)source, (void)fd, (void)revents;
        watch_note(userdata);
        return 0;
}

bool watch_is_settled(Watch *watch)
{
        watch_note(watch);
        return watch->first_change == 0;
}

int watch_new(sd_event *event, WatchChanged changed, void *userdata, Watch **ret, Error *err)
{
        _cleanup_(watch_freep) Watch *watch = calloc(1, sizeof(*watch));
        int r;

        if (!watch)
                return error_oom(err);
        watch->changed = changed;
        watch->userdata = userdata;
        watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (watch->fd < 0)
                return error_set(
                        err, ERROR_INTERNAL, -errno,
                        "cannot watch files: inotify: %s; see fs.inotify.max_user_instances",
                        strerror(errno));
        r = sd_event_add_io(event, &watch->inotify, watch->fd, EPOLLIN, on_change, watch);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &watch->settle, CLOCK_MONOTONIC, 0,
                                               WATCH_ACCURACY, on_settled, watch);
        if (r >= 0)
                r = sd_event_source_set_enabled(watch->settle, SD_EVENT_OFF);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "cannot watch files: %s", strerror(-r));
        *ret = TAKE(watch);
        return 0;
}

Watch *watch_free(Watch *watch)
{
        if (!watch)
                return NULL;
        sd_event_source_disable_unref(watch->inotify);
        sd_event_source_disable_unref(watch->settle);
        close_fd(&watch->fd);
        watched_list_done(&watch->watched);
        free(watch);
        return NULL;
}

/* --- watched names ---------------------------------------------------------------------------- */

/* Watches a name of a folder; NULL: all names. */
static int add_name(Watch *watch, const char *folder, const char *name, Error *err)
{
        WatchedList *list = &watch->watched;
        _cleanup_(freep) char *copy = name ? strdup(name) : NULL;
        int wd;

        if ((name && !copy) ||
            vec_reserve(&list->items, &list->capacity, list->n + 1, sizeof(*list->items)) < 0)
                return error_oom(err);
        wd = inotify_add_watch(watch->fd, folder, WATCH_MASK);
        if (wd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
                return 0; /* the folder was removed meanwhile, or is unreadable: the loader reports
                             that */
        if (wd < 0)
                return error_set(err, ERROR_INTERNAL, -errno,
                                 "cannot watch '%s': %s; see fs.inotify.max_user_watches", folder,
                                 strerror(errno));
        list->items[list->n++] = (Watched){ .wd = wd, .name = TAKE(copy) };
        return 0;
}

/* A path that is resolved one name at a time. */
typedef struct Path {
        char done[PATH_MAX]; /* resolved part, a folder without links; "": the working directory */
        char rest[PATH_MAX]; /* unresolved part */
        unsigned n_links;
} Path;

/* Moves the first name of path->rest to ret_name. Returns false at the end of the path, or if the
 * name is too long. */
static bool path_next(Path *path, char ret_name[NAME_MAX + 1])
{
        const char *name = path->rest + strspn(path->rest, "/");
        size_t size = strcspn(name, "/");

        if (size == 0 || size > NAME_MAX)
                return false;
        memcpy(ret_name, name, size);
        ret_name[size] = '\0';
        memmove(path->rest, name + size, strlen(name + size) + 1);
        return true;
}

static bool path_is_at_end(const Path *path)
{
        return !path->rest[strspn(path->rest, "/")];
}

/* Appends the name to path->done. If the name is a symbolic link, inserts its target before
 * path->rest instead. Sets *ret_is_link. Returns 0, -ENAMETOOLONG or -ELOOP. */
static int path_enter(Path *path, const char *name, bool *ret_is_link)
{
        char full[PATH_MAX], target[PATH_MAX];
        ssize_t n;

        if (snprintf(full, sizeof(full), "%s%s%s", path->done,
                     path->done[0] && !streq(path->done, "/") ? "/" : "",
                     name) >= (int)sizeof(full))
                return -ENAMETOOLONG;
        n = readlink(full, target, sizeof(target) - 1);
        *ret_is_link = n >= 0;
        if (n < 0) {
                memcpy(path->done, full, strlen(full) + 1);
                return 0;
        }
        target[n] = '\0';
        if (++path->n_links > LINKS_MAX)
                return -ELOOP;
        if (snprintf(full, sizeof(full), "%s/%s", target, path->rest) >= (int)sizeof(full))
                return -ENAMETOOLONG;
        memcpy(path->rest, full, strlen(full) + 1);
        if (target[0] == '/')
                memcpy(path->done, "/", 2);
        return 0;
}

/* Watches the name of root in its folder, and each symbolic link on the path to it. git-sync and
 * ConfigMaps publish a new tree by replacing a link. */
static int add_parents(Watch *watch, const char *root, Error *err)
{
        char name[NAME_MAX + 1], folder[PATH_MAX];
        Path path = { 0 };
        int r = 0;

        if (strlen(root) >= sizeof(path.rest))
                return 0; /* the loader reports that the path is too long */
        memcpy(path.rest, root, strlen(root) + 1);
        if (root[0] == '/')
                memcpy(path.done, "/", 2);
        while (r >= 0 && path_next(&path, name)) {
                bool is_link = false;

                memcpy(folder, path.done, sizeof(folder));
                if (path_enter(&path, name, &is_link) < 0)
                        return 0; /* the loader reports this error */
                if (is_link || path_is_at_end(&path))
                        r = add_name(watch, folder[0] ? folder : ".", name, err);
        }
        return r;
}

int watch_set(Watch *watch, const char *root, const Strings *folders, Error *err)
{
        _cleanup_(watched_list_done) WatchedList old = watch->watched;
        WatchedList *list = &watch->watched;
        int r, is_new = 0;

        *list = (WatchedList){ 0 };
        r = add_parents(watch, root, err);
        for (size_t i = 0; i < folders->n && r >= 0; i++)
                r = add_name(watch, folders->items[i], NULL, err);
        /* inotify returns the same descriptor for a folder that is watched already. So a descriptor
         * that was not returned again belongs to a folder that is not needed any more. */
        if (list->n > 0)
                qsort(list->items, list->n, sizeof(*list->items), compare_watched);
        for (size_t i = 0; i < old.n; i++)
                if (!watched_has(list, old.items[i].wd) &&
                    (i == 0 || old.items[i - 1].wd != old.items[i].wd))
                        /* fails if the folder was removed, which does no harm */
                        (void)inotify_rm_watch(watch->fd, old.items[i].wd);
        for (size_t i = 0; i < list->n && !is_new; i++)
                is_new = !watched_has(&old, list->items[i].wd);
        return r < 0 ? r : is_new;
}
