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
#include "publish/output-run.h"
#include "store/releases.h"

#define MEND_ARENA_MAX    ((size_t)512 * 1024 * 1024)
#define PUBLISH_ARENA_MAX ((size_t)128 * 1024 * 1024)
#define LOCK_FOLDER_MODE  0755

int publisher_check_folder(const Publisher *publisher, Error *err)
{
        const char *folder = publisher->control->options.locks_path;
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
static int tell(Publisher *publisher, const Release *release, const Error *error, const char *stem)
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
        r = control_apply(publisher->control, &changes, &store_error);
        if (r < 0)
                log_error("release '%s': %s", release->name, error_message(&store_error));
        return r;
}

static int publish(Publisher *publisher, const Release *release, bool quiet)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena;
        _cleanup_(freep) char *stem = lock_stem(publisher->control->options.locks_path,
                                                release->tenant, LOCK_ROOM_RELEASES, release->name);
        const PublishPlan plan = { .stem = stem,
                                   .formats = publisher->control->options.lock_formats };
        Lock lock;
        int r;

        arena_init(&arena, PUBLISH_ARENA_MAX);
        r = stem ? publish_files(release, &plan, &arena, &lock, &error) : error_oom(&error);
        if (r < 0) {
                log_error("release '%s': lockfile not written: %s", release->name,
                          error_message(&error));
                (void)tell(publisher, release, &error, NULL); /* the next try tells again */
                return r;
        }
        if (r > 0) {
                publisher->n_locks_written++;
                log_notice("release '%s': wrote '%s" LOCK_SUFFIX "'", release->name, stem);
        }
        return r > 0 || !quiet ? tell(publisher, release, NULL, stem) : 0;
}

void publish_release(Publisher *publisher, const Release *release)
{
        if (publish(publisher, release, false) < 0)
                publisher_mend_later(publisher);
        if (release->stream_id)
                publish_stream(publisher, release->stream_id);
}

void publish_remove(Publisher *publisher, const char *tenant, const char *name)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(freep) char *stem =
                lock_stem(publisher->control->options.locks_path, tenant, LOCK_ROOM_RELEASES, name);
        int r;

        r = stem ? publish_remove_files(stem, &error) : error_oom(&error);
        if (r < 0) {
                log_error("release '%s': lockfile not removed: %s", name, error_message(&error));
                publisher_mend_later(publisher);
        } else if (r > 0)
                log_notice("release '%s': removed '%s" LOCK_SUFFIX "'", name, stem);
}

/* --- mending ---------------------------------------------------------------------------------- */

/* Every tenant's folders of lockfiles. */
static void sweep(Publisher *publisher, const Map *wanted)
{
        DIR *dir = opendir(publisher->control->options.locks_path);

        if (!dir)
                return;
        for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
                static const char *const rooms[] = { LOCK_ROOM_RELEASES, LOCK_ROOM_ENVIRONMENTS };

                if (entry->d_name[0] == '.')
                        continue;
                for (size_t i = 0; i < ARRAY_SIZE(rooms); i++) {
                        _cleanup_(freep) char *folder = NULL;

                        folder = text_printf("%s/%s/%s", publisher->control->options.locks_path,
                                             entry->d_name, rooms[i]);
                        if (folder)
                                publish_sweep_folder(folder, wanted);
                }
                publish_sweep_streams(publisher, entry->d_name);
        }
        (void)closedir(dir); /* read only */
}

static int want_lock(const Publisher *publisher, const char *tenant, const char *name, Arena *arena,
                     Map *wanted)
{
        _cleanup_(freep) char *stem =
                lock_stem(publisher->control->options.locks_path, tenant, LOCK_ROOM_RELEASES, name);
        const char *key = stem ? arena_strdup(arena, stem) : NULL;

        return key ? map_put(wanted, key, wanted, NULL) : -ENOMEM;
}

usec_t publisher_mend(Publisher *publisher, const PublisherMend *mend)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena;
        Map *wanted = mend->wanted;
        Releases releases;
        bool failed = mend->is_short;

        arena_init(&arena, MEND_ARENA_MAX);
        if (store_live_releases(publisher->control->store, &arena, &releases, &error) < 0) {
                log_error("lockfiles not looked over: %s", error_message(&error));
                publish_mend_failed(publisher);
                return publisher->control->options.once ? QUEUE_DONE : QUEUE_FAILED;
        }
        for (size_t i = 0; i < releases.n; i++) {
                const Release *release = &releases.items[i];

                if (want_lock(publisher, release->tenant, release->name, mend->arena, wanted) < 0 ||
                    publish(publisher, release, publisher->n_mend_failures == 0) < 0)
                        failed = true;
        }
        if (publish_environments(publisher, mend->arena, wanted) < 0)
                failed = true;
        publish_streams(publisher);
        if (failed) {
                publish_mend_failed(publisher);
                return publisher->control->options.once ? QUEUE_DONE : QUEUE_FAILED;
        }
        publisher->n_mend_failures = 0;
        publisher->sweep_later = !mend->may_sweep;
        if (mend->may_sweep)
                sweep(publisher, wanted);
        return QUEUE_DONE;
}

/* --- when ------------------------------------------------------------------------------------- */

void publisher_sweep(Publisher *publisher)
{
        if (!publisher->sweep_later)
                return;
        publisher->sweep_later = false;
        publisher_mend_soon(publisher);
}

bool publisher_is_idle(const Publisher *publisher)
{
        map_foreach (&publisher->environments, entry)
                if (!outputs_are_idle(entry->value))
                        return false;
        return true;
}

/* --- life ------------------------------------------------------------------------------------- */

static EnvironmentLock *environment_lock_free(EnvironmentLock *lock)
{
        if (!lock)
                return NULL;
        outputs_done(lock);
        free(lock);
        return NULL;
}

static void drop_gone(Publisher *publisher, const Model *model)
{
        map_foreach (&publisher->environments, entry) {
                EnvironmentLock *gone = entry->value;

                if (model && map_has(&model->by_id, entry->key))
                        continue;
                (void)map_remove(&publisher->environments, gone->id.text);
                environment_lock_free(gone);
                publisher_mend_soon(publisher); /* its lockfile goes */
        }
}

static int adopt(Publisher *publisher, const EnvironmentSpec *spec)
{
        EnvironmentLock *lock = map_get(&publisher->environments, spec->object.id.text);

        if (!lock) {
                lock = calloc(1, sizeof(*lock));
                if (!lock)
                        return -ENOMEM;
                lock->publisher = publisher;
                lock->id = spec->object.id;
                if (map_put(&publisher->environments, lock->id.text, lock, NULL) < 0) {
                        environment_lock_free(lock);
                        return -ENOMEM;
                }
        }
        if (lock->formats[0] && !streq(lock->formats, spec->object.digest))
                publisher_mend_soon(publisher); /* its lockfile may be wanted in other formats */
        memcpy(lock->formats, spec->object.digest, sizeof(lock->formats));
        lock->spec = spec;
        return 0;
}

int publisher_adopt(Publisher *publisher, const Model *model, Error *err)
{
        drop_gone(publisher, model);
        for (size_t i = 0; i < model->environments.n; i++)
                if (adopt(publisher, model->environments.items[i]) < 0)
                        return error_oom(err);
        return 0;
}

void publisher_done(Publisher *publisher)
{
        drop_gone(publisher, NULL);
        map_done(&publisher->environments);
        output_runs_end(publisher);
}
