#include "publish/output-run.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>

#define KILL_AFTER (5 * USEC_PER_SEC)
/* maximum time to wait for all programs together, when relmand stops */
#define END_WAIT (2 * USEC_PER_SEC)

struct OutputRun {
        OutputRun *next; /* in publisher->output_runs */
        Publisher *publisher;
        Uuid environment_id;
        char key[DIGEST_SIZE_MAX];
        pid_t pid;
        bool timed_out, asked_to_end;
        OutputRunDone done; /* NULL: nobody waits for the result */
        void *userdata;
        sd_event_source *child, *timer;
};

static OutputRun *output_run_free(OutputRun *run)
{
        for (OutputRun **at = &run->publisher->output_runs; *at; at = &(*at)->next)
                if (*at == run) {
                        *at = run->next;
                        break;
                }
        sd_event_source_disable_unref(run->child);
        sd_event_source_disable_unref(run->timer);
        free(run);
        return NULL;
}

static void signal_run(const OutputRun *run, int number)
{
        (void)kill(-run->pid, number); /* kill() fails only if the program has ended */
}

/* Kills the program and reaps it before it returns. */
static OutputRun *kill_run(OutputRun *run)
{
        signal_run(run, SIGKILL);
        while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
                ;
        return output_run_free(run);
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata)
{
        OutputRun *run = userdata;
        Publisher *publisher = run->publisher;
        OutputRunDone done = run->done;
        Uuid environment_id = run->environment_id;
        bool timed_out = run->timed_out;
        void *hook = run->userdata;

        (void)source;
        output_run_free(run);
        if (done)
                done(process_status(info->si_code, info->si_status), timed_out, hook);
        else /* its output may need another run of the program */
                queue_add(publisher->control->queue, KEY_ENVIRONMENT_LOCK, environment_id.text, 0,
                          "an earlier run of its program has ended");
        control_kick(publisher->control);
        return 0;
}

static int on_timer(sd_event_source *source, usec_t usec, void *userdata)
{
        OutputRun *run = userdata;

        (void)usec;
        run->timed_out = true;
        signal_run(run, run->asked_to_end ? SIGKILL : SIGTERM);
        run->asked_to_end = true;
        /* if this fails, the program runs until it ends by itself */
        (void)sd_event_source_set_time_relative(source, KILL_AFTER);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static int watch_run(OutputRun *run, usec_t timeout)
{
        sd_event *event = run->publisher->control->event;
        int r;

        r = sd_event_add_child(event, &run->child, run->pid, WEXITED, on_child, run);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &run->timer, CLOCK_MONOTONIC, timeout,
                                               USEC_PER_SEC / 10, on_timer, run);
        return r;
}

int output_run_start(const OutputRunPlan *plan, OutputRun **ret, Error *err)
{
        OutputRun *run = calloc(1, sizeof(*run));
        sigset_t child;
        int r;

        if (!run)
                return error_oom(err);
        run->publisher = plan->publisher;
        run->done = plan->done;
        run->userdata = plan->userdata;
        (void)snprintf(run->environment_id.text, sizeof(run->environment_id.text), "%s",
                       plan->environment_id);
        (void)snprintf(run->key, sizeof(run->key), "%s", plan->key);
        /* sd-event requires that SIGCHLD is blocked */
        (void)sigemptyset(&child);
        (void)sigaddset(&child, SIGCHLD);
        r = sigprocmask(SIG_BLOCK, &child, NULL) < 0
                    ? error_set(err, ERROR_INTERNAL, -errno, "signals: %s", strerror(errno))
                    : process_start(plan->process, &run->pid, err);
        if (r < 0) {
                output_run_free(run);
                return r;
        }
        r = watch_run(run, plan->timeout);
        if (r < 0) {
                kill_run(run); /* a program that is not watched must not run */
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        }
        run->next = run->publisher->output_runs;
        run->publisher->output_runs = run;
        *ret = run;
        return 0;
}

OutputRun *output_run_leave(OutputRun *run)
{
        if (!run)
                return NULL;
        run->done = NULL;
        signal_run(run, SIGTERM);
        run->asked_to_end = true;
        if (sd_event_get_state(run->publisher->control->event) == SD_EVENT_FINISHED)
                return NULL; /* output_runs_end() waits for its end */
        if (sd_event_source_set_time_relative(run->timer, KILL_AFTER) < 0 ||
            sd_event_source_set_enabled(run->timer, SD_EVENT_ONESHOT) < 0)
                signal_run(run, SIGKILL);
        return NULL;
}

bool output_run_is_left(const Publisher *publisher, const char *environment_id, const char *key)
{
        for (const OutputRun *run = publisher->output_runs; run; run = run->next)
                if (!run->done && streq(run->environment_id.text, environment_id) &&
                    streq(run->key, key))
                        return true;
        return false;
}

/* Waits for the end of the program. Returns false if it still runs at that time. */
static bool await_run(const OutputRun *run, usec_t until)
{
        sigset_t child;

        (void)sigemptyset(&child);
        (void)sigaddset(&child, SIGCHLD);
        while (waitpid(run->pid, NULL, WNOHANG) == 0) {
                usec_t now = time_monotonic(), left = until - MIN(now, until);
                const struct timespec wait = {
                        .tv_sec = (time_t)(left / USEC_PER_SEC),
                        .tv_nsec = (long)(left % USEC_PER_SEC) * 1000,
                };

                if (left == 0)
                        return false;
                (void)sigtimedwait(&child, NULL, &wait); /* returns also when the time has passed */
        }
        return true;
}

void output_runs_end(Publisher *publisher)
{
        usec_t until = time_monotonic() + END_WAIT;

        while (publisher->output_runs) {
                OutputRun *run = publisher->output_runs;

                if (await_run(run, until))
                        output_run_free(run);
                else
                        kill_run(run);
        }
}
