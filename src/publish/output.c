/* Writes the files and runs the programs that the configuration lists as outputs of
 * environments. */

#include "publish/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "publish/output-git.h"
#include "store/releases.h"

static size_t n_outputs(const EnvironmentLock *environment)
{
        const OutputSpecs *specs = environment->publisher->control->options.outputs;

        return specs ? specs->n : 0;
}

/* --- queue key -------------------------------------------------------------------------------- */

void outputs_add(const EnvironmentLock *environment)
{
        for (size_t i = 0; i < n_outputs(environment); i++)
                if (output_is_for(environment->outputs[i].spec, environment->spec))
                        output_add(&environment->outputs[i], 0, "the lockfile was compared");
}

/* Finds an output by the id in its queue key. Returns NULL if the environment was deleted. */
static Output *output_find(const Publisher *publisher, const char *id)
{
        Uuid environment_id = { { 0 } };
        const char *slash = strchr(id, '/');
        EnvironmentLock *environment;

        (void)snprintf(environment_id.text, sizeof(environment_id.text), "%.*s", (int)(slash - id),
                       id);
        environment = map_get(&publisher->environments, environment_id.text);
        return environment ? &environment->outputs[strtoul(slash + 1, NULL, 10)] : NULL;
}

void publisher_publish_now(Publisher *publisher, const char *environment_id)
{
        const EnvironmentLock *environment = map_get(&publisher->environments, environment_id);
        Queue *queue = publisher->control->queue;
        char id[OUTPUT_ID_SIZE];

        queue_handle_now(queue, KEY_ENVIRONMENT_LOCK, environment_id);
        for (size_t i = 0; environment && i < n_outputs(environment); i++) {
                output_id(&environment->outputs[i], id);
                queue_handle_now(queue, KEY_OUTPUT, id);
        }
}

/* --- file of an output ------------------------------------------------------------------------ */

static PublishPlace place_of(const Output *output)
{
        return (PublishPlace){ .format = output->spec->format,
                               .base = output->spec->path,
                               .access = &output->spec->access,
                               .owner = &output->environment->spec->object.meta };
}

static int output_write(const Output *output, const Lock *lock, Arena *arena, Error *err)
{
        const PublishPlace place = place_of(output);
        int r = publish_format(lock, &place, arena, err);

        if (r > 0)
                log_notice("environment '%s': wrote '%s' for release '%s'", lock->environment,
                           place.base, lock->release.name);
        return r < 0 ? error_prefix(err, r, "output '%s'", place.base) : 0;
}

/* Removes the file if the first promotion of the environment was canceled, so that nobody deploys
 * it. */
static int output_remove(const Output *output, Arena *arena, Error *err)
{
        const PublishPlace place = place_of(output);
        Deployment canceled;
        int r;

        if (!place.base)
                return 0;
        r = environment_was_canceled(output->environment, arena, &canceled, err);
        if (r > 0)
                r = publish_remove_format(&place, err);
        if (r > 0)
                log_notice("environment '%s': removed '%s': release '%s' was canceled",
                           output->environment->spec->object.meta.name, place.base,
                           canceled.release_name);
        return r < 0 ? error_prefix(err, r, "output '%s'", place.base) : 0;
}

int output_owner(const OutputSpec *output, Arena *arena, Meta *ret)
{
        const char *slash = strchr(output->environment, '/');

        *ret = (Meta){ .tenant = DEFAULT_TENANT, .name = output->environment };
        if (!slash)
                return 0;
        ret->name = slash + 1;
        ret->tenant = arena_printf(arena, "%.*s", (int)(slash - output->environment),
                                   output->environment);
        return ret->tenant ? 0 : -ENOMEM;
}

int output_sweep(const OutputSpec *output, const Meta *owner, Error *err)
{
        const PublishPlace place = { .format = output->format,
                                     .base = output->path,
                                     .access = &output->access,
                                     .owner = owner };
        int r = publish_remove_format(&place, err);

        if (r > 0)
                log_notice("removed '%s': environment '%s' was deleted", output->path,
                           output->environment);
        return r < 0 ? error_prefix(err, r, "output '%s'", output->path) : r;
}

