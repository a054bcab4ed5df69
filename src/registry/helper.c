#include "registry/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/escape.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/process.h"
#include "base/text.h"
#include "base/time.h"

#define HELPER_TIME_MAX (30 * USEC_PER_SEC)

struct Helper {
        HelperPlan plan;
        char *name;
        pid_t pid;
        int output;
        Buffer answer;
        bool ended, closed;
        int status;
        sd_event_source *child, *reader, *timer;
};

Helper *helper_free(Helper *helper)
{
        if (!helper)
                return NULL;
        sd_event_source_disable_unref(helper->child);
        sd_event_source_disable_unref(helper->reader);
        sd_event_source_disable_unref(helper->timer);
        if (helper->pid > 0 && !helper->ended) {
                (void)kill(-helper->pid, SIGKILL); /* it may have exited already */
                (void)waitpid(helper->pid, NULL, 0);
        }
        close_fd(&helper->output);
        buffer_done(&helper->answer);
        free(helper->name);
        free(helper);
        return NULL;
}

static void finish(Helper *helper, Error *error)
{
        Credentials credentials = { 0 };
        Error own = { 0 };
        char said[200];

        /* the result is reported only once */
        (void)sd_event_source_set_enabled(helper->child, SD_EVENT_OFF);
        (void)sd_event_source_set_enabled(helper->reader, SD_EVENT_OFF);
        (void)sd_event_source_set_enabled(helper->timer, SD_EVENT_OFF);
        if (!helper->ended)
                (void)kill(-helper->pid, SIGKILL); /* helper_free() waits for it */
        (void)escape_text(helper->answer.data, strcspn(helper->answer.data, "\r\n"), said,
                          sizeof(said));
        if (error)
                error_move(&own, error);
        else if (!WIFEXITED(helper->status) || WEXITSTATUS(helper->status) != 0) {
                /* this text means that the helper has no credentials for the server */
                if (!strstr(helper->answer.data, "credentials not found"))
                        (void)error_set(&own, ERROR_DENIED, -EACCES,
                                        "credential helper '%s' failed: %s", helper->name,
                                        said[0] ? said : "it says nothing");
        } else if (credentials_from_helper(helper->answer.data, helper->answer.size, &credentials,
                                           &own) < 0)
                (void)error_prefix(&own, 0, "credential helper '%s'", helper->name);
        helper->plan.done(&credentials, own.kind == ERROR_NONE ? NULL : &own,
                          helper->plan.userdata);
        credentials_done(&credentials);
        error_done(&own);
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata)
{
        Helper *helper = userdata;

        (void)source;
        helper->ended = true;
        helper->status = process_status(info->si_code, info->si_status);
        if (helper->closed)
                finish(helper, NULL);
        return 0;
}

static int on_output(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
        Helper *helper = userdata;
        Error error = { 0 };
        char block[4096];
        ssize_t n = read(fd, block, sizeof(block));

        (void)events;
        if (n < 0 && (errno == EAGAIN || errno == EINTR))
                return 0;
        if (n > 0 && buffer_append(&helper->answer, block, (size_t)n) >= 0)
                return 0;
        (void)sd_event_source_set_enabled(source, SD_EVENT_OFF); /* no more output is read */
        if (n > 0) {
                (void)error_set(&error, ERROR_HOSTILE, -EFBIG,
                                "credential helper '%s' says more than %d bytes", helper->name,
                                TOKEN_ANSWER_MAX);
                finish(helper, &error);
                return 0;
        }
        helper->closed = true;
        if (helper->ended)
                finish(helper, NULL);
        return 0;
}

static int on_timer(sd_event_source *source, usec_t usec, void *userdata)
{
        Helper *helper = userdata;
        Error error = { 0 };

        (void)source, (void)usec;
        (void)error_set(&error, ERROR_UNREACHABLE, -ETIMEDOUT,
                        "credential helper '%s' did not answer within %d s", helper->name,
                        (int)(HELPER_TIME_MAX / USEC_PER_SEC));
        finish(helper, &error);
        return 0;
}

/* --- starting --------------------------------------------------------------------------------- */

/* Starts the process. Writing the server's name does not block, because it fits in the pipe. */
static int run(Helper *helper, const char *server, Error *err)
{
        const char *const arguments[] = { helper->name, "get", NULL };
        int input[2] = { -1, -1 }, output[2] = { -1, -1 };
        ssize_t written = -1;
        int r = 0;

        if (pipe2(input, O_CLOEXEC) < 0 || pipe2(output, O_CLOEXEC) < 0)
                r = error_set(err, ERROR_INTERNAL, -errno, "cannot make a pipe: %s",
                              strerror(errno));
        if (r == 0)
                r = process_start(&(ProcessPlan){ .arguments = arguments,
                                                  .input = input[0],
                                                  .output = output[1],
                                                  .error = -1 },
                                  &helper->pid, err);
        if (r == 0)
                written = write(input[1], server, strlen(server));
        close_fd(&input[0]);
        close_fd(&input[1]);
        close_fd(&output[1]);
        helper->output = output[0];
        if (r < 0)
                return r;
        if (written < 0 || fcntl(helper->output, F_SETFL, O_NONBLOCK) < 0)
                return error_set(err, ERROR_INTERNAL, -errno, "credential helper '%s': %s",
                                 helper->name, strerror(errno));
        return 0;
}

static int watch(Helper *helper, sd_event *event)
{
        sigset_t child;
        int r;

        /* sd-event requires that SIGCHLD is blocked */
        (void)sigemptyset(&child);
        (void)sigaddset(&child, SIGCHLD);
        if (sigprocmask(SIG_BLOCK, &child, NULL) < 0)
                return -errno;
        r = sd_event_add_child(event, &helper->child, helper->pid, WEXITED, on_child, helper);
        if (r >= 0)
                r = sd_event_add_io(event, &helper->reader, helper->output, EPOLLIN, on_output,
                                    helper);
        if (r >= 0)
                r = sd_event_add_time_relative(event, &helper->timer, CLOCK_MONOTONIC,
                                               HELPER_TIME_MAX, 0, on_timer, helper);
        return r;
}

int helper_start(sd_event *event, const HelperPlan *plan, Helper **ret, Error *err)
{
        Helper *helper = calloc(1, sizeof(*helper));
        int r;

        if (!helper)
                return error_oom(err);
        helper->plan = *plan;
        helper->output = -1;
        buffer_init(&helper->answer, TOKEN_ANSWER_MAX);
        helper->name = text_printf("docker-credential-%s", plan->name);
        if (!helper->name)
                r = error_oom(err);
        else
                r = run(helper, plan->server, err);
        if (r >= 0) {
                r = watch(helper, event);
                if (r < 0)
                        (void)error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        }
        if (r < 0) {
                helper_free(helper);
                return r;
        }
        *ret = helper;
        return 0;
}
