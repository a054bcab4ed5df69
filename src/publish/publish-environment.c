/* Writes the lockfile of an environment: the release that is deployed or being promoted. */

#include <stdlib.h>

#include "base/log.h"
#include "publish/publish.h"
#include "store/releases.h"

static char *stem_of(const EnvironmentLock *environment)
{
        const Meta *meta = &environment->spec->object.meta;

        return lock_stem(environment->publisher->control->options.locks_path, meta->tenant,
                         LOCK_ROOM_ENVIRONMENTS, meta->name);
}

/* --- the result ------------------------------------------------------------------------------- */

FilesState publisher_files_state(const Publisher *publisher, const Deployment *deployment,
                                 const char **ret_problem)
{
        const EnvironmentLock *environment =
                map_get(&publisher->environments, deployment->environment_id);
        const Published *files = environment ? &environment->files : NULL;

        if (!files || !published_is_of(files, deployment))
                return FILES_DUE;
        if (!files->failed)
                return outputs_state(environment, deployment, ret_problem);
        *ret_problem = files->problem;
        return FILES_FAILED;
}

/* --- writing and removing --------------------------------------------------------------------- */

/* Writes the lockfile. If the first deployment of an environment failed, keeps its lockfile,
 * because no earlier release can replace it. */
static int environment_write(EnvironmentLock *environment, const Deployment *deployment,
                             Arena *arena, Error *err)
{
        Publisher *publisher = environment->publisher;
        _cleanup_(freep) char *stem = stem_of(environment);
        const PublishPlan plan = { .stem = stem,
                                   .formats = formats_of_environment(&publisher->control->options,
                                                                     environment->spec),
                                   .signing = publisher->control->options.signing };
        Lock lock;
        int r;

        if (!stem)
                return error_oom(err);
        r = environment_lock(environment, deployment, arena, &lock, err);
        if (r >= 0 && formats_have_admission(plan.formats))
                r = environment_admission(environment, arena, &lock, err);
        if (r >= 0)
                r = publish_files(&lock, &plan, arena, err);
        if (r > 0) {
                publisher->n_locks_written++;
                log_notice("environment '%s': wrote '%s" LOCK_SUFFIX "' for release '%s'",
                           lock.environment, stem, lock.release.name);
        }
        return MIN(r, 0);
}

static int environment_remove(EnvironmentLock *environment, Arena *arena, Error *err)
{
        _cleanup_(freep) char *stem = stem_of(environment);
        Deployment canceled;
        int r;

        r = environment_was_canceled(environment, arena, &canceled, err);
        if (r > 0)
                r = stem ? publish_remove_files(stem, err) : error_oom(err);
        if (r > 0)
                log_notice("environment '%s': removed '%s" LOCK_SUFFIX "': release '%s' was "
                           "canceled",
                           environment->spec->object.meta.name, stem, canceled.release_name);
        return MIN(r, 0);
}

static int environment_publish(EnvironmentLock *environment, Arena *arena, Error *err)
{
        Deployment deployment;
        int r;

        r = store_deployment(environment->publisher->control->store, environment->id.text, arena,
                             &deployment, err);
        if (r <= 0)
                return r < 0 ? r : environment_remove(environment, arena, err);
        r = environment_write(environment, &deployment, arena, err);
        environment_note(environment, &environment->files, &deployment, r, err);
        return r;
}

usec_t publisher_reconcile_environment(Publisher *publisher, const char *id)
{
        EnvironmentLock *environment = map_get(&publisher->environments, id);
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena;

        arena_init(&arena, PUBLISH_ARENA_MAX);
        if (!environment)
                return QUEUE_DONE;
        if (environment_publish(environment, &arena, &error) < 0) {
                log_error("environment '%s': lockfile not written or removed: %s",
                          environment->spec->object.meta.name, error_message(&error));
                return publish_failed(publisher);
        }
        outputs_add(environment);
        return QUEUE_DONE;
}
