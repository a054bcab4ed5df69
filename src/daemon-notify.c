#include "daemon-notify.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/macros.h"
#include "base/time.h"

#define RETRY_INTERVAL (100 * USEC_PER_MSEC)

/* Sends one datagram. Returns -EAGAIN if the caller should try again later. Ignores other failures,
 * because there may be no listener. */
static int send_text(const char *text)
{
        const char *path = getenv("NOTIFY_SOCKET");
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        size_t size = path ? strlen(path) : 0;
        ssize_t n;
        int fd, r;

        if (size < 2 || size >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@'))
                return 0;
        memcpy(address.sun_path, path, size);
        if (path[0] == '@')
                address.sun_path[0] = '\0'; /* the abstract name space of unix(7) */
        fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return -EAGAIN; /* descriptors or memory ran out, which may be temporary */
        n = sendto(fd, text, strlen(text), MSG_NOSIGNAL, (const struct sockaddr *)&address,
                   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size));
        r = n < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM) ? -EAGAIN : 0;
        (void)close(fd);
        return r;
}

/* Sends one message. Its text is on the stack, so that READY=1 is not lost if memory runs out. */
static int send_state(const Notifier *notifier, NotifyState state)
{
        ReconcileReport report;
        char text[512];

        switch (state) {
        case NOTIFY_RELOADING:
                (void)snprintf(text, sizeof(text), "RELOADING=1\nMONOTONIC_USEC=%llu",
                               (unsigned long long)notifier->reload_began);
                return send_text(text);
        case NOTIFY_STOPPING: return send_text("STOPPING=1");
        case NOTIFY_WATCHDOG: return send_text("WATCHDOG=1");
        case NOTIFY_READY:
        case NOTIFY_STATUS: break;
        }
        reconciler_report(notifier->reconciler, &report);
        (void)snprintf(
                text, sizeof(text),
                "%sSTATUS=%zu components (%zu failing), %zu releases (%zu drafts), %zu spec errors",
                state == NOTIFY_READY ? "READY=1\n" : "", report.n_components, report.n_failed,
                report.n_releases, report.n_draft, report.n_spec_errors);
        return send_text(text);
}

/* Sends the pending messages in the order of NotifyState. */
static void send_pending(Notifier *notifier)
{
        for (unsigned state = NOTIFY_RELOADING; state <= NOTIFY_STATUS; state <<= 1) {
                if (!(notifier->pending & state))
                        continue;
                if (send_state(notifier, (NotifyState)state) < 0)
                        break;
                notifier->pending &= ~state;
        }
        notifier->pending &= ~(unsigned)NOTIFY_STATUS;
        if (notifier->pending == 0)
                return;
        /* if the timer cannot be set, the next call sends the pending messages */
        (void)sd_event_source_set_time_relative(notifier->retry, RETRY_INTERVAL);
        (void)sd_event_source_set_enabled(notifier->retry, SD_EVENT_ONESHOT);
}

static int on_retry(sd_event_source *source, usec_t usec, void *userdata)
{
        (void)source, (void)usec;
        send_pending(userdata);
        return 0;
}

int notifier_init(Notifier *notifier, sd_event *event, const Reconciler *reconciler)
{
        int r;

        *notifier = (Notifier){ .reconciler = reconciler };
        r = sd_event_add_time_relative(event, &notifier->retry, CLOCK_MONOTONIC, RETRY_INTERVAL,
                                       RETRY_INTERVAL, on_retry, notifier);
        return r < 0 ? r : sd_event_source_set_enabled(notifier->retry, SD_EVENT_OFF);
}

void notifier_done(Notifier *notifier)
{
        sd_event_source_disable_unref(notifier->retry);
}

void notifier_send(Notifier *notifier, NotifyState state)
{
        if (state == NOTIFY_RELOADING) {
                notifier->reload_began = time_monotonic();
                /* a pending READY is about an earlier reload */
                notifier->pending &= ~(unsigned)NOTIFY_READY;
        }
        if (state == NOTIFY_STOPPING)
                notifier->pending = 0;
        notifier->pending |= state;
        send_pending(notifier);
}