static int output_publish(Output *output, const Deployment *deployment, Arena *arena, Error *err)
{
        EnvironmentLock *environment = output->environment;
        const char *path = output_path(output, arena);
        Lock lock;
        int r;

        r = path ? output_lock(output, deployment, arena, &lock, err) : error_oom(err);
        if (r >= 0 && output->spec->path)
                r = output_write(output, &lock, arena, err);
        environment_note(environment, &output->file, deployment, r, err);
        if (r >= 0)
                r = output_want(output, &lock, err);
        if (r > 0 && output->spec->exec.n == 0)
                return output_written(output, err);
        return r <= 0 ? r
                      : output_hook_start(output,
                                          &(HookCall){ .lock = &lock,
                                                       .path = path,
                                                       .promotion_id = deployment->promotion_id },
                                          err);
}

static int output_reconcile(Output *output, Arena *arena, Error *err)
{
        const EnvironmentLock *environment = output->environment;
        Deployment deployment;
        int r;

        r = store_deployment(environment->publisher->control->store, environment->id.text, arena,
                             &deployment, err);
        if (r <= 0)
                return r < 0 ? r : output_remove(output, arena, err);
        /* the handler of the lockfile has not succeeded yet; it makes this output due again */
        if (!published_is_of(&environment->files, &deployment) || environment->files.failed)
                return 0;
        return output->spec->git.place.line > 0 ? output_push(output, &deployment, arena, err)
                                                : output_publish(output, &deployment, arena, err);
}

usec_t publisher_reconcile_output(Publisher *publisher, const char *id)
{
        Output *output = output_find(publisher, id);
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena;

        arena_init(&arena, PUBLISH_ARENA_MAX);
        if (!output || !output_is_for(output->spec, output->environment->spec))
                return QUEUE_DONE;
        if (output_reconcile(output, &arena, &error) < 0) {
                log_error("environment '%s': %s", output->environment->spec->object.meta.name,
                          error_message(&error));
                return publish_failed(publisher);
        }
        return output->memory.retry_at > time_monotonic() ? output->memory.retry_at : QUEUE_DONE;
}

/* --- all outputs of an environment ------------------------------------------------------------ */

FilesState outputs_state(const EnvironmentLock *environment, const Deployment *deployment,
                         const char **ret_problem)
{
        for (size_t i = 0; i < n_outputs(environment); i++) {
                const Output *output = &environment->outputs[i];

                if (!output_is_for(output->spec, environment->spec))
                        continue;
                if (!published_is_of(&output->file, deployment))
                        return FILES_DUE;
                if (output->file.failed) {
                        *ret_problem = output->file.problem;
                        return FILES_FAILED;
                }
        }
        return FILES_WRITTEN;
}

bool outputs_are_idle(const EnvironmentLock *environment)
{
        for (size_t i = 0; i < n_outputs(environment); i++)
                if (!output_hook_is_idle(&environment->outputs[i].hook))
                        return false;
        return true;
}

int outputs_init(EnvironmentLock *environment)
{
        const OutputSpecs *specs = environment->publisher->control->options.outputs;

        if (n_outputs(environment) == 0)
                return 0;
        environment->outputs = calloc(specs->n, sizeof(*environment->outputs));
        if (!environment->outputs)
                return -ENOMEM;
        for (size_t i = 0; i < specs->n; i++)
                environment->outputs[i] =
                        (Output){ .environment = environment, .spec = &specs->items[i] };
        return 0;
}

void outputs_done(EnvironmentLock *environment)
{
        for (size_t i = 0; environment->outputs && i < n_outputs(environment); i++) {
                output_hook_done(&environment->outputs[i].hook);
                free(environment->outputs[i].file.problem);
                free(environment->outputs[i].memory.problem);
        }
        free(environment->outputs);
        environment->outputs = NULL;
}
