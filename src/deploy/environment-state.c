/* The state of an environment in memory: what its keys depend on, and its last reported condition.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "deploy/environments.h"
#include "model/selection.h"

int deployer_find_environment(Deployer *deployer, const char *id, EnvironmentState **ret,
                              Error *err)
{
        *ret = map_get(&deployer->environments, id);
        return *ret ? 0
                    : error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no environment '%s'", id);
}

Subject environment_subject(const EnvironmentState *environment)
{
        return subject_of(&environment->spec->object);
}

/* --- due time and dependences ----------------------------------------------------------------- */

void environment_add(EnvironmentState *environment, usec_t at, const char *cause)
{
        queue_add(environment->deployer->control->queue, KEY_ENVIRONMENT, environment->id.text, at,
                  cause);
}

static int depend_on(const EnvironmentState *environment, ObjectKind kind, const char *name)
{
        const Control *control = environment->deployer->control;
        Uuid id;

        if (!name)
                return 0;
        id = object_id(kind, environment->spec->object.meta.tenant, name);
        return control_depend(control, KEY_ENVIRONMENT, environment->id.text, id.text);
}

static int depend_on_all(const EnvironmentState *environment, const char *release_id)
{
        const Control *control = environment->deployer->control;
        const EnvironmentSpec *spec = environment->spec;
        const Strings *sources = model_sources(control->model, spec);
        const char *id = environment->id.text;

        if (depend_on(environment, KIND_RELEASE, spec->release) < 0 ||
            depend_on(environment, KIND_STREAM, spec->stream) < 0 ||
            depend_on(environment, KIND_ENVIRONMENT, spec->follows) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < sources->n; i++)
                if (depend_on(environment, KIND_ENVIRONMENT, sources->items[i]) < 0)
                        return -ENOMEM;
        return release_id[0] ? control_depend(control, KEY_ENVIRONMENT, id, release_id) : 0;
}

int environment_depend_again(EnvironmentState *environment, const char *release_id)
{
        int r;

        environment->has_dependences = false; /* stays false until all dependencies are added */
        dependents_remove(environment->deployer->control->dependents, KEY_ENVIRONMENT,
                          environment->id.text);
        r = depend_on_all(environment, release_id);
        if (r < 0)
                return r;
        (void)snprintf(environment->depends_on.text, sizeof(environment->depends_on.text), "%s",
                       release_id);
        environment->has_dependences = true;
        return 0;
}

int environment_depend(EnvironmentState *environment, const char *release_id)
{
        if (environment->has_dependences && streq(environment->depends_on.text, release_id))
                return 0;
        return environment_depend_again(environment, release_id);
}

/* --- condition -------------------------------------------------------------------------------- */

void environment_report_to(EnvironmentState *environment, const EnvironmentReport *report,
                           Changes *changes)
{
        if (str_equal(environment->reason, report->message))
                return;
        report_condition(changes, environment_subject(environment),
                         (Told){ CONDITION_READY,
                                 report->is_ready ? CONDITION_TRUE : CONDITION_FALSE,
                                 report->reason, time_wall() },
                         "%s", report->message);
}

void environment_reported(EnvironmentState *environment, const EnvironmentReport *report)
{
        const char *name = environment->spec->object.meta.name;

        if (str_equal(environment->reason, report->message))
                return;
        if (report->failed)
                log_error("environment '%s': %s", name, report->message);
        else if (!report->is_ready)
                log_notice("environment '%s': %s", name, report->message);
        free(environment->reason);
        /* NULL if memory ran out: the message is reported again */
        environment->reason = strdup(report->message);
}

void environment_report(EnvironmentState *environment, const EnvironmentReport *report)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error error = { 0 };

        changes_init(&changes);
        environment->failed = report->failed;
        environment_report_to(environment, report, &changes);
        if (control_apply(environment->deployer->control, &changes, &error) >= 0)
                environment_reported(environment, report);
        else
                log_error("environment '%s': %s", environment->spec->object.meta.name,
                          error_message(&error));
}
