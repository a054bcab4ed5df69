/* The wiring: how controllers reach one another, and what handles the keys of the queue. */

#include "reconcile/internal.h"

#define MEND_STEMS_MAX ((size_t)512 * 1024 * 1024) /* paths of lockfiles */

static void on_load_later(void *userdata)
{
        reconciler_load_later(userdata);
}

static bool on_component(void *userdata, const char *component_id, Component *ret)
{
        Reconciler *reconciler = userdata;

        return poller_component(&reconciler->poller, component_id, ret);
}

static void on_evaluate_again(void *userdata, const char *component_id)
{
        Reconciler *reconciler = userdata;

        poller_evaluate_again(&reconciler->poller, component_id);
}

static void on_committed(void *userdata, const Changes *changes)
{
        reconciler_committed(userdata, changes);
}

static void on_release_ready(void *userdata, const Release *release)
{
        Reconciler *reconciler = userdata;

        publish_release(&reconciler->publisher, release);
}

static void on_release_retired(void *userdata, const char *tenant, const char *name)
{
        Reconciler *reconciler = userdata;

        publish_remove(&reconciler->publisher, tenant, name);
}

static int on_write_lock(void *userdata, const char *environment_id, Error *err)
{
        Reconciler *reconciler = userdata;

        return publish_environment(&reconciler->publisher, environment_id, err);
}

static void on_write_locks_later(void *userdata)
{
        Reconciler *reconciler = userdata;

        publisher_mend_later(&reconciler->publisher);
}

static int on_lock_written(void *userdata, const Deployment *deployment, int r, Error *err)
{
        Reconciler *reconciler = userdata;

        return deployer_lock_written(&reconciler->deployer, deployment, r, err);
}

/* --- the keys of the queue ----------------------------------------------------------------------
 */

static usec_t on_specs(void *userdata, const char *id, usec_t now)
{
        (void)id, (void)now;
        reconciler_reload(userdata);
        return QUEUE_DONE;
}

static usec_t on_component_key(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;

        (void)now;
        return poller_reconcile(&reconciler->poller, id);
}

static usec_t on_polled(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;

        (void)now;
        return composer_reconcile_polled(&reconciler->composer, id);
}

static usec_t on_stream(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;

        return composer_reconcile_stream(&reconciler->composer, id, now);
}

static usec_t on_draft(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;

        (void)now;
        return composer_reconcile_draft(&reconciler->composer, id);
}

static usec_t on_environment(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;

        (void)now;
        return deployer_reconcile(&reconciler->deployer, id);
}

static usec_t on_locks(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;
        _cleanup_(arena_done) Arena arena;
        _cleanup_(map_done) Map wanted = { 0 };
        PublisherMend mend = { .wanted = &wanted,
                               .arena = &arena,
                               .may_sweep = composer_has_made(&reconciler->composer) };

        (void)id, (void)now;
        arena_init(&arena, MEND_STEMS_MAX);
        mend.is_short = composer_want_locks(&reconciler->composer, &arena, &wanted) < 0;
        return publisher_mend(&reconciler->publisher, &mend);
}

void reconciler_add_all(void *userdata, unsigned kind)
{
        const Reconciler *reconciler = userdata;
        const Map *const objects[KEY_MAX_] = {
                [KEY_COMPONENT] = &reconciler->poller.components,
                [KEY_POLLED] = &reconciler->poller.components,
                [KEY_STREAM] = &reconciler->composer.streams,
                [KEY_DRAFT] = &reconciler->composer.drafts,
                [KEY_ENVIRONMENT] = &reconciler->deployer.environments,
        };

        if (!objects[kind]) { /* the kind has one key */
                queue_add(reconciler->queue, kind, "", 0, "a key was lost");
                return;
        }
        map_foreach (objects[kind], entry)
                if (queue_at(reconciler->queue, kind, entry->key) == USEC_INFINITY)
                        queue_add(reconciler->queue, kind, entry->key, 0, "a key was lost");
}

#define LOCKS_RETRY_MIN (5 * USEC_PER_SEC)
#define LOCKS_RETRY_MAX (5 * USEC_PER_MIN)

const QueueKind reconciler_keys[KEY_MAX_] = {
        [KEY_SPECS] = { .name = "specs", .reconcile = on_specs },
        [KEY_COMPONENT] = { .name = "component", .reconcile = on_component_key },
        [KEY_POLLED] = { .name = "polled component", .reconcile = on_polled },
        [KEY_STREAM] = { .name = "stream", .reconcile = on_stream },
        [KEY_DRAFT] = { .name = "draft", .reconcile = on_draft },
        [KEY_ENVIRONMENT] = { .name = "environment", .reconcile = on_environment },
        [KEY_LOCKS] = { .name = "lockfiles",
                        .reconcile = on_locks,
                        .retry_min = LOCKS_RETRY_MIN,
                        .retry_max = LOCKS_RETRY_MAX },
};

const ControlCalls reconciler_calls = {
        .load_later = on_load_later,
        .component = on_component,
        .evaluate_again = on_evaluate_again,
        .committed = on_committed,
        .release_ready = on_release_ready,
        .release_retired = on_release_retired,
        .write_lock = on_write_lock,
        .write_locks_later = on_write_locks_later,
        .lock_written = on_lock_written,
};
