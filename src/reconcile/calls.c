/* Connects the controllers: the calls from one controller to another, and the handler of each kind
 * of key. */

#include "reconcile/internal.h"

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

static void on_not_committed(void *userdata)
{
        Reconciler *reconciler = userdata;

        settled_forget(&reconciler->settled);
}

static int on_check_ended(void *userdata, const CheckResult *result, Error *err)
{
        Reconciler *reconciler = userdata;

        return deployer_check_ran(&reconciler->deployer, result, err);
}

static void on_publish_now(void *userdata, const char *environment_id)
{
        Reconciler *reconciler = userdata;

        publisher_publish_now(&reconciler->publisher, environment_id);
}

static FilesState on_files_state(void *userdata, const Deployment *deployment,
                                 const char **ret_problem)
{
        const Reconciler *reconciler = userdata;

        return publisher_files_state(&reconciler->publisher, deployment, ret_problem);
}

/* --- keys of the queue ------------------------------------------------------------------------ */

static usec_t on_specs(void *userdata, const char *id, usec_t now)
{
        (void)id, (void)now;
        reconciler_load_now(userdata);
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

static usec_t on_rollback(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;

        return deployer_reconcile_rollback(&reconciler->deployer, id, now);
}

static usec_t on_checks(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;

        (void)now;
        return check_runner_reconcile(&reconciler->check_runner, id);
}

static usec_t on_locks(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;

        (void)now;
        return publisher_add_all(&reconciler->publisher, id);
}

static usec_t on_release_lock(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;

        (void)now;
        return publisher_reconcile_release(&reconciler->publisher, id);
}

static usec_t on_stream_links(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;

        (void)now;
        return publisher_reconcile_stream(&reconciler->publisher, id);
}

static usec_t on_environment_lock(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;

        (void)now;
        return publisher_reconcile_environment(&reconciler->publisher, id);
}

static usec_t on_output(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;

        (void)now;
        return publisher_reconcile_output(&reconciler->publisher, id);
}

static usec_t on_branch(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;

        (void)now;
        return publisher_reconcile_branch(&reconciler->publisher, id);
}

static usec_t on_pull_request(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;

        (void)now;
        return publisher_reconcile_pull(&reconciler->publisher, id);
}

static bool awaits_release(const void *userdata, const char *tenant)
{
        const Reconciler *reconciler = userdata;

        return composer_awaits_release(&reconciler->composer, tenant);
}

/* True if a document may declare the object. Searches the loaded model, because the active model
 * does not contain documents that were refused. */
static bool may_be_declared(const void *userdata, ObjectKind kind, const char *tenant,
                            const char *name)
{
        const Reconciler *reconciler = userdata;
        const Model *model = reconciler->loaded ? reconciler->loaded : reconciler->control.model;

        return model_may_declare(model, kind, tenant, name);
}

static bool is_drafted(const void *userdata, const char *tenant, const char *name)
{
        const Reconciler *reconciler = userdata;

        return composer_has_draft(&reconciler->composer, tenant, name);
}

static usec_t on_sweep(void *userdata, const char *id, usec_t now)
{
        Reconciler *reconciler = userdata;
        const PublisherSweep sweep = { .awaits_release = awaits_release,
                                       .is_drafted = is_drafted,
                                       .may_be_declared = may_be_declared,
                                       .userdata = reconciler };

        (void)id, (void)now;
        return publisher_reconcile_sweep(&reconciler->publisher, &sweep);
}

void reconciler_add_all(void *userdata, unsigned kind)
{
        Reconciler *reconciler = userdata;
        const Map *const objects[KEY_MAX_] = {
                [KEY_COMPONENT] = &reconciler->poller.components,
                [KEY_POLLED] = &reconciler->poller.components,
                [KEY_STREAM] = &reconciler->composer.streams,
                [KEY_DRAFT] = &reconciler->composer.drafts,
                [KEY_ENVIRONMENT] = &reconciler->deployer.environments,
                [KEY_ROLLBACK] = &reconciler->deployer.environments,
                [KEY_CHECKS] = &reconciler->deployer.environments,
        };

        if (kind >= KEY_LOCKS) { /* the handler of KEY_LOCKS compares all lockfiles, in pages */
                publisher_start(&reconciler->publisher);
                return;
        }
        if (!objects[kind]) { /* this kind has only one key, with the id "" */
                queue_add(reconciler->queue, kind, "", 0, "a key was lost");
                return;
        }
        map_foreach (objects[kind], entry)
                if (queue_at(reconciler->queue, kind, entry->key) == USEC_INFINITY)
                        queue_add(reconciler->queue, kind, entry->key, 0, "a key was lost");
}

#define PUBLISHED(name_, reconcile_)                                                               \
        {                                                                                          \
                .name = (name_), .reconcile = (reconcile_), .retry_min = PUBLISH_RETRY_MIN,        \
                .retry_max = PUBLISH_RETRY_MAX, .is_slow = true                                    \
        }

const QueueKind reconciler_keys[KEY_MAX_] = {
        [KEY_SPECS] = { .name = "specs", .reconcile = on_specs },
        [KEY_COMPONENT] = { .name = "component", .reconcile = on_component_key },
        [KEY_POLLED] = { .name = "polled component", .reconcile = on_polled },
        [KEY_STREAM] = { .name = "stream", .reconcile = on_stream },
        [KEY_DRAFT] = { .name = "draft", .reconcile = on_draft },
        [KEY_ENVIRONMENT] = { .name = "environment", .reconcile = on_environment },
        [KEY_ROLLBACK] = { .name = "rollback of environment",
                           .reconcile = on_rollback,
                           .retry_min = PUBLISH_RETRY_MIN,
                           .retry_max = PUBLISH_RETRY_MAX },
        [KEY_CHECKS] = { .name = "checks of environment",
                         .reconcile = on_checks,
                         .retry_min = PUBLISH_RETRY_MIN,
                         .retry_max = PUBLISH_RETRY_MAX },
        [KEY_LOCKS] = PUBLISHED("lockfiles", on_locks),
        [KEY_RELEASE_LOCK] = PUBLISHED("lockfile of release", on_release_lock),
        [KEY_STREAM_LINKS] = PUBLISHED("links of stream", on_stream_links),
        [KEY_ENVIRONMENT_LOCK] = PUBLISHED("lockfile of environment", on_environment_lock),
        [KEY_OUTPUT] = PUBLISHED("output", on_output),
        [KEY_BRANCH] = PUBLISHED("branch", on_branch),
        [KEY_PULL_REQUEST] = PUBLISHED("pull request", on_pull_request),
        [KEY_SWEEP] = PUBLISHED("left-over lockfiles", on_sweep),
};

const ControlCalls reconciler_calls = {
        .load_later = on_load_later,
        .component = on_component,
        .evaluate_again = on_evaluate_again,
        .committed = on_committed,
        .not_committed = on_not_committed,
        .check_ended = on_check_ended,
        .publish_now = on_publish_now,
        .files_state = on_files_state,
};
