#include "reconcile/watch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/vec.h"

#define WATCH_MASK                                                                                 \
        (IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB |        \
         IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR)

struct Watch {
        WatchChanged changed;
        void *userdata;
        sd_event_source *inotify;
        sd_event_source *settle;
        int fd;
        int *watches; /* descriptors in use */
        size_t n_watches, capacity;
        usec_t first_change; /* monotonic: first change that was not reported yet; 0: none */
};

static int on_settled(sd_event_source *source, usec_t usec, void *userdata)
{
        Watch *watch = userdata;

        (void)source, (void)usec;
        watch->first_change = 0;
        watch->changed(watch->userdata);
        return 0;
}

static int on_change(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        Watch *watch = userdata;
        _Alignas(struct inotify_event) char buffer[16 * 1024];
        usec_t now = time_monotonic(), wait = WATCH_SETTLE;
        ssize_t n;

        (void)source, (void)revents;
        do
                n = read(fd, buffer, sizeof(buffer));
        while (n > 0); /* the loader compares files, so names are not needed */
        if (watch->first_change == 0)
                watch->first_change = now;
        if (now + wait > watch->first_change + WATCH_SETTLE_MAX)
                wait = watch->first_change + WATCH_SETTLE_MAX > now
                               ? watch->first_change + WATCH_SETTLE_MAX - now
                               : 0;
        if (sd_event_source_set_time_relative(watch->settle, wait) < 0 ||
            sd_event_source_set_enabled(watch->settle, SD_EVENT_ONESHOT) < 0)
                log_error("cannot arm the timer that waits for specs to settle");
        return 0;
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
                r = sd_event_add_time_relative(event, &watch->settle, CLOCK_MONOTONIC, 0, 10000,
                                               on_settled, watch);
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
        free(watch->watches);
        free(watch);
        return NULL;
}

static int add_folder(Watch *watch, const char *folder, Error *err)
{
        int wd, r;

        r = vec_reserve(&watch->watches, &watch->capacity, watch->n_watches + 1,
                        sizeof(*watch->watches));
        if (r < 0)
                return error_oom(err);
        wd = inotify_add_watch(watch->fd, folder, WATCH_MASK);
        if (wd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
                return 0; /* the folder was removed meanwhile, or is unreadable: the loader reports
                             that */
        if (wd < 0)
                return error_set(err, ERROR_INTERNAL, -errno,
                                 "cannot watch '%s': %s; see fs.inotify.max_user_watches", folder,
                                 strerror(errno));
        watch->watches[watch->n_watches++] = wd;
        return 0;
}

/* Watches the folder that holds path[0..size). */
static int add_parent(Watch *watch, const char *path, size_t size, Error *err)
{
        char parent[PATH_MAX];

        while (size > 0 && path[size - 1] != '/')
                size--;
        while (size > 1 && path[size - 1] == '/')
                size--;
        if (size >= sizeof(parent))
                return 0;
        if (size == 0)
                return add_folder(watch, ".", err);
        memcpy(parent, path, size);
        parent[size] = '\0';
        return add_folder(watch, parent, err);
}

/* Watches the folder that holds root, and the folders of symbolic links in its path. git-sync and
 * ConfigMaps publish a new tree by replacing a link. */
static int add_parents(Watch *watch, const char *root, Error *err)
{
        char prefix[PATH_MAX];
        size_t size = strlen(root);
        struct stat st;
        int r;

        while (size > 1 && root[size - 1] == '/')
                size--;
        if (size >= sizeof(prefix))
                return 0;
        r = add_parent(watch, root, size, err);
        for (size_t i = 1; i <= size && r >= 0; i++) {
                if (i < size && root[i] != '/')
                        continue;
                memcpy(prefix, root, i);
                prefix[i] = '\0';
                if (lstat(prefix, &st) == 0 && S_ISLNK(st.st_mode))
                        r = add_parent(watch, root, i, err);
        }
        return r;
}

static int compare_ints(const void *a, const void *b)
{
        int x = *(const int *)a, y = *(const int *)b;

        return (x > y) - (x < y);
}

/* Drops repeated descriptors of the sorted list. */
static void drop_repeated(Watch *watch)
{
        size_t n = 0;

        for (size_t i = 0; i < watch->n_watches; i++)
                if (n == 0 || watch->watches[n - 1] != watch->watches[i])
                        watch->watches[n++] = watch->watches[i];
        watch->n_watches = n;
}

int watch_set(Watch *watch, const char *root, const Strings *folders, Error *err)
{
        _cleanup_(freep) int *old = TAKE(watch->watches);
        size_t n_old = watch->n_watches, n_kept = 0;
        int r;

        watch->n_watches = watch->capacity = 0;
        r = add_parents(watch, root, err);
        for (size_t i = 0; i < folders->n && r >= 0; i++)
                r = add_folder(watch, folders->items[i], err);
        /* inotify returns the same descriptor for a folder that is watched already. So descriptors
         * that were not returned again are of folders that are not needed any more. */
        if (watch->n_watches > 0)
                qsort(watch->watches, watch->n_watches, sizeof(int), compare_ints);
        drop_repeated(watch);
        for (size_t i = 0; i < n_old; i++) {
                if (watch->n_watches > 0 &&
                    bsearch(&old[i], watch->watches, watch->n_watches, sizeof(int), compare_ints))
                        n_kept++;
                else
                        /* fails if the folder was removed, which does no harm */
                        (void)inotify_rm_watch(watch->fd, old[i]);
        }
        return r < 0 ? r : watch->n_watches > n_kept;
}
