/* The lockfile of an environment: of the release it has or is getting. */

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "publish/publish.h"
#include "store/releases.h"

#define PUBLISH_ARENA_MAX ((size_t)128 * 1024 * 1024)

static char *stem_of(const EnvironmentState *environment)
{
        const Meta *meta = &environment->spec->object.meta;

        return lock_stem(environment->reconciler->options.locks_path, meta->tenant,
                         LOCK_ROOM_ENVIRONMENTS, meta->name);
}

LockFormats publish_environment_formats(const EnvironmentState *environment)
{
        const Strings *own = &environment->spec->lock_formats;

        return (own->n > 0 ? publish_formats(own) : environment->reconciler->options.lock_formats) |
               outputs_formats(environment);
}

/* A failed deployment without one before it has left its release in the lockfile; it stays. */
static int write_lock(EnvironmentState *environment, const Deployment *deployment, Arena *arena,
                      Error *err)
{
        Reconciler *reconciler = environment->reconciler;
        _cleanup_(freep) char *stem = stem_of(environment);
        const PublishPlan plan = { .stem = stem,
                                   .formats = publish_environment_formats(environment),
                                   .environment = environment->spec->object.meta.name };
        Release release;
        Lock lock;
        int r;

        if (!stem)
                return error_oom(err);
        r = store_release(reconciler->store, deployment->release_id, arena, &release, err);
        if (r <= 0)
                return r < 0 ? r
                             : error_set(err, ERROR_INTERNAL, -ENOENT, "release '%s' is gone",
                                         deployment->release_name);
        r = publish_files(&release, &plan, arena, &lock, err);
        if (r < 0)
                return r;
        if (r > 0) {
                reconciler->report.n_locks_written++;
                log_notice("environment '%s': wrote '%s" LOCK_SUFFIX "' for release '%s'",
                           plan.environment, stem, release.name);
        }
        return outputs_publish(environment, &lock, arena, err);
}

/* Nothing is deployed there. Files stay, for a database that was lost knows of none; but what was
 * canceled must not be deployed from them. */
static int remove_canceled(EnvironmentState *environment, Arena *arena, Error *err)
{
        const char *name = environment->spec->object.meta.name;
        _cleanup_(freep) char *stem = stem_of(environment);
        const Page newest = { .limit = 1 };
        Deployments history;
        int r, n = 0;

        r = store_history(environment->reconciler->store, environment->id.text, &newest, arena,
                          &history, err);
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

int publish_environment(EnvironmentState *environment, Error *err)
{
        static const Confirmation automatic = { .status = DEPLOYMENT_DEPLOYED,
                                                .by = PRINCIPAL_SELF };
        _cleanup_(arena_done) Arena arena;
        Deployment deployment;
        int r;

        arena_init(&arena, PUBLISH_ARENA_MAX);
        r = store_deployment(environment->reconciler->store, environment->id.text, &arena,
                             &deployment, err);
        if (r <= 0)
                return r < 0 ? r : remove_canceled(environment, &arena, err);
        r = write_lock(environment, &deployment, &arena, err);
        environment->lock_failed = r < 0;
        if (r < 0 || deployment.status != DEPLOYMENT_PROMOTING ||
            environment->spec->confirm != CONFIRM_AUTO)
                return r;
        return deployment_confirm(environment, deployment.release_id, &automatic, err);
}

int publish_environments(Reconciler *reconciler, Arena *arena, Map *wanted)
{
        int worst = 0;

        map_foreach (&reconciler->environments, entry) {
                EnvironmentState *environment = entry->value;
                _cleanup_(error_done) Error error = { 0 };
                _cleanup_(freep) char *stem = stem_of(environment);
                const char *key = stem ? arena_strdup(arena, stem) : NULL;

                if (!key || map_put(wanted, key, wanted, NULL) < 0)
                        return -ENOMEM;
                if (publish_environment(environment, &error) >= 0)
                        continue;
                log_error("environment '%s': lockfile not written: %s",
                          environment->spec->object.meta.name, error_message(&error));
                worst = -EIO;
        }
        return worst;
}
