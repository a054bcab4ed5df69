#include "publish/output-hook.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/log.h"
#include "base/process.h"
#include "store/releases.h"

#define RETRY_MIN   (10 * USEC_PER_SEC)
#define RETRY_MAX   (10 * USEC_PER_MIN)
#define N_VARIABLES 20

void output_hook_done(OutputHook *hook)
{
        hook->run = output_run_leave(hook->run);
}

bool output_hook_is_idle(const OutputHook *hook)
{
        return !hook->run;
}

/* --- its key ---------------------------------------------------------------------------------- */

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

/* --- the result -- ------------------------------------------------------------------------ */

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

static void on_run_ended(int status, bool timed_out, void *userdata)
{
        Output *output = userdata;
        char problem[80];

        output->hook.run = NULL;
        if (timed_out)
                (void)snprintf(problem, sizeof(problem), "was ended after %lld s",
                               (long long)(output->spec->timeout / USEC_PER_SEC));
        else if (WIFSIGNALED(status))
                (void)snprintf(problem, sizeof(problem), "was killed by signal %d",
                               WTERMSIG(status));
        else if (WEXITSTATUS(status) != 0)
                (void)snprintf(problem, sizeof(problem), "exited with status %d",
                               WEXITSTATUS(status));
        else {
                hook_succeed(output);
                return;
        }
        hook_fail(output, problem);
}

/* --- running ---------------------------------------------------------------------------------- */

/* Writes the lock as JSON for the standard input of the program. */
static int make_input(const Lock *lock, Arena *arena, Error *err)
{
        LockFiles files;
        int fd, r;

        r = lock_format_write(lock, LOCK_JSON, arena, &files, err);
        if (r < 0)
                return r;
        fd = memfd_create("relman-hook", MFD_CLOEXEC);
        if (fd < 0 ||
            write(fd, files.items[0].data, files.items[0].size) != (ssize_t)files.items[0].size ||
            lseek(fd, 0, SEEK_SET) < 0) {
                r = error_set(err, ERROR_INTERNAL, -errno, "cannot make a hook's input: %s",
                              strerror(errno));
                close_fd(&fd);
                return r;
        }
        return fd;
}

/* Makes the environment variables of a program. It inherits only those of relmand's variables that
 * every program needs to run. */
static const char **make_environment(const Output *output, const HookCall *call, Arena *arena)
{
        static const char *const inherited[] = { "PATH", "LANG", "TZ", "HOME" };
        const Release *release = &call->lock->release;
        const char *const own[][2] = {
                { "RELMAN_TENANT", release->tenant },
                { "RELMAN_ENVIRONMENT", call->lock->environment },
                { "RELMAN_RELEASE", release->name },
                { "RELMAN_RELEASE_ID", release->id.text },
                { "RELMAN_DISPLAY_NAME", release->display_name },
                { "RELMAN_FORMAT", lock_format_to_string(output->spec->format) },
                { "RELMAN_PATH", call->path },
                { "RELMAN_LOCK_DIGEST", call->lock->lock_digest },
                { "RELMAN_COMMIT_SHA", release->source_ref.commit_sha },
        };
        const char **variables = arena_alloc_array(arena, N_VARIABLES, sizeof(*variables));
        size_t n = 0;

        for (size_t i = 0; variables && i < ARRAY_SIZE(inherited); i++)
                if (getenv(inherited[i]))
                        variables[n++] =
                                arena_printf(arena, "%s=%s", inherited[i], getenv(inherited[i]));
        for (size_t i = 0; variables && i < ARRAY_SIZE(own); i++)
                if (own[i][1])
                        variables[n++] = arena_printf(arena, "%s=%s", own[i][0], own[i][1]);
        return variables;
}

static int hook_start(Output *output, const HookCall *call, Arena *arena, Error *err)
{
        const OutputSpec *spec = output->spec;
        OutputHook *hook = &output->hook;
        _cleanup_(close_fd) int input = make_input(call->lock, arena, err);
        const char *identifier = arena_printf(arena, "relmand-%s", name_of(output));
        _cleanup_(close_fd) int journal = log_stream(identifier ? identifier : "relmand");
        const char **arguments = arena_alloc_array(arena, spec->exec.n + 1, sizeof(*arguments));
        const ProcessPlan plan = { .arguments = arguments,
                                   .environment = make_environment(output, call, arena),
                                   .input = input,
                                   .output = journal,
                                   .error = journal };
        const OutputRunPlan run = { .publisher = output->environment->publisher,
                                    .process = &plan,
                                    .timeout = spec->timeout,
                                    .environment_id = output->environment->id.text,
                                    .key = hook->key,
                                    .done = on_run_ended,
                                    .userdata = output };

        if (input < 0)
                return input;
        if (!arguments || !plan.environment)
                return error_oom(err);
        memcpy(arguments, spec->exec.items, spec->exec.n * sizeof(*arguments));
        (void)snprintf(hook->running, sizeof(hook->running), "%s", call->lock->lock_digest);
        return output_run_start(&run, &hook->run, err);
}

/* Reads for which lock the program last succeeded. The key contains the command, so a changed
 * command runs for the current lock again. */
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
            output_run_is_left(output->environment->publisher, output->environment->id.text,
                               hook->key))
                return r;
        if (hook_start(output, call, &arena, err) < 0) {
                hook_fail(output, error_message(err));
                error_done(err);
        }
        return 0;
}
