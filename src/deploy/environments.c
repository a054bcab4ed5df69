#include "deploy/environments.h"

#include <errno.h>
#include <stdlib.h>

#include "publish/publish.h"

/* --- all -------------------------------------------------------------------------------------- */

static bool is_due(const EnvironmentState *environment, usec_t now)
{
        return environment->dirty || environment->retry_at <= now;
}

void environments_run(Reconciler *reconciler, usec_t now)
{
        map_foreach (&reconciler->environments, entry) {
                EnvironmentState *environment = entry->value;

                promotions_run(environment);
                if (is_due(environment, now))
                        environment_look(environment);
        }
}

usec_t environments_next(const Reconciler *reconciler)
{
        usec_t next = USEC_INFINITY;

        map_foreach (&reconciler->environments, entry) {
                const EnvironmentState *environment = entry->value;

                next = MIN(next, environment->retry_at);
        }
        return next;
}

bool environments_are_idle(const Reconciler *reconciler)
{
        map_foreach (&reconciler->environments, entry) {
                const EnvironmentState *environment = entry->value;

                if (environment->dirty || environment->check || !outputs_are_idle(environment))
                        return false;
        }
        return true;
}

void environments_wake(Reconciler *reconciler)
{
        map_foreach (&reconciler->environments, entry) {
                EnvironmentState *environment = entry->value;

                environment->dirty = true;
        }
        reconciler_kick(reconciler);
}

void environment_settle(EnvironmentState *environment)
{
        environments_wake(environment->reconciler);
        environment_look(environment);
}

static EnvironmentState *environment_free(EnvironmentState *environment)
{
        if (!environment)
                return NULL;
        promotions_end(environment, "its document was removed meanwhile");
        environment_check_free(environment->check);
        environment_check_free(environment->failed_check);
        outputs_done(environment);
        free(environment->reason);
        free(environment);
        return NULL;
}

static void drop_gone(Reconciler *reconciler, const Model *model)
{
        for (;;) {
                EnvironmentState *gone = NULL;

                map_foreach (&reconciler->environments, entry)
                        if (!model || !map_has(&model->by_id, entry->key))
                                gone = entry->value;
                if (!gone)
                        return;
                (void)map_remove(&reconciler->environments, gone->id.text);
                environment_free(gone);
                reconciler->mend_at = 0; /* its lockfile goes */
        }
}

static int adopt(Reconciler *reconciler, const EnvironmentSpec *spec)
{
        EnvironmentState *environment = map_get(&reconciler->environments, spec->object.id.text);

        if (!environment) {
                environment = calloc(1, sizeof(*environment));
                if (!environment)
                        return -ENOMEM;
                environment->reconciler = reconciler;
                environment->id = spec->object.id;
                environment->retry_at = USEC_INFINITY;
                if (map_put(&reconciler->environments, environment->id.text, environment, NULL) <
                    0) {
                        environment_free(environment);
                        return -ENOMEM;
                }
        }
        if (environment->formats[0] && !streq(environment->formats, spec->object.digest))
                reconciler->mend_at = 0; /* its lockfile may be wanted in other formats */
        (void)snprintf(environment->formats, sizeof(environment->formats), "%s",
                       spec->object.digest);
        environment->spec = spec;
        environment->dirty = true;
        if (environment->check && !environment_check_is_current(environment->check))
                environment->check = environment_check_free(environment->check);
        promotions_restart(environment);
        return 0;
}

int environments_adopt(Reconciler *reconciler, const Model *model, Error *err)
{
        drop_gone(reconciler, model);
        for (size_t i = 0; i < model->environments.n; i++)
                if (adopt(reconciler, model->environments.items[i]) < 0)
                        return error_oom(err);
        return deployments_settle(reconciler, err);
}

void environments_drop(Reconciler *reconciler)
{
        drop_gone(reconciler, NULL);
        map_done(&reconciler->environments);
}
