#include "publish/output-hook.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "program/program-input.h"
#include "publish/output.h"

static const char *name_of(const Output *output)
{
        return output->environment->spec->object.meta.name;
}

/* --- result of a run -------------------------------------------------------------------------- */

/* problem NULL: the program succeeded. */
static void hook_end(Output *output, const char *problem)
{
        const char *program = output->spec->exec.items[0];
        _cleanup_(freep) char *text = problem ? text_printf("%s %s", program, problem) : NULL;
        const OutputAttempt attempt = { .release = output->hook.release,
                                        .lock_digest = output->hook.running,
                                        .reason = "HookFailed",
                                        .problem = text ? text : problem };
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error error = { 0 };

        changes_init(&changes);
        if (problem)
                log_error("environment '%s': %s", name_of(output), attempt.problem);
        else
                log_info("environment '%s': program %s succeeded for lock %s", name_of(output),
                         program, attempt.lock_digest);
        output_ended(output, &attempt, &changes);
        if (control_apply(output->environment->publisher->control, &changes, &error) < 0)
                log_error("environment '%s': %s", name_of(output), error_message(&error));
}

static void on_run_ended(const ProgramEnd *end, void *userdata)
{
        Output *output = userdata;
        char problem[PROGRAM_PROBLEM_SIZE];

        output->hook.run = NULL;
        hook_end(output, program_problem(end, output->spec->timeout, problem) > 0 ? problem : NULL);
}

/* --- running ---------------------------------------------------------------------------------- */

static int hook_run(Output *output, const OutputCall *call, Arena *arena, Error *err)
{
        const OutputSpec *spec = output->spec;
        const ProgramVariable variables[] = {
                { "RELMAN_FORMAT", lock_format_to_string(spec->format) },
                { "RELMAN_PROMOTION_ID", call->deployment->promotion_id },
        };
        OutputHook *hook = &output->hook;
        const char *path = output_path(output, arena);
        _cleanup_(close_fd) int input = program_input(call->lock, arena, err);
        const char *identifier = arena_printf(arena, "relmand-%s", name_of(output));
        _cleanup_(close_fd) int journal = log_stream(identifier ? identifier : "relmand");
        const ProcessPlan plan = { .arguments = program_arguments(&spec->exec, arena),
                                   .environment = program_environment(call->lock, path, variables,
                                                                      ARRAY_SIZE(variables), arena),
                                   .input = input,
                                   .output = journal,
                                   .error = journal };
        const ProgramPlan run = { .process = &plan,
                                  .timeout = spec->timeout,
                                  .owner = output->environment->id.text,
                                  .key = output->memory.key,
                                  .done = on_run_ended,
                                  .userdata = output };

        if (input < 0)
                return input;
        if (!plan.arguments || !plan.environment || !path)
                return error_oom(err);
        (void)snprintf(hook->running, sizeof(hook->running), "%s", output->memory.wanted);
        (void)snprintf(hook->release, sizeof(hook->release), "%s", call->lock->release.name);
        return program_run_start(&output->environment->publisher->programs, &run, &hook->run, err);
}

/* Runs the program for the lock, unless it runs already. */
static int hook_start(Output *output, const OutputCall *call, Error *err)
{
        _cleanup_(arena_done) Arena arena;

        arena_init(&arena, (size_t)64 * 1024 * 1024);
        if (output->hook.run ||
            programs_have_left(&output->environment->publisher->programs,
                               output->environment->id.text, output->memory.key))
                return 0;
        if (hook_run(output, call, &arena, err) < 0) {
                hook_end(output, error_message(err));
                error_done(err);
        }
        return 0;
}

static bool hook_is_idle(const Output *output)
{
        return !output->hook.run;
}

static void hook_done(Output *output)
{
        output->hook.run = program_run_leave(output->hook.run);
}

const OutputType output_program_type = {
        .want = output_want_file, .start = hook_start, .is_idle = hook_is_idle, .done = hook_done
};
