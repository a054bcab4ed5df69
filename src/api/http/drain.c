/* The end of the server: nothing is accepted any more, who waits is told that it is over, and what
 * was asked already is answered, as far as that takes a moment only. Connections that nobody has
 * accepted stay with systemd, if the socket is its own, and are served by the next daemon. */

#include "api/http/drain.h"

#include <poll.h>
#include <unistd.h>

#include "api/http/sliced.h"

#define DRAIN_MAX  USEC_PER_SEC
#define DRAIN_STEP 10 /* ms */

/* Who waits is told so; 503 is what clients try again on. */
static void drain_refuse_waiting(HttpServer *server)
{
        server->application->stop(server->api);
        requests_go_on(server);
        slices_go_on(server);
        while (server->suspended) {
                Request *request = server->suspended;

                request_cancel(request);
                request_problem(request, 503, "relmand is stopping");
                request_resume(request);
        }
}

static void accept_no_more(HttpServer *server)
{
        for (Listener *listener = server->listeners; listener; listener = listener->next) {
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
static bool drain_turn(HttpServer *server)
{
        bool is_busy = false;

        for (Listener *listener = server->listeners; listener; listener = listener->next) {
                struct pollfd ready = { .fd = epoll_of(listener), .events = POLLIN };

                (void)MHD_run(listener->daemon);
                drain_refuse_waiting(server);
                if (!connections_busy(listener))
                        continue;
                is_busy = true;
                (void)poll(&ready, 1, DRAIN_STEP);
        }
        return is_busy;
}

void http_server_drain(HttpServer *server)
{
        usec_t until = time_monotonic() + DRAIN_MAX;

        server->is_stopping = true;
        accept_no_more(server);
        drain_refuse_waiting(server);
        while (drain_turn(server) && time_monotonic() < until)
                ;
}
