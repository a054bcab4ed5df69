/* The end of the server: nothing is accepted any more, who waits is told that it is over, and what
 * was asked already is answered, as far as that takes a moment only. Connections that nobody has
 * accepted stay with systemd, if the socket is its own, and are served by the next daemon. */

#include <poll.h>
#include <unistd.h>

#include "api/http/request.h"
#include "preview/preview.h"

#define DRAIN_MAX  USEC_PER_SEC
#define DRAIN_STEP 10 /* ms */

/* Who waits is told so; 503 is what clients try again on. */
static void tell_waiting(Api *api)
{
        followers_end(api);
        requests_go_on(api);
        while (api->suspended) {
                Request *request = api->suspended;

                request->waiter = sync_waiter_cancel(request->waiter);
                request->creation = creation_cancel(request->creation);
                request->assigning = assigning_cancel(request->assigning);
                request->promoting = promoting_cancel(request->promoting);
                request->backup = backup_free(request->backup);
                request->previewer = preview_cancel(request->previewer);
                request_problem(request, 503, "relmand is stopping");
                request_resume(request);
        }
}

static void accept_no_more(Api *api)
{
        for (Listener *listener = api->listeners; listener; listener = listener->next) {
                MHD_socket fd = MHD_quiesce_daemon(listener->daemon);

                if (fd != MHD_INVALID_SOCKET)
                        (void)close(fd); /* ours from now on */
        }
}

static int epoll_of(const Listener *listener)
{
        return MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

/* One turn of each; true if one has something to answer yet. What fails here ends anyway. */
static bool turn(Api *api)
{
        bool is_busy = false;

        for (Listener *listener = api->listeners; listener; listener = listener->next) {
                struct pollfd ready = { .fd = epoll_of(listener), .events = POLLIN };

                (void)MHD_run(listener->daemon);
                tell_waiting(api);
                if (!connections_busy(listener))
                        continue;
                is_busy = true;
                (void)poll(&ready, 1, DRAIN_STEP);
        }
        return is_busy;
}

void listeners_drain(Api *api)
{
        usec_t until = time_monotonic() + DRAIN_MAX;

        api->is_stopping = true;
        accept_no_more(api);
        tell_waiting(api);
        while (turn(api) && time_monotonic() < until)
                ;
}
