/* Writes the lockfiles of releases from committed rows. Rewrites a file that differs from the
 * database. Removes the file of an archived release. */

#include "publish/publish.h"

#include "base/log.h"
#include "store/events.h"
#include "store/releases.h"

static char *stem_of(const Publisher *publisher, const Release *release)
{
        return lock_stem(publisher->control->options.locks_path, release->tenant,
                         LOCK_ROOM_RELEASES, release->name);
}

/* --- condition of a release ------------------------------------------------------------------- */

static int release_report(Publisher *publisher, const Release *release, const Error *error,
                          const char *stem, Error *err)
{
        _cleanup_(changes_done) Changes changes;
        const Subject subject = {
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
                                 "%zu components; lockfile '%s" LOCK_SUFFIX "'",
                                 release->components.n, stem);
        return control_apply(publisher->control, &changes, err);
}

/* Returns 1 if the stored condition already says that the lockfile is written. */
static int release_is_reported(Publisher *publisher, const Release *release, Arena *arena,
                               Error *err)
{
        const Condition *ready;
        Conditions conditions;
        int r;

        r = store_conditions(publisher->control->store, KIND_RELEASE, release->id.text, arena,
                             &conditions, err);
        if (r < 0)
                return r;
        ready = conditions_find(&conditions, CONDITION_READY);
        return ready && ready->status == CONDITION_TRUE;
}

/* --- files of a release ----------------------------------------------------------------------- */

static int release_write(Publisher *publisher, const Release *release, Arena *arena, Error *err)
{
        _cleanup_(freep) char *stem = stem_of(publisher, release);
        const PublishPlan plan = { .stem = stem,
                                   .formats = formats_of_releases(&publisher->control->options),
                                   .signing = publisher->control->options.signing };
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(error_done) Error unreported = { 0 };
        Lock lock = { .release = *release };
        int r;

        r = stem ? lock_digest(&lock, arena, &error) : error_oom(&error);
        if (r >= 0)
                r = publish_files(&lock, &plan, arena, &error);
        if (r < 0) {
                if (release_report(publisher, release, &error, NULL, &unreported) < 0)
                        log_error("release '%s': %s", release->name, error_message(&unreported));
                error_move(err, &error);
                return r;
        }
        if (r > 0) {
                publisher->n_locks_written++;
                log_notice("release '%s': wrote '%s" LOCK_SUFFIX "'", release->name, stem);
        } else {
                r = release_is_reported(publisher, release, arena, err);
                if (r != 0)
                        return MIN(r, 0);
        }
        return release_report(publisher, release, NULL, stem, err);
}

static int release_remove(Publisher *publisher, const Release *release, Error *err)
{
        _cleanup_(freep) char *stem = stem_of(publisher, release);
        int r;

        r = stem ? publish_remove_files(stem, err) : error_oom(err);
        if (r > 0)
                log_notice("release '%s': removed '%s" LOCK_SUFFIX "'", release->name, stem);
        return MIN(r, 0);
}

usec_t publisher_reconcile_release(Publisher *publisher, const char *id)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena;
        const char *verb = "written";
        Release release;
        int r;

        arena_init(&arena, PUBLISH_ARENA_MAX);
        r = store_release(publisher->control->store, id, &arena, &release, &error);
        if (r == 0 || (r > 0 && release.status == RELEASE_DRAFT))
                return QUEUE_DONE; /* the sweep removes its lockfile */
        if (r < 0) {
                log_error("release %s: lockfile not compared with the database: %s", id,
                          error_message(&error));
                return publish_failed(publisher);
        }
        if (release.status == RELEASE_ARCHIVED) {
                r = release_remove(publisher, &release, &error);
                verb = "removed";
        } else
                r = release_write(publisher, &release, &arena, &error);
        if (r >= 0)
                return QUEUE_DONE;
        log_error("release '%s': lockfile not %s: %s", release.name, verb, error_message(&error));
        return publish_failed(publisher);
}
