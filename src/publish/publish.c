/* Lockfiles from committed rows. The database is the truth: a file that differs is written again,
 * one whose release is gone is removed, and a failure is tried again until it works. */

#include "publish/publish.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "compose/streams.h"
#include "store/releases.h"

#define MEND_RETRY_MIN    (5 * USEC_PER_SEC)
#define MEND_RETRY_MAX    (5 * USEC_PER_MIN)
#define MEND_ARENA_MAX    ((size_t)512 * 1024 * 1024)
#define PUBLISH_ARENA_MAX ((size_t)128 * 1024 * 1024)
#define LOCK_FOLDER_MODE  0755

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
static int tell(Reconciler *reconciler, const Release *release, const Error *error,
                const char *stem)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error store_error = { 0 };
        Subject subject = {
                .kind = KIND_RELEASE,
                .id = release->id.text,
                .tenant = release->tenant,
                .name = release->name,
        };
        int r;

        changes_init(&changes);
        if (error)
                report_condition(
                        &changes, subject,
                        (Told){ CONDITION_READY, CONDITION_FALSE, "LockNotWritten", time_wall() },
                        "%s", error_message(error));
        else
                report_condition(&changes, subject,
                                 (Told){ CONDITION_READY, CONDITION_TRUE, "Locked", time_wall() },
                                 "%zu components; lockfile '%s" LOCK_SUFFIX "'",
                                 release->components.n, stem);
        r = store_apply(reconciler->store, &changes, &store_error);
        if (r < 0)
                log_error("release '%s': %s", release->name, error_message(&store_error));
        return r;
}

void publish_mend_later(Reconciler *reconciler)
{
        usec_t wait = MEND_RETRY_MIN << MIN(reconciler->n_mend_failures, 6U);

        reconciler->n_mend_failures++;
        reconciler->report.n_locks_failed++;
        reconciler->mend_at = time_monotonic() + MIN(wait, MEND_RETRY_MAX);
        reconciler_kick(reconciler);
}

void publish_mend_soon(Reconciler *reconciler)
{
        reconciler->mend_at = 0;
        reconciler_kick(reconciler);
}

static int publish(Reconciler *reconciler, const Release *release, bool quiet)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena;
        _cleanup_(freep) char *stem = lock_stem(reconciler->options.locks_path, release->tenant,
                                                LOCK_ROOM_RELEASES, release->name);
        const PublishPlan plan = { .stem = stem, .formats = reconciler->options.lock_formats };
        Lock lock;
        int r;

        arena_init(&arena, PUBLISH_ARENA_MAX);
        r = stem ? publish_files(release, &plan, &arena, &lock, &error) : error_oom(&error);
        if (r < 0) {
                log_error("release '%s': lockfile not written: %s", release->name,
                          error_message(&error));
                (void)tell(reconciler, release, &error, NULL); /* the next try tells again */
                return r;
        }
        if (r > 0) {
                reconciler->report.n_locks_written++;
                log_notice("release '%s': wrote '%s" LOCK_SUFFIX "'", release->name, stem);
        }
        return r > 0 || !quiet ? tell(reconciler, release, NULL, stem) : 0;
}

void publish_release(Reconciler *reconciler, const Release *release)
{
        if (publish(reconciler, release, false) < 0)
                publish_mend_later(reconciler);
        if (release->stream_id)
                publish_stream(reconciler, release->stream_id);
}

void publish_remove(Reconciler *reconciler, const char *tenant, const char *name)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(freep) char *stem =
                lock_stem(reconciler->options.locks_path, tenant, LOCK_ROOM_RELEASES, name);
        int r;

        r = stem ? publish_remove_files(stem, &error) : error_oom(&error);
        if (r < 0) {
                log_error("release '%s': lockfile not removed: %s", name, error_message(&error));
                publish_mend_later(reconciler);
        } else if (r > 0)
                log_notice("release '%s': removed '%s" LOCK_SUFFIX "'", name, stem);
}

/* --- mending ---------------------------------------------------------------------------------- */

/* Every tenant's folders of lockfiles. */
static void sweep(Reconciler *reconciler, const Map *wanted)
{
        DIR *dir = opendir(reconciler->options.locks_path);

        if (!dir)
                return;
        for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
                static const char *const rooms[] = { LOCK_ROOM_RELEASES, LOCK_ROOM_ENVIRONMENTS };

                if (entry->d_name[0] == '.')
                        continue;
                for (size_t i = 0; i < ARRAY_SIZE(rooms); i++) {
                        _cleanup_(freep) char *folder = NULL;

                        folder = text_printf("%s/%s/%s", reconciler->options.locks_path,
                                             entry->d_name, rooms[i]);
                        if (folder)
                                publish_sweep_folder(folder, wanted);
                }
                publish_sweep_streams(reconciler, entry->d_name);
        }
        (void)closedir(dir); /* read only */
}

static int want_lock(const Reconciler *reconciler, const char *tenant, const char *name,
                     Arena *arena, Map *wanted)
{
        _cleanup_(freep) char *stem =
                lock_stem(reconciler->options.locks_path, tenant, LOCK_ROOM_RELEASES, name);
        const char *key = stem ? arena_strdup(arena, stem) : NULL;

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
        publish_streams(reconciler);
        if (failed) {
                publish_mend_later(reconciler);
                return;
        }
        reconciler->n_mend_failures = 0;
        reconciler->sweep_later = !streams_have_made(reconciler);
        if (!reconciler->sweep_later)
                sweep(reconciler, &wanted);
}
