/* Lockfiles from committed rows. The database is the truth: a file that differs is written again,
 * one whose release is gone is removed, and a failure is tried again until it works. */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/log.h"
#include "lock/lock.h"
#include "reconcile/environments.h"
#include "reconcile/internal.h"
#include "reconcile/streams.h"
#include "store/releases.h"

#define MEND_RETRY_MIN   (5 * USEC_PER_SEC)
#define MEND_RETRY_MAX   (5 * USEC_PER_MIN)
#define MEND_ARENA_MAX   ((size_t)512 * 1024 * 1024)
#define LOCK_FILE_MODE   0644
#define LOCK_FOLDER_MODE 0755

int publish_check_folder(Reconciler *reconciler, Error *err)
{
        const char *folder = reconciler->options.locks_path;
        int r;

        r = file_make_folder(folder, LOCK_FOLDER_MODE, err);
        if (r < 0)
                return error_prefix(err, r, "lock folder");
        if (access(folder, W_OK | X_OK) < 0)
                return error_set(
                        err, ERROR_INVALID, -errno,
                        "cannot write lockfiles to '%s': %s; give the user of relmand the right to "
                        "write there, or set locks.path",
                        folder, strerror(errno));
        return 0;
}

/* Tells a release's condition only when that is new: what is equal writes nothing. */
static void tell(Reconciler *reconciler, const Release *release, const Error *error,
                 const char *path)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error store_error = { 0 };
        Subject subject = {
                .kind = KIND_RELEASE,
                .id = release->id.text,
                .tenant = release->tenant,
                .name = release->name,
        };

        changes_init(&changes);
        if (error)
                report_condition(
                        &changes, subject,
                        (Told){ CONDITION_READY, CONDITION_FALSE, "LockNotWritten", time_wall() },
                        "%s", error_message(error));
        else
                report_condition(&changes, subject,
                                 (Told){ CONDITION_READY, CONDITION_TRUE, "Locked", time_wall() },
                                 "%zu components; lockfile '%s'", release->components.n, path);
        if (store_apply(reconciler->store, &changes, &store_error) < 0)
                log_error("release '%s': %s", release->name, error_message(&store_error));
}

int publish_file(const Release *release, const char *environment, const char *path, Error *err)
{
        _cleanup_(buffer_done) Buffer bytes;
        _cleanup_(freep) char *folder = strdup(path);
        int r;

        buffer_init(&bytes, LOCK_FILE_MAX);
        if (!folder)
                return error_oom(err);
        r = lock_write_native(release, environment, &bytes, err);
        if (r < 0)
                return r;
        *strrchr(folder, '/') = '\0';
        r = file_make_folder(folder, LOCK_FOLDER_MODE, err);
        if (r < 0)
                return r;
        return file_update(path, bytes.data, bytes.size, LOCK_FILE_MODE, err);
}

void publish_mend_later(Reconciler *reconciler)
{
        usec_t wait = MEND_RETRY_MIN << MIN(reconciler->n_mend_failures, 6U);

        reconciler->n_mend_failures++;
        reconciler->report.n_locks_failed++;
        reconciler->mend_at = time_monotonic() + MIN(wait, MEND_RETRY_MAX);
        reconciler_kick(reconciler);
}

static int publish(Reconciler *reconciler, const Release *release, bool quiet)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(freep) char *path =
                lock_release_path(reconciler->options.locks_path, release->tenant, release->name);
        int r;

        r = path ? publish_file(release, NULL, path, &error) : error_oom(&error);
        if (r < 0) {
                log_error("release '%s': lockfile not written: %s", release->name,
                          error_message(&error));
                tell(reconciler, release, &error, path);
                return r;
        }
        if (r > 0) {
                reconciler->report.n_locks_written++;
                log_notice("release '%s': wrote '%s'", release->name, path);
        }
        if (r > 0 || !quiet)
                tell(reconciler, release, NULL, path);
        return 0;
}

void publish_release(Reconciler *reconciler, const Release *release)
{
        if (publish(reconciler, release, false) < 0)
                publish_mend_later(reconciler);
}

void publish_remove(Reconciler *reconciler, const char *tenant, const char *name)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(freep) char *path =
                lock_release_path(reconciler->options.locks_path, tenant, name);
        int r;

        r = path ? file_remove(path, &error) : error_oom(&error);
        if (r < 0) {
                log_error("release '%s': lockfile not removed: %s", name, error_message(&error));
                publish_mend_later(reconciler);
        } else if (r > 0)
                log_notice("release '%s': removed '%s'", name, path);
}

