/* Brings lockfiles to the outputs that the configuration lists for environments. */

#include "publish/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "publish/branch.h"
#include "store/releases.h"

static const OutputType *const types[] = {
        [OUTPUT_KIND_FILE] = &output_file_type,
        [OUTPUT_KIND_EXEC] = &output_program_type,
        [OUTPUT_KIND_GIT] = &output_branch_type,
};

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

/* --- one output ------------------------------------------------------------------------------- */

static int output_bring(Output *output, const Deployment *deployment, Arena *arena, Error *err)
{
        OutputCall call = { .deployment = deployment, .arena = arena };
        Lock lock;
        int r;

        r = output_lock(output, deployment, arena, &lock, err);
        if (r < 0) {
                environment_note(output->environment, &output->file, deployment, r, err);
                return r;
        }
        call.lock = &lock;
        r = output->type->want(output, &call, err);
        return r > 0 ? output->type->start(output, &call, err) : r;
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
        return output_bring(output, &deployment, arena, err);
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

/* Returns FILES_WRITTEN if all pull requests of the environment are merged, and there is one. */
static FilesState pulls_state(const EnvironmentLock *environment, const Deployment *deployment,
                              const char **ret_url)
{
        const Publisher *publisher = environment->publisher;
        bool is_merged = false;

        *ret_url = NULL;
        for (size_t i = 0; i < n_outputs(environment); i++) {
                const Output *output = &environment->outputs[i];
                const Branch *branch = output_is_for(output->spec, environment->spec)
                                               ? branch_of(publisher, output->spec)
                                               : NULL;

                if (!branch || !branch->pull.pool)
                        continue;
                is_merged = pull_is_merged(branch, deployment);
                if (!is_merged) {
                        *ret_url = branch->pull.url;
                        break;
                }
        }
        return is_merged ? FILES_WRITTEN : FILES_PROPOSED;
}

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
        return environment->spec->confirm == CONFIRM_PULL_REQUEST
                       ? pulls_state(environment, deployment, ret_problem)
                       : FILES_WRITTEN;
}

bool outputs_are_idle(const EnvironmentLock *environment)
{
        for (size_t i = 0; i < n_outputs(environment); i++)
                if (environment->outputs[i].type->is_idle &&
                    !environment->outputs[i].type->is_idle(&environment->outputs[i]))
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
                environment->outputs[i] = (Output){ .environment = environment,
                                                    .spec = &specs->items[i],
                                                    .type = types[output_kind(&specs->items[i])] };
        return 0;
}

void outputs_done(EnvironmentLock *environment)
{
        for (size_t i = 0; environment->outputs && i < n_outputs(environment); i++) {
                Output *output = &environment->outputs[i];

                if (output->type->done)
                        output->type->done(output);
                free(output->file.problem);
                free(output->memory.problem);
        }
        free(environment->outputs);
        environment->outputs = NULL;
}
