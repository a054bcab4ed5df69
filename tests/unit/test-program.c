/* Tests programs that relman runs: their end, their output, and the processes that they leave. */

#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program/program-input.h"
#include "program/program-run.h"
#include "unit.h"

#define OUTPUT_MAX ((size_t)1000)
#define LONG       (600 * USEC_PER_SEC) /* a time-out that no test reaches */

typedef struct Seen {
        Programs programs;
        ProgramRun *run;
        bool ended;
        int status;
        bool timed_out;
        char output[OUTPUT_MAX + 1];
        size_t output_size;
        uint64_t n_dropped;
        char problem[PROGRAM_PROBLEM_SIZE];
        char left[64]; /* the owner of a program that was left running and has ended */
} Seen;

static void on_left_ended(const char *owner, void *userdata)
{
        Seen *seen = userdata;

        (void)snprintf(seen->left, sizeof(seen->left), "%s", owner);
}

static void on_turned(void *userdata)
{
        (void)userdata;
}

static void on_done(const ProgramEnd *end, void *userdata)
{
        Seen *seen = userdata;

        seen->ended = true;
        seen->run = NULL;
        seen->status = end->status;
        seen->timed_out = end->timed_out;
        seen->output_size = end->output_size;
        seen->n_dropped = end->n_dropped;
        if (end->output)
                memcpy(seen->output, end->output, end->output_size);
        seen->output[end->output_size] = '\0';
        if (program_problem(end, 2 * USEC_PER_SEC, seen->problem) == 0)
                seen->problem[0] = '\0';
}

static void seen_init(Seen *seen)
{
        *seen = (Seen){
                .programs = { .left_ended = on_left_ended, .turned = on_turned, .userdata = seen }
        };
        assert_true(sd_event_new(&seen->programs.event) >= 0);
}

static void seen_done(Seen *seen)
{
        programs_end(&seen->programs);
        assert_null(seen->programs.runs);
        sd_event_unref(seen->programs.event);
}

static void start(Seen *seen, const char *script, usec_t timeout, size_t output_max)
{
        const char *const arguments[] = { "/bin/sh", "-c", script, NULL };
        const ProcessPlan process = {
                .arguments = arguments, .input = -1, .output = -1, .error = -1
        };
        const ProgramPlan plan = { .process = &process,
                                   .timeout = timeout,
                                   .output_max = output_max,
                                   .owner = "owner",
                                   .key = "key",
                                   .done = on_done,
                                   .userdata = seen };
        Error error = { 0 };

        assert_case(program_run_start(&seen->programs, &plan, &seen->run, &error) >= 0, "%s",
                    error_message(&error));
}

static void run(Seen *seen, const char *script, usec_t timeout, size_t output_max)
{
        seen_init(seen);
        start(seen, script, timeout, output_max);
        while (!seen->ended)
                assert_true(sd_event_run(seen->programs.event, UINT64_MAX) >= 0);
        seen_done(seen);
}

static void test_the_end_of_a_program_is_described(void **state)
{
        static const struct {
                const char *script, *problem;
        } cases[] = {
                { "exit 0", "" },
                { "exit 3", "exited with status 3" },
                { "kill -9 $$", "was killed by signal 9" },
        };
        Seen seen;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                run(&seen, cases[i].script, LONG, OUTPUT_MAX);
                assert_string_equal(seen.problem, cases[i].problem);
        }
        run(&seen, "sleep 600", USEC_PER_MSEC, OUTPUT_MAX);
        assert_true(seen.timed_out);
        assert_string_equal(seen.problem, "was ended after 2s");
}

static void test_output_of_both_streams_is_kept_in_order(void **state)
{
        Seen seen;

        (void)state;
        run(&seen, "printf 'one\\n'; printf 'two\\n' >&2; printf 'a\\000b\\377'", LONG, OUTPUT_MAX);
        assert_int_equal(seen.output_size, 12);
        assert_memory_equal(seen.output, "one\ntwo\na\0b\377", 12);
        assert_int_equal(seen.n_dropped, 0);
}

static void test_the_end_of_a_long_output_is_kept(void **state)
{
        static const unsigned sizes[] = { 999, 1000, 1001, 1999, 2000, 2001, 100000, 300001 };
        char script[128];
        Seen seen;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
                (void)snprintf(script, sizeof(script),
                               "head -c %u /dev/zero | tr '\\0' x; echo end", sizes[i]);
                run(&seen, script, LONG, OUTPUT_MAX);
                assert_int_equal(seen.output_size + seen.n_dropped, sizes[i] + 4);
                assert_int_equal(seen.output_size, MIN(sizes[i] + 4, OUTPUT_MAX));
                assert_string_equal(seen.output + seen.output_size - 5, "xend\n");
        }
}

/* The remaining processes would keep the pipe open for ten minutes. */
static void test_what_a_program_leaves_does_not_delay_its_end(void **state)
{
        int status;
        Seen seen;

        (void)state;
        run(&seen, "setsid sleep 30 & echo started", LONG, OUTPUT_MAX);
        assert_string_equal(seen.output, "started\n");
        /* a process of its group is killed even if it ignores SIGTERM */
        assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), 0);
        run(&seen, "trap '' TERM; sleep 600 & echo $!", LONG, OUTPUT_MAX);
        assert_true(waitpid((pid_t)strtol(seen.output, NULL, 10), &status, 0) > 0);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
        assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0), 0);
}

static void test_a_program_that_was_left_is_reported_to_nobody(void **state)
{
        Seen seen;

        (void)state;
        seen_init(&seen);
        start(&seen, "sleep 600", LONG, OUTPUT_MAX);
        assert_false(programs_have_left(&seen.programs, "owner", "key"));
        seen.run = program_run_leave(seen.run);
        assert_true(programs_have_left(&seen.programs, "owner", "key"));
        assert_false(programs_have_left(&seen.programs, "owner", "other"));
        assert_int_equal(seen.programs.n, 1);
        while (!seen.left[0])
                assert_true(sd_event_run(seen.programs.event, UINT64_MAX) >= 0);
        assert_string_equal(seen.left, "owner");
        assert_false(seen.ended);
        assert_int_equal(seen.programs.n, 0);
        seen_done(&seen);
}

/* relmand waits for the end of a program that ignores SIGTERM. */
static void test_all_programs_end_with_relmand(void **state)
{
        Seen seen;

        (void)state;
        seen_init(&seen);
        start(&seen, "trap '' TERM; while :; do sleep 1; done", LONG, OUTPUT_MAX);
        seen.run = program_run_leave(seen.run);
        start(&seen, "sleep 600", LONG, 0);
        seen.run = program_run_leave(seen.run);
        assert_int_equal(seen.programs.n, 2);
        seen_done(&seen);
        assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
        assert_int_equal(errno, ECHILD);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_end_of_a_program_is_described),
                cmocka_unit_test(test_output_of_both_streams_is_kept_in_order),
                cmocka_unit_test(test_the_end_of_a_long_output_is_kept),
                cmocka_unit_test(test_what_a_program_leaves_does_not_delay_its_end),
                cmocka_unit_test(test_a_program_that_was_left_is_reported_to_nobody),
                cmocka_unit_test(test_all_programs_end_with_relmand),
        };

        return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
