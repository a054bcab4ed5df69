#include "publish/output-hook.h"

#include <errno.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/log.h"
#include "program/program-input.h"
#include "store/releases.h"

#define RETRY_MIN (10 * USEC_PER_SEC)
#define RETRY_MAX (10 * USEC_PER_MIN)

void output_hook_done(OutputHook *hook)
{
        hook->run = program_run_leave(hook->run);
}

bool output_hook_is_idle(const OutputHook *hook)
{
        return !hook->run;
}

/* --- queue key -------------------------------------------------------------------------------- */

void output_id(const Output *output, char ret[OUTPUT_ID_SIZE])
{
        (void)snprintf(ret, OUTPUT_ID_SIZE, "%s/%zu", output->environment->id.text,
                       (size_t)(output - output->environment->outputs));
}

void output_add(const Output *output, usec_t at, const char *cause)
{
        char id[OUTPUT_ID_SIZE];

        output_id(output, id);
        queue_add(output->environment->publisher->control->queue, KEY_OUTPUT, id, at, cause);
}

/* --- result of a run -------------------------------------------------------------------------- */

static const char *name_of(const Output *output)
{
        return output->environment->spec->object.meta.name;
}

static bool others_are_healthy(const Output *output)
{
        const Output *outputs = output->environment->outputs;

        for (size_t i = 0; i < output->environment->publisher->control->options.outputs->n; i++)
                if (&outputs[i] != output && outputs[i].hook.n_failures > 0)
                        return false;
        return true;
}

static void hook_store_event(const Output *output, const char *problem)
{
        const Subject subject = subject_of(&output->environment->spec->object);
        const OutputHook *hook = &output->hook;
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error error = { 0 };

        changes_init(&changes);
        if (problem)
                report_condition(
                        &changes, subject,
                        (Told){ CONDITION_WARNING, CONDITION_TRUE, "HookFailed", time_wall() },
                        "%s %s; next attempt in %llu s", output->spec->exec.items[0], problem,
                        (unsigned long long)(hook->retry_at - time_monotonic()) / USEC_PER_SEC + 1);
        else {
                changes_put_output_run(&changes, subject.id, hook->key, hook->done, time_wall());
                if (hook->n_failures > 0 && others_are_healthy(output))
                        changes_clear_condition(&changes, KIND_ENVIRONMENT, subject.id,
                                                CONDITION_WARNING);
        }
        if (control_apply(output->environment->publisher->control, &changes, &error) < 0)
                log_error("environment '%s': %s", name_of(output), error_message(&error));
}

static void hook_fail(Output *output, const char *problem)
{
        OutputHook *hook = &output->hook;
        usec_t wait = RETRY_MIN << MIN(hook->n_failures, 6U);

        hook->n_failures++;
        output->environment->publisher->n_hooks_failed++;
        hook->retry_at = time_monotonic() + MIN(wait, RETRY_MAX);
        log_error("environment '%s': %s %s", name_of(output), output->spec->exec.items[0], problem);
        hook_store_event(output, problem);
        output_add(output, hook->retry_at, "its program failed");
}

static void hook_succeed(Output *output)
{
        OutputHook *hook = &output->hook;

        (void)snprintf(hook->done, sizeof(hook->done), "%s", hook->running);
        log_info("environment '%s': program %s succeeded for lock %s", name_of(output),
                 output->spec->exec.items[0], hook->done);
        hook_store_event(output, NULL);
        hook->n_failures = 0;
        hook->retry_at = 0;
        if (!streq(hook->wanted, hook->done))
                output_add(output, 0, "the lockfile changed while its program ran");
}

static void on_run_ended(const ProgramEnd *end, void *userdata)
{
        Output *output = userdata;
        char problem[PROGRAM_PROBLEM_SIZE];

        output->hook.run = NULL;
        if (program_problem(end, output->spec->timeout, problem) > 0)
                hook_fail(output, problem);
        else
                hook_succeed(output);
}

/* --- running ---------------------------------------------------------------------------------- */

static int hook_start(Output *output, const HookCall *call, Arena *arena, Error *err)
{
        const OutputSpec *spec = output->spec;
        const ProgramVariable variables[] = {
                { "RELMAN_FORMAT", lock_format_to_string(spec->format) },
                { "RELMAN_PROMOTION_ID", call->promotion_id },
        };
        OutputHook *hook = &output->hook;
        _cleanup_(close_fd) int input = program_input(call->lock, arena, err);
        const char *identifier = arena_printf(arena, "relmand-%s", name_of(output));
        _cleanup_(close_fd) int journal = log_stream(identifier ? identifier : "relmand");
        const ProcessPlan plan = { .arguments = program_arguments(&spec->exec, arena),
                                   .environment =
                                           program_environment(call->lock, call->path, variables,
                                                               ARRAY_SIZE(variables), arena),
                                   .input = input,
                                   .output = journal,
                                   .error = journal };
        const ProgramPlan run = { .process = &plan,
                                  .timeout = spec->timeout,
                                  .owner = output->environment->id.text,
                                  .key = hook->key,
                                  .done = on_run_ended,
                                  .userdata = output };

        if (input < 0)
                return input;
        if (!plan.arguments || !plan.environment)
                return error_oom(err);
        (void)snprintf(hook->running, sizeof(hook->running), "%s", call->lock->lock_digest);
        return program_run_start(&output->environment->publisher->programs, &run, &hook->run, err);
}

/* Reads for which lock the program last succeeded. The key contains the command, so after a change
 * of the command the program runs for the current lock again. */
static int hook_know(Output *output, Arena *arena, Error *err)
{
        const OutputSpec *spec = output->spec;
        OutputHook *hook = &output->hook;
        _cleanup_(buffer_done) Buffer text;
        const char *done;
        int r;

        buffer_init(&text, 1024 * 1024);
        (void)buffer_printf(&text, "%d\n%s\n", (int)spec->format, spec->path ? spec->path : "");
        for (size_t i = 0; i < spec->exec.n; i++)
                (void)buffer_printf(&text, "%s\n", spec->exec.items[i]);
        if (text.failed)
                return error_oom(err);
        digest_sha256(text.data, text.size, hook->key);
        r = store_output_run(output->environment->publisher->control->store,
                             output->environment->id.text, hook->key, arena, &done, err);
        if (r < 0)
                return r;
        (void)snprintf(hook->done, sizeof(hook->done), "%s", r > 0 ? done : "");
        hook->known = true;
        return 0;
}

int output_hook_want(Output *output, const HookCall *call, Error *err)
{
        OutputHook *hook = &output->hook;
        _cleanup_(arena_done) Arena arena;
        int r = 0;

        arena_init(&arena, (size_t)64 * 1024 * 1024);
        (void)snprintf(hook->wanted, sizeof(hook->wanted), "%s", call->lock->lock_digest);
        if (!hook->known)
                r = hook_know(output, &arena, err);
        if (r < 0 || hook->run || streq(hook->done, hook->wanted) ||
            hook->retry_at > time_monotonic() ||
            programs_have_left(&output->environment->publisher->programs,
                               output->environment->id.text, hook->key))
                return r;
        if (hook_start(output, call, &arena, err) < 0) {
                hook_fail(output, error_message(err));
                error_done(err);
        }
        return 0;
}
