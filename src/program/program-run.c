#include "program/program-run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"

#define KILL_AFTER (5 * USEC_PER_SEC)
/* maximum time to wait for all programs together, when relmand stops */
#define END_WAIT (2 * USEC_PER_SEC)
/* bytes that are read from a program in one turn of the event loop */
#define READ_MAX ((size_t)64 * 1024)
/* bytes that are read after the end of a program: a pipe holds no more, unless a process outside
 * the process group continues to write */
#define READ_LAST_MAX ((size_t)1024 * 1024)

/* The last bytes that a program wrote. */
typedef struct Tail {
        int fd;     /* the read end of its pipe; -1: its output is not kept */
        char *data; /* room for twice the maximum, so that most writes move no bytes */
        size_t size, max;
        uint64_t n_dropped;
} Tail;

struct ProgramRun {
        ProgramRun *next; /* in programs->runs */
        Programs *programs;
        Uuid owner;
        char key[DIGEST_SIZE_MAX];
        pid_t pid;
        bool timed_out, asked_to_end;
        ProgramDone done; /* NULL: nobody waits for the result */
        void *userdata;
        Tail tail;
        sd_event_source *child, *timer, *readable;
};

static ProgramRun *run_free(ProgramRun *run)
{
        for (ProgramRun **at = &run->programs->runs; *at; at = &(*at)->next)
                if (*at == run) {
                        *at = run->next;
                        run->programs->n--;
                        break;
                }
        sd_event_source_disable_unref(run->child);
        sd_event_source_disable_unref(run->timer);
        sd_event_source_disable_unref(run->readable);
        close_fd(&run->tail.fd);
        free(run->tail.data);
        free(run);
        return NULL;
}

static void signal_run(const ProgramRun *run, int number)
{
        (void)kill(-run->pid, number); /* kill() fails only if the program has ended */
}

/* Kills the program and reaps it before it returns. */
static ProgramRun *kill_run(ProgramRun *run)
{
        signal_run(run, SIGKILL);
        while (waitpid(run->pid, NULL, 0) < 0 && errno == EINTR)
                ;
        return run_free(run);
}

/* --- output ----------------------------------------------------------------------------------- */

static void tail_drop(Tail *tail)
{
        size_t n = tail->size - MIN(tail->size, tail->max);

        memmove(tail->data, tail->data + n, tail->size - n);
        tail->size -= n;
        tail->n_dropped += n;
}

/* Reads at most max bytes. Returns false at the end of the output, or if a read failed. */
static bool tail_read(Tail *tail, size_t max)
{
        while (max > 0) {
                size_t room = 2 * tail->max - tail->size;
                ssize_t n = read(tail->fd, tail->data + tail->size, MIN(room, max));

                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        return n < 0 && errno == EAGAIN;
                tail->size += (size_t)n;
                max -= (size_t)n;
                if (tail->size == 2 * tail->max)
                        tail_drop(tail);
        }
        return true;
}

static int on_readable(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        ProgramRun *run = userdata;

        (void)fd, (void)events;
        return tail_read(&run->tail, READ_MAX) ? 0
                                               : sd_event_source_set_enabled(source, SD_EVENT_OFF);
}

/* Makes the pipe. Sets *ret_write to the end for the program. */
static int tail_open(Tail *tail, size_t max, int *ret_write, Error *err)
{
        int ends[2];

        tail->data = malloc(2 * max);
        if (!tail->data)
                return error_oom(err);
        if (pipe2(ends, O_CLOEXEC) < 0)
                return error_set(err, ERROR_INTERNAL, -errno, "cannot make a pipe: %s",
                                 strerror(errno));
        tail->fd = ends[0];
        tail->max = max;
        *ret_write = ends[1];
        /* only the read end: a program expects that its write end blocks */
        return fcntl(tail->fd, F_SETFL, O_NONBLOCK) >= 0
                       ? 0
                       : error_set(err, ERROR_INTERNAL, -errno, "cannot make a pipe: %s",
                                   strerror(errno));
}

/* --- the end ---------------------------------------------------------------------------------- */

/* Calls run->done(), which may leave or start other runs. */
static void run_report(ProgramRun *run, int status)
{
        ProgramEnd end = { .status = status, .timed_out = run->timed_out };

        if (run->tail.fd >= 0) {
                (void)tail_read(&run->tail, READ_LAST_MAX);
                tail_drop(&run->tail);
                end.output = run->tail.data;
                end.output_size = run->tail.size;
                end.n_dropped = run->tail.n_dropped;
        }
        run->done(&end, run->userdata);
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata)
{
        ProgramRun *run = userdata;
        Programs *programs = run->programs;
        Uuid owner = run->owner;
        bool is_left = !run->done;

        (void)source;
        /* the process is not reaped yet, so the kernel has not reused the number of its group */
        if (run->asked_to_end || run->tail.fd >= 0)
                signal_run(run, SIGKILL);
        if (!is_left)
                run_report(run, process_status(info->si_code, info->si_status));
        run_free(run);
        if (is_left && programs->left_ended)
                programs->left_ended(owner.text, programs->userdata);
        if (programs->turned)
                programs->turned(programs->userdata);
        return 0;
}

