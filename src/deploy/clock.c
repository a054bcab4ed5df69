/* Evaluates environments again when the wall clock is set. Soaks and windows end at times of the
 * wall clock, but the queue waits with the monotonic clock. */

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "deploy/environments.h"

/* Arms a timer that never expires. The kernel cancels it when the wall clock is set, also when the
 * machine resumes from suspension. */
static int clock_arm(int fd)
{
        const struct itimerspec never = { .it_value.tv_sec = INT64_MAX };

        return timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, NULL) < 0
                       ? -errno
                       : 0;
}

static int on_clock_set(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
        Deployer *deployer = userdata;
        uint64_t n;
        int r;

        (void)source, (void)revents;
        if (read(fd, &n, sizeof(n)) >= 0 || errno != ECANCELED)
                return 0;
        log_notice("the wall clock was set: soaks and windows are evaluated again");
        r = clock_arm(fd);
        if (r < 0)
                log_error("cannot watch the wall clock: %s", strerror(-r));
        deployer_clock_was_set(deployer);
        return 0;
}

int deployer_watch_clock(Deployer *deployer, Error *err)
{
        _cleanup_(close_fd) int fd = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
        int r = fd < 0 ? -errno : clock_arm(fd);

        if (r >= 0)
                r = sd_event_add_io(deployer->control->event, &deployer->clock, fd, EPOLLIN,
                                    on_clock_set, deployer);
        if (r >= 0)
                r = sd_event_source_set_io_fd_own(deployer->clock, true);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "cannot watch the wall clock: %s",
                                 strerror(-r));
        fd = -1; /* the event source closes fd */
        return 0;
}
