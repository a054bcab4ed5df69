#include "git/run.h"

#include <sys/wait.h>

#include "base/file.h"
#include "git/answer.h"
#include "program/program-input.h"

#define STEP_ARENA_MAX ((size_t)64 * 1024 * 1024)

int git_step_start(const GitStepRun *plan, ProgramRun **ret, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        _cleanup_(close_fd) int input = -1;
        ProcessPlan process = { 0 };
        const ProgramPlan program = { .process = &process,
                                      .timeout = plan->remote->timeout,
                                      .output_max = plan->output_max,
                                      .owner = "",
                                      .key = "",
                                      .done = plan->done,
                                      .userdata = plan->userdata };

        arena_init(&arena, STEP_ARENA_MAX);
        if (plan->input && plan->input->failed)
                return error_set(err, ERROR_INTERNAL, plan->input->failed,
                                 "the files are too large");
        if (plan->input) {
                input = program_input_of(plan->input->data, plan->input->size, err);
                if (input < 0)
                        return input;
        }
        process.input = input;
        process.arguments = git_step_arguments(plan->step, plan->remote, plan->values, &arena);
        process.environment = git_step_environment(plan->remote, plan->values, &arena);
        if (!process.arguments || !process.environment)
                return error_oom(err);
        return program_run_start(plan->programs, &program, ret, err);
}

bool git_step_succeeded(const ProgramEnd *end)
{
        return !end->timed_out && WIFEXITED(end->status) && WEXITSTATUS(end->status) == 0;
}

const char *git_step_reason(const ProgramEnd *end, const GitRemote *remote, Arena *arena)
{
        char problem[PROGRAM_PROBLEM_SIZE];

        if (answer_asks_for_password(end->output, end->output_size))
                return remote->password ? "the server refused user or password"
                                        : "the server wants a password; set credential";
        if (!end->timed_out)
                return answer_reason(end->output, end->output_size, arena);
        (void)program_problem(end, remote->timeout, problem);
        return arena_strdup(arena, problem);
}
