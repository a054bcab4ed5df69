/* Reads the locks of deployments, and records the results of attempts to publish them. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "publish/publish.h"
#include "store/releases.h"

/* --- results ---------------------------------------------------------------------------------- */

usec_t publish_failed(Publisher *publisher)
{
        publisher->n_locks_failed++;
        return publisher->control->options.once ? QUEUE_DONE : QUEUE_FAILED;
}

bool published_is_of(const Published *published, const Deployment *deployment)
{
        const char *promotion_id = deployment->promotion_id ? deployment->promotion_id : "";

        return streq(promotion_id, published->promotion_id.text) &&
               streq(deployment->release_id, published->release_id.text);
}

void environment_note(EnvironmentLock *environment, Published *published,
                      const Deployment *deployment, int r, const Error *error)
{
        const char *problem = r < 0 ? error_message(error) : NULL;
        bool is_news = !published_is_of(published, deployment) || published->failed != (r < 0) ||
                       !str_equal(published->problem, problem);

        (void)snprintf(published->promotion_id.text, sizeof(published->promotion_id.text), "%s",
                       deployment->promotion_id ? deployment->promotion_id : "");
        (void)snprintf(published->release_id.text, sizeof(published->release_id.text), "%s",
                       deployment->release_id);
        published->failed = r < 0;
        if (is_news)
                published->at = time_wall();
        free(published->problem);
        published->problem = problem ? strdup(problem) : NULL;
        if (is_news && deployment->status == DEPLOYMENT_PROMOTING)
                queue_add(environment->publisher->control->queue, KEY_ENVIRONMENT,
                          environment->id.text, 0,
                          r < 0 ? "a file could not be written" : "a file was written");
}

/* --- deployed releases ------------------------------------------------------------------------ */

static int deployed_release(const EnvironmentLock *environment, const Deployment *deployment,
                            Arena *arena, Release *ret, Error *err)
{
        int r;

        r = store_release(environment->publisher->control->store, deployment->release_id, arena,
                          ret, err);
        return r != 0 ? MIN(r, 0)
                      : error_set(err, ERROR_INTERNAL, -ENOENT, "release '%s' was deleted",
                                  deployment->release_name);
}

int environment_lock(const EnvironmentLock *environment, const Deployment *deployment, Arena *arena,
                     Lock *ret, Error *err)
{
        int r;

        *ret = (Lock){ .environment = environment->spec->object.meta.name };
        r = deployed_release(environment, deployment, arena, &ret->release, err);
        return r < 0 ? r : lock_digest(ret, arena, err);
}

int published_before(const EnvironmentLock *environment, const char *release_id, Arena *arena,
                     const Release **ret, Error *err)
{
        Release *before = arena_alloc(arena, sizeof(*before));
        int r = before ? store_release_before(environment->publisher->control->store,
                                              environment->id.text, release_id, arena, before, err)
                       : error_oom(err);

        *ret = r > 0 ? before : NULL;
        return MIN(r, 0);
}

int environment_admission(const EnvironmentLock *environment, Arena *arena, Lock *lock, Error *err)
{
        lock->allow_also = environment->spec->allow_also;
        return published_before(environment, lock->release.id.text, arena, &lock->previous, err);
}

/* Called for an environment without a deployment. relmand normally keeps the files of such an
 * environment, because the database may have been lost. It removes the files of a canceled release,
 * so that nobody deploys that release. */
int environment_was_canceled(const EnvironmentLock *environment, Arena *arena, Deployment *ret,
                             Error *err)
{
        const Page newest = { .limit = 1 };
        Deployments history;
        int r;

        r = store_history(environment->publisher->control->store, environment->id.text, &newest,
                          arena, &history, err);
        if (r < 0 || history.n == 0 || history.items[0].status != DEPLOYMENT_CANCELED)
                return r;
        *ret = history.items[0];
        return 1;
}
