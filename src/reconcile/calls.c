/* How controllers reach one another. */

#include "reconcile/internal.h"

static void on_kick(void *userdata)
{
        reconciler_kick(userdata);
}

static void on_load_later(void *userdata)
{
        reconciler_load_later(userdata);
}

static bool on_component(void *userdata, const char *component_id, Component *ret)
{
        Reconciler *reconciler = userdata;

        return poller_component(&reconciler->poller, component_id, ret);
}

static void on_poll(void *userdata, const char *component_id)
{
        Reconciler *reconciler = userdata;

        poller_poll(&reconciler->poller, component_id);
}

static void on_polled(void *userdata, const char *component_id)
{
        Reconciler *reconciler = userdata;

        (void)component_id;
        composer_polled(&reconciler->composer);
}

static void on_heads_moved(void *userdata, const char *tenant)
{
        Reconciler *reconciler = userdata;

        composer_wake(&reconciler->composer, tenant);
}

static void on_release_ready(void *userdata, const Release *release)
{
        Reconciler *reconciler = userdata;

        publish_release(&reconciler->publisher, release);
        deployer_wake(&reconciler->deployer);
}

static void on_release_retired(void *userdata, const char *tenant, const char *name)
{
        Reconciler *reconciler = userdata;

        publish_remove(&reconciler->publisher, tenant, name);
        deployer_wake(&reconciler->deployer); /* it may have been on its way to one */
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

const ControlCalls reconciler_calls = {
        .kick = on_kick,
        .load_later = on_load_later,
        .component = on_component,
        .poll = on_poll,
        .polled = on_polled,
        .heads_moved = on_heads_moved,
        .release_ready = on_release_ready,
        .release_retired = on_release_retired,
        .write_lock = on_write_lock,
        .write_locks_later = on_write_locks_later,
        .lock_written = on_lock_written,
};
