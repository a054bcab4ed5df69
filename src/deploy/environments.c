#include "deploy/environments.h"

#include <errno.h>
#include <stdlib.h>

/* --- all -------------------------------------------------------------------------------------- */

static bool is_due(const EnvironmentState *environment, usec_t now)
{
        return environment->dirty || environment->retry_at <= now;
}

void deployer_run(Deployer *deployer, usec_t now)
{
        map_foreach (&deployer->environments, entry) {
                EnvironmentState *environment = entry->value;

                promotions_run(environment);
                if (is_due(environment, now))
                        environment_look(environment);
        }
}

usec_t deployer_next(const Deployer *deployer)
{
        usec_t next = USEC_INFINITY;

        map_foreach (&deployer->environments, entry) {
                const EnvironmentState *environment = entry->value;

                next = MIN(next, environment->retry_at);
        }
        return next;
}

bool deployer_is_idle(const Deployer *deployer)
{
        map_foreach (&deployer->environments, entry) {
                const EnvironmentState *environment = entry->value;

                if (environment->dirty || environment->check)
                        return false;
        }
        return true;
}

void deployer_wake(Deployer *deployer)
{
        map_foreach (&deployer->environments, entry) {
                EnvironmentState *environment = entry->value;

                environment->dirty = true;
        }
        control_kick(deployer->control);
}

void environment_settle(EnvironmentState *environment)
{
        deployer_wake(environment->deployer);
        environment_look(environment);
}

static EnvironmentState *environment_free(EnvironmentState *environment)
{
        if (!environment)
                return NULL;
        promotions_end(environment, "its document was removed meanwhile");
        environment_check_free(environment->check);
        environment_check_free(environment->failed_check);
        free(environment->reason);
        free(environment);
        return NULL;
}

static void drop_gone(Deployer *deployer, const Model *model)
{
        for (;;) {
                EnvironmentState *gone = NULL;

                map_foreach (&deployer->environments, entry)
                        if (!model || !map_has(&model->by_id, entry->key))
                                gone = entry->value;
                if (!gone)
                        return;
                (void)map_remove(&deployer->environments, gone->id.text);
                environment_free(gone);
        }
}

static int adopt(Deployer *deployer, const EnvironmentSpec *spec)
{
        EnvironmentState *environment = map_get(&deployer->environments, spec->object.id.text);

        if (!environment) {
                environment = calloc(1, sizeof(*environment));
                if (!environment)
                        return -ENOMEM;
                environment->deployer = deployer;
                environment->id = spec->object.id;
                environment->retry_at = USEC_INFINITY;
                if (map_put(&deployer->environments, environment->id.text, environment, NULL) < 0) {
                        environment_free(environment);
                        return -ENOMEM;
                }
        }
        environment->spec = spec;
        environment->dirty = true;
        if (environment->check && !environment_check_is_current(environment->check))
                environment->check = environment_check_free(environment->check);
        promotions_restart(environment);
        return 0;
}

int deployer_adopt(Deployer *deployer, const Model *model, Error *err)
{
        drop_gone(deployer, model);
        for (size_t i = 0; i < model->environments.n; i++)
                if (adopt(deployer, model->environments.items[i]) < 0)
                        return error_oom(err);
        return deployments_settle(deployer, err);
}

void deployer_init(Deployer *deployer, const Control *control)
{
        *deployer = (Deployer){ .control = control };
}

void deployer_done(Deployer *deployer)
{
        drop_gone(deployer, NULL);
        map_done(&deployer->environments);
}
