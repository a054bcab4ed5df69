/* Shuts down the server: accepts no more connections, answers clients that wait for something with
 * 503, and completes requests that take only a moment. If systemd owns the socket, it keeps
 * connections that were not accepted, and the next daemon serves them. */

#include "api/http/drain.h"

#include <poll.h>
#include <unistd.h>

#include "api/http/sliced.h"

#define DRAIN_MAX  USEC_PER_SEC
#define DRAIN_STEP 10 /* ms */

/* Answers waiting clients with 503, so that they retry. An answer that is made in slices waits for
 * nothing but its turn, so it is completed, until the time is over. */
static void drain_refuse_waiting(HttpServer *server, bool is_late)
{
        Request *next;

        server->application->stop(server->api);
        requests_go_on(server);
        slices_go_on(server);
        for (Request *request = server->suspended; request; request = next) {
                next = request->next_suspended;
                if (!is_late && request_is_sliced(request))
                        continue;
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
                        (void)close(fd); /* MHD_quiesce_daemon() leaves closing it to the caller */
        }
}

static int epoll_of(const Listener *listener)
{
        return MHD_get_daemon_info(listener->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

/* Runs the daemon of each listener once. Returns true if a listener has answers left to send.
 * Ignores failures. */
static bool drain_turn(HttpServer *server, bool is_late)
{
        bool is_busy = false;

        for (Listener *listener = server->listeners; listener; listener = listener->next) {
                struct pollfd ready = { .fd = epoll_of(listener), .events = POLLIN };

                (void)MHD_run(listener->daemon);
                drain_refuse_waiting(server, is_late);
                if (!connections_busy(listener))
                        continue;
                is_busy = true;
                (void)poll(&ready, 1, server->slices ? 0 : DRAIN_STEP);
        }
        return is_busy;
}

void http_server_drain(HttpServer *server)
{
        usec_t until = time_monotonic() + DRAIN_MAX;

        server->is_stopping = true;
        accept_no_more(server);
        drain_refuse_waiting(server, false);
        while (drain_turn(server, false))
                if (time_monotonic() >= until) {
                        drain_refuse_waiting(server, true);
                        (void)drain_turn(server, true); /* sends the answers */
                        break;
                }
}
