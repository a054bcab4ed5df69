/* The lockfile of an environment: of the release it has or is getting. */

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "publish/publish.h"
#include "store/releases.h"

#define PUBLISH_ARENA_MAX ((size_t)128 * 1024 * 1024)

static char *stem_of(const EnvironmentLock *environment)
{
        const Meta *meta = &environment->spec->object.meta;

        return lock_stem(environment->publisher->control->options.locks_path, meta->tenant,
                         LOCK_ROOM_ENVIRONMENTS, meta->name);
}

/* A failed deployment without one before it has left its release in the lockfile; it stays. */
static int write_lock(EnvironmentLock *environment, const Deployment *deployment, Arena *arena,
                      Error *err)
{
        Publisher *publisher = environment->publisher;
        _cleanup_(freep) char *stem = stem_of(environment);
        const PublishPlan plan = { .stem = stem,
                                   .formats = formats_of_environment(&publisher->control->options,
                                                                     environment->spec),
                                   .environment = environment->spec->object.meta.name };
        Release release;
        Lock lock;
        int r;

        if (!stem)
                return error_oom(err);
        r = store_release(publisher->control->store, deployment->release_id, arena, &release, err);
        if (r <= 0)
                return r < 0 ? r
                             : error_set(err, ERROR_INTERNAL, -ENOENT, "release '%s' is gone",
                                         deployment->release_name);
        r = publish_files(&release, &plan, arena, &lock, err);
        if (r < 0)
                return r;
        if (r > 0) {
                publisher->n_locks_written++;
                log_notice("environment '%s': wrote '%s" LOCK_SUFFIX "' for release '%s'",
                           plan.environment, stem, release.name);
        }
        return outputs_publish(environment, &lock, arena, err);
}

/* Nothing is deployed there. Files stay, for a database that was lost knows of none; but what was
 * canceled must not be deployed from them. */
static int remove_canceled(EnvironmentLock *environment, Arena *arena, Error *err)
{
        const char *name = environment->spec->object.meta.name;
        _cleanup_(freep) char *stem = stem_of(environment);
        const Page newest = { .limit = 1 };
        Deployments history;
        int r, n = 0;

        r = store_history(environment->publisher->control->store, environment->id.text, &newest,
                          arena, &history, err);
        if (r < 0 || history.n == 0 || history.items[0].status != DEPLOYMENT_CANCELED)
                return r;
        r = stem ? publish_remove_files(stem, err) : error_oom(err);
        n = r;
        if (r >= 0)
                r = outputs_remove(environment, arena, err);
        if (r >= 0 && n + r > 0)
                log_notice("environment '%s': removed '%s" LOCK_SUFFIX "': release '%s' was "
                           "canceled",
                           name, stem, history.items[0].release_name);
        return MIN(r, 0);
}

static int publish_lock(EnvironmentLock *environment, Error *err)
{
        const Control *control = environment->publisher->control;
        _cleanup_(arena_done) Arena arena;
        Deployment deployment;
        int r;

        arena_init(&arena, PUBLISH_ARENA_MAX);
        r = store_deployment(control->store, environment->id.text, &arena, &deployment, err);
        if (r <= 0)
                return r < 0 ? r : remove_canceled(environment, &arena, err);
        r = write_lock(environment, &deployment, &arena, err);
        return control->calls->lock_written(control->userdata, &deployment, r, err);
}

int publish_environment(Publisher *publisher, const char *environment_id, Error *err)
{
        EnvironmentLock *environment = map_get(&publisher->environments, environment_id);

        return environment ? publish_lock(environment, err) : 0;
}

int publish_environments(Publisher *publisher, Arena *arena, Map *wanted)
{
        int worst = 0;

        map_foreach (&publisher->environments, entry) {
                EnvironmentLock *environment = entry->value;
                _cleanup_(error_done) Error error = { 0 };
                _cleanup_(freep) char *stem = stem_of(environment);
                const char *key = stem ? arena_strdup(arena, stem) : NULL;

                if (!key || map_put(wanted, key, wanted, NULL) < 0)
                        return -ENOMEM;
                if (publish_lock(environment, &error) >= 0)
                        continue;
                log_error("environment '%s': lockfile not written: %s",
                          environment->spec->object.meta.name, error_message(&error));
                worst = -EIO;
        }
        return worst;
}