static int on_timer(sd_event_source *source, usec_t usec, void *userdata)
{
        ProgramRun *run = userdata;

        (void)usec;
        run->timed_out = true;
        signal_run(run, run->asked_to_end ? SIGKILL : SIGTERM);
        run->asked_to_end = true;
        /* if this fails, the program runs until it ends by itself */
        (void)sd_event_source_set_time_relative(source, KILL_AFTER);
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* --- the start -------------------------------------------------------------------------------- */

static int watch_run(ProgramRun *run, usec_t timeout)
{
        sd_event *event = run->programs->event;
        int r;

        r = sd_event_add_child(event, &run->child, run->pid, WEXITED, on_child, run);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &run->timer, CLOCK_MONOTONIC, timeout,
                                               USEC_PER_SEC / 10, on_timer, run);
        if (r >= 0 && run->tail.fd >= 0)
                r = sd_event_add_io(event, &run->readable, run->tail.fd, EPOLLIN, on_readable, run);
        return r;
}

static int start_process(ProgramRun *run, const ProgramPlan *plan, Error *err)
{
        ProcessPlan process = *plan->process;
        _cleanup_(close_fd) int output = -1;
        sigset_t child;
        int r;

        /* sd-event requires that SIGCHLD is blocked */
        (void)sigemptyset(&child);
        (void)sigaddset(&child, SIGCHLD);
        if (sigprocmask(SIG_BLOCK, &child, NULL) < 0)
                return error_set(err, ERROR_INTERNAL, -errno, "signals: %s", strerror(errno));
        if (plan->output_max > 0) {
                r = tail_open(&run->tail, plan->output_max, &output, err);
                if (r < 0)
                        return r;
                process.output = process.error = output;
        }
        return process_start(&process, &run->pid, err);
}

int program_run_start(Programs *programs, const ProgramPlan *plan, ProgramRun **ret, Error *err)
{
        ProgramRun *run = calloc(1, sizeof(*run));
        int r;

        if (!run)
                return error_oom(err);
        run->programs = programs;
        run->done = plan->done;
        run->userdata = plan->userdata;
        run->tail.fd = -1;
        (void)snprintf(run->owner.text, sizeof(run->owner.text), "%s", plan->owner);
        (void)snprintf(run->key, sizeof(run->key), "%s", plan->key);
        r = start_process(run, plan, err);
        if (r < 0) {
                run_free(run);
                return r;
        }
        r = watch_run(run, plan->timeout);
        if (r < 0) {
                kill_run(run); /* a program that is not watched must not run */
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        }
        run->next = programs->runs;
        programs->runs = run;
        programs->n++;
        *ret = run;
        return 0;
}

/* --- leaving ---------------------------------------------------------------------------------- */

ProgramRun *program_run_leave(ProgramRun *run)
{
        if (!run)
                return NULL;
        run->done = NULL;
        signal_run(run, SIGTERM);
        run->asked_to_end = true;
        if (sd_event_get_state(run->programs->event) == SD_EVENT_FINISHED)
                return NULL; /* programs_end() waits for the program */
        if (sd_event_source_set_time_relative(run->timer, KILL_AFTER) < 0 ||
            sd_event_source_set_enabled(run->timer, SD_EVENT_ONESHOT) < 0)
                signal_run(run, SIGKILL);
        return NULL;
}

bool programs_have_left(const Programs *programs, const char *owner, const char *key)
{
        for (const ProgramRun *run = programs->runs; run; run = run->next)
                if (!run->done && streq(run->owner.text, owner) && streq(run->key, key))
                        return true;
        return false;
}

/* Waits until the program has ended or the time `until` is reached. Does not reap the program. */
static void await_run(const ProgramRun *run, usec_t until)
{
        siginfo_t info = { 0 };
        sigset_t child;

        (void)sigemptyset(&child);
        (void)sigaddset(&child, SIGCHLD);
        while (waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
               info.si_pid == 0) {
                usec_t now = time_monotonic(), left = until - MIN(now, until);
                const struct timespec wait = {
                        .tv_sec = (time_t)(left / USEC_PER_SEC),
                        .tv_nsec = (long)(left % USEC_PER_SEC) * 1000,
                };

                if (left == 0)
                        return;
                (void)sigtimedwait(&child, NULL, &wait); /* also returns after the time `wait` */
        }
}

void programs_end(Programs *programs)
{
        usec_t until = time_monotonic() + END_WAIT;

        while (programs->runs) {
                await_run(programs->runs, until);
                kill_run(programs->runs); /* also kills the other processes of its group */
        }
}