/* --- mending ---------------------------------------------------------------------------------- */

/* True for a file we wrote: nobody else's is ever removed. */
static bool is_ours(const char *path)
{
        _cleanup_(freep) char *data = NULL;
        _cleanup_(error_done) Error error = { 0 };
        size_t size;

        return file_read(path, LOCK_FILE_MAX, &data, &size, &error) >= 0 &&
               strncmp(data, LOCK_FIRST_WORDS, strlen(LOCK_FIRST_WORDS)) == 0;
}

static void remove_unless_wanted(const char *path, const Map *wanted)
{
        _cleanup_(error_done) Error error = { 0 };

        if (map_has(wanted, path) || !is_ours(path))
                return;
        if (file_remove(path, &error) < 0)
                log_error("left-over lockfile not removed: %s", error_message(&error));
        else
                log_notice("removed '%s': no live release has it", path);
}

static void sweep_folder(const char *folder, const Map *wanted)
{
        _cleanup_(error_done) Error error = { 0 };
        DIR *dir = opendir(folder);

        if (!dir)
                return; /* a tenant without releases */
        for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
                size_t size = strlen(entry->d_name), end = strlen(LOCK_SUFFIX);
                _cleanup_(freep) char *path = NULL;

                if (size <= end || !streq(entry->d_name + size - end, LOCK_SUFFIX) ||
                    entry->d_name[0] == '.')
                        continue;
                if (asprintf(&path, "%s/%s", folder, entry->d_name) < 0)
                        path = NULL;
                else
                        remove_unless_wanted(path, wanted);
        }
        (void)closedir(dir); /* read only */
        if (file_sweep(folder, &error) < 0)
                log_warning("%s", error_message(&error));
}

/* Every tenant's folders of lockfiles. */
static void sweep(Reconciler *reconciler, const Map *wanted)
{
        DIR *dir = opendir(reconciler->options.locks_path);

        if (!dir)
                return;
        for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
                static const char *const rooms[] = { "releases", "environments" };

                for (size_t i = 0; entry->d_name[0] != '.' && i < ARRAY_SIZE(rooms); i++) {
                        _cleanup_(freep) char *folder = NULL;

                        if (asprintf(&folder, "%s/%s/%s", reconciler->options.locks_path,
                                     entry->d_name, rooms[i]) < 0)
                                folder = NULL;
                        else
                                sweep_folder(folder, wanted);
                }
        }
        (void)closedir(dir); /* read only */
}

static int want_lock(const Reconciler *reconciler, const char *tenant, const char *name,
                     Arena *arena, Map *wanted)
{
        _cleanup_(freep) char *path =
                lock_release_path(reconciler->options.locks_path, tenant, name);
        const char *key = path ? arena_strdup(arena, path) : NULL;

        return key ? map_put(wanted, key, wanted, NULL) : -ENOMEM;
}

/* A draft may find its own published lockfile again (release-task.c): that one stays too. */
static int want_drafts(const Reconciler *reconciler, Arena *arena, Map *wanted)
{
        int r = 0;

        map_foreach (&reconciler->drafts, entry) {
                const Meta *meta = &((const DraftState *)entry->value)->spec->object.meta;

                r = want_lock(reconciler, meta->tenant, meta->name, arena, wanted);
                if (r < 0)
                        break;
        }
        return MIN(r, 0);
}

void publish_mend(Reconciler *reconciler)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena;
        _cleanup_(map_done) Map wanted = { 0 };
        Releases releases;
        bool failed;

        arena_init(&arena, MEND_ARENA_MAX);
        reconciler->mend_at = USEC_INFINITY;
        if (store_live_releases(reconciler->store, &arena, &releases, &error) < 0) {
                log_error("lockfiles not looked over: %s", error_message(&error));
                publish_mend_later(reconciler);
                return;
        }
        failed = want_drafts(reconciler, &arena, &wanted) < 0;
        for (size_t i = 0; i < releases.n; i++) {
                const Release *release = &releases.items[i];

                if (want_lock(reconciler, release->tenant, release->name, &arena, &wanted) < 0 ||
                    publish(reconciler, release, reconciler->n_mend_failures == 0) < 0)
                        failed = true;
        }
        if (publish_environments(reconciler, &arena, &wanted) < 0)
                failed = true;
        if (failed) {
                publish_mend_later(reconciler);
                return;
        }
        reconciler->n_mend_failures = 0;
        reconciler->sweep_later = !streams_have_made(reconciler);
        if (!reconciler->sweep_later)
                sweep(reconciler, &wanted);
}
