#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "deploy/environments.h"
#include "model/selection.h"

/* --- all environments ------------------------------------------------------------------------- */

usec_t deployer_reconcile(Deployer *deployer, const char *environment_id)
{
        EnvironmentState *environment = map_get(&deployer->environments, environment_id);

        if (environment) {
                promotions_run(environment);
                environment_evaluate(environment);
        }
        return QUEUE_DONE;
}

void deployer_clock_was_set(Deployer *deployer)
{
        map_foreach (&deployer->environments, entry) {
                EnvironmentState *environment = entry->value;

                if (!environment->is_settled)
                        environment_add(environment, 0, "the wall clock was set");
        }
}

bool deployer_is_idle(const Deployer *deployer)
{
        map_foreach (&deployer->environments, entry) {
                const EnvironmentState *environment = entry->value;

                if (environment->digest_check)
                        return false;
        }
        return true;
}

static EnvironmentState *environment_free(EnvironmentState *environment)
{
        if (!environment)
                return NULL;
        promotions_end(environment, "its document was removed meanwhile");
        queue_remove(environment->deployer->control->queue, KEY_ENVIRONMENT, environment->id.text);
        queue_remove(environment->deployer->control->queue, KEY_ROLLBACK, environment->id.text);
        digest_check_free(environment->digest_check);
        digest_check_free(environment->failed_digest_check);
        free(environment->reason);
        free(environment);
        return NULL;
}

static void drop_gone(Deployer *deployer, const Model *model)
{
        map_foreach (&deployer->environments, entry) {
                EnvironmentState *gone = entry->value;

                if (model && map_has(&model->by_id, entry->key))
                        continue;
                (void)map_remove(&deployer->environments, gone->id.text);
                dependents_remove(deployer->control->dependents, KEY_ENVIRONMENT, gone->id.text);
                dependents_remove(deployer->control->dependents, KEY_ROLLBACK, gone->id.text);
                environment_free(gone);
        }
}

/* Adopts a changed document, or another selection of labels. Makes the environment due, and those
 * that depend on it. */
static int adopt_document(EnvironmentState *environment)
{
        environment->is_adopted = false;
        if (environment_depend_again(environment, "") < 0)
                return -ENOMEM;
        environment->is_adopted = true;
        environment_add(environment, 0, "its document changed");
        queue_add(environment->deployer->control->queue, KEY_ROLLBACK, environment->id.text, 0,
                  "its document changed");
        control_changed(environment->deployer->control, environment->id.text,
                        "another environment's document changed");
        return 0;
}

/* Starts checks of digests again if the components or registries that they use have changed. */
static void adopt_checks(EnvironmentState *environment)
{
        DigestCheck *failed = environment->failed_digest_check;

        if (environment->digest_check && !digest_check_is_current(environment->digest_check)) {
                environment->digest_check = digest_check_free(environment->digest_check);
                environment_add(environment, 0, "a component of the release changed");
        }
        if (failed && !digest_check_is_current(failed))
                environment_add(environment, 0, "a component of the release changed");
        promotions_restart(environment);
}

static int adopt(Deployer *deployer, const Model *model, const EnvironmentSpec *spec)
{
        EnvironmentState *environment = map_get(&deployer->environments, spec->object.id.text);
        uint64_t selection;
        bool is_same;

        if (model_hash_selection(model, spec, &selection) < 0)
                return -ENOMEM;
        if (!environment) {
                environment = calloc(1, sizeof(*environment));
                if (!environment)
                        return -ENOMEM;
                environment->deployer = deployer;
                environment->id = spec->object.id;
                if (map_put(&deployer->environments, environment->id.text, environment, NULL) < 0) {
                        environment_free(environment);
                        return -ENOMEM;
                }
        }
        is_same = environment->is_adopted && environment->selection == selection &&
                  streq(environment->spec->object.digest, spec->object.digest);
        environment->spec = spec;
        environment->selection = selection;
        if (!is_same && adopt_document(environment) < 0)
                return -ENOMEM;
        adopt_checks(environment);
        return 0;
}

int deployer_adopt(Deployer *deployer, const Model *model, Error *err)
{
        drop_gone(deployer, model);
        for (size_t i = 0; i < model->environments.n; i++)
                if (adopt(deployer, model, model->environments.items[i]) < 0)
                        return error_oom(err);
        return deployments_settle(deployer, err);
}

void deployer_init(Deployer *deployer, const Control *control)
{
        *deployer = (Deployer){ .control = control };
}

void deployer_done(Deployer *deployer)
{
        sd_event_source_disable_unref(deployer->clock);
        drop_gone(deployer, NULL);
        map_done(&deployer->environments);
}
