#include "publish/output-state.h"

#include <errno.h>

#include "publish/branch.h"
#include "store/releases.h"

/* True if the output has the lock of the deployment. */
static bool is_current(const Output *output, const Deployment *deployment)
{
        const OutputMemory *memory = &output->memory;

        return published_is_of(&output->file, deployment) && memory->done[0] &&
               streq(memory->done, memory->wanted);
}

static const char *problem_of(const Output *output)
{
        if (output->memory.problem)
                return output->memory.problem;
        return output->file.failed ? output->file.problem : NULL;
}

/* Returns the wall time of the next attempt; 0: none is due. */
static usec_t retry_at(const Output *output)
{
        usec_t at, now = time_monotonic();
        char id[OUTPUT_ID_SIZE];

        output_id(output, id);
        at = queue_at(output->environment->publisher->control->queue, KEY_OUTPUT, id);
        return at == USEC_INFINITY ? 0 : time_wall() + (at > now ? at - now : 0);
}

/* Copies a text that the next run may free. */
static const char *copy(const char *text, Arena *arena)
{
        return text ? arena_strdup(arena, text) : NULL;
}

static void fill_pull(const Output *output, Arena *arena, OutputPull *ret)
{
        const Branch *branch = branch_of(output->environment->publisher, output->spec);

        if (!branch || !branch->pull.is_known)
                return;
        *ret = (OutputPull){ .state = forge_state_names[branch->pull.state],
                             .number = copy(branch->pull.number, arena),
                             .url = copy(branch->pull.url, arena),
                             .problem = copy(branch->pull.problem, arena) };
}

static int fill(const Output *output, const Deployment *deployment, Arena *arena, OutputState *ret)
{
        const char *problem = problem_of(output);

        ret->target = output_target(output, arena);
        if (output_kind(output->spec) != OUTPUT_KIND_GIT)
                ret->path = output_path(output, arena);
        fill_pull(output, arena, &ret->pull);
        if (arena->failed)
                return -ENOMEM;
        ret->wanted = deployment ? deployment->release_name : NULL;
        if (!deployment && output_kind(output->spec) == OUTPUT_KIND_FILE)
                ret->last = (OutputRun){ 0 }; /* a canceled promotion removed the file */
        if (problem) {
                ret->phase = OUTPUT_FAILED;
                ret->since = output->memory.problem ? output->memory.failed_at : output->file.at;
                ret->problem = arena_strdup(arena, problem);
                ret->retry_at = retry_at(output);
                return ret->problem ? 0 : -ENOMEM;
        }
        if (deployment && !is_current(output, deployment)) {
                ret->phase = OUTPUT_WAITING;
                ret->since = deployment->at;
        } else if (ret->last.lock_digest) {
                ret->phase = OUTPUT_WRITTEN;
                ret->since = ret->last.at;
        }
        return 0;
}

int publisher_output_state(const Publisher *publisher, const char *environment_id, size_t number,
                           Arena *arena, OutputState *ret, Error *err)
{
        const EnvironmentLock *environment = map_get(&publisher->environments, environment_id);
        const Output *output;
        Deployment deployment;
        int r;

        *ret = (OutputState){ 0 };
        if (!environment) /* it was declared a moment ago */
                return 0;
        output = &environment->outputs[number];
        r = output_last_run(output, arena, &ret->last, err);
        if (r >= 0)
                r = store_deployment(publisher->control->store, environment_id, arena, &deployment,
                                     err);
        if (r < 0)
                return r;
        return fill(output, r > 0 ? &deployment : NULL, arena, ret) < 0 ? error_oom(err) : 0;
}
