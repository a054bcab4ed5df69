/* Runs the program of a check. */

#include <stdlib.h>

#include "base/file.h"
#include "checks/check-runs.h"
#include "program/program-input.h"

#define PROGRAM_ARENA_MAX ((size_t)64 * 1024 * 1024)

static void on_ended(const ProgramEnd *end, void *userdata)
{
        CheckRun *run = userdata;
        char problem[PROGRAM_PROBLEM_SIZE];
        _cleanup_(arena_done) Arena arena;
        const CheckOutput output = { .data = end->output,
                                     .size = end->output_size,
                                     .is_end = true,
                                     .begin_is_missing = end->n_dropped > 0 };
        CheckEnd ret = { 0 };
        const char *line;

        run->program = NULL;
        arena_init(&arena, PROGRAM_ARENA_MAX);
        ret.passed = program_problem(end, run->spec->timeout, problem) == 0;
        /* if memory ran out, the result has no output */
        ret.output = output.size > 0 ? check_output_text(&output, &arena) : NULL;
        if (!ret.passed) {
                line = ret.output ? check_output_line(ret.output, &arena) : "";
                ret.message = arena_printf(&arena, "%s %s%s%s", run->spec->exec.items[0], problem,
                                           line && line[0] ? ": " : "", line ? line : "");
        }
        run->ended(run, &ret);
}

/* Returns the path of a lockfile: that of the release for a check before the promotion, that of the
 * environment for a check after it. Returns NULL if memory ran out. */
static const char *path_of(const CheckRun *run, const Lock *lock, Arena *arena)
{
        bool is_after = run->promotion_id.text[0];
        _cleanup_(freep) char *stem =
                lock_stem(run->runner->control->options.locks_path, run->tenant,
                          is_after ? LOCK_ROOM_ENVIRONMENTS : LOCK_ROOM_RELEASES,
                          is_after ? lock->environment : lock->release.name);

        return stem ? arena_printf(arena, "%s" LOCK_SUFFIX, stem) : NULL;
}

static int start(CheckRun *run, const Lock *lock, Arena *arena, Error *err)
{
        bool is_after = run->promotion_id.text[0];
        const ProgramVariable more[] = {
                { "RELMAN_CHECK", run->name },
                { "RELMAN_CHECK_WHEN", is_after ? "after" : "before" },
                { "RELMAN_PROMOTION_ID", is_after ? run->promotion_id.text : NULL },
        };
        _cleanup_(close_fd) int input = program_input(lock, arena, err);
        const char *path = path_of(run, lock, arena);
        const ProcessPlan process = { .arguments = program_arguments(&run->spec->exec, arena),
                                      .environment = program_environment(lock, path, more,
                                                                         ARRAY_SIZE(more), arena),
                                      .input = input };
        const ProgramPlan plan = { .process = &process,
                                   .timeout = run->spec->timeout,
                                   .output_max = CHECK_OUTPUT_MAX,
                                   .owner = run->environment_id.text,
                                   .key = run->key,
                                   .done = on_ended,
                                   .userdata = run };

        if (input < 0)
                return input;
        if (!path || !process.arguments || !process.environment)
                return error_oom(err);
        return program_run_start(&run->runner->programs, &plan, &run->program, err);
}

int check_program_start(CheckRun *run, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        Lock lock = { 0 };
        int r;

        arena_init(&arena, PROGRAM_ARENA_MAX);
        r = check_lock(run, &arena, &lock, err);
        return r < 0 ? r : start(run, &lock, &arena, err);
}
