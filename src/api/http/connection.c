/* Tracks the phase of each connection of a listener, so that slow clients, or too many, do not
 * block others. on_sweep() shuts down connections that are too slow. If too many connections are
 * open, make_room() closes one for each new connection. */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "api/http/linger.h"
#include "api/http/server.h"
#include "base/limits.h"

#define SWEEP_INTERVAL USEC_PER_SEC
#define HEAD_MAX       (5 * USEC_PER_SEC)  /* for the first request's head */
#define BODY_MAX       (30 * USEC_PER_SEC) /* for the body of a request */
#define IDLE_MAX       (60 * USEC_PER_SEC) /* between two requests */
#define JUST_COME      (100 * USEC_PER_MSEC)
#define SLOW           USEC_PER_SEC
#define CROWDED        (API_CONNECTIONS_MAX / 4 * 3)

struct Connection {
        Connection *previous, *next; /* in the listener's list, sorted by `since` */
        Listener *listener;
        int fd;
        ConnectionPhase phase;
        usec_t since; /* monotonic: start of this phase */
        usec_t born;
        RawTarget target;
        bool is_unread;
};

static void take_out(Connection *connection)
{
        Listener *listener = connection->listener;

        *(connection->previous ? &connection->previous->next : &listener->connections) =
                connection->next;
        *(connection->next ? &connection->next->previous : &listener->last_connection) =
                connection->previous;
}

static void put_last(Connection *connection)
{
        Listener *listener = connection->listener;

        connection->previous = listener->last_connection;
        connection->next = NULL;
        *(listener->last_connection ? &listener->last_connection->next : &listener->connections) =
                connection;
        listener->last_connection = connection;
}

/* Shuts down the socket. libmicrohttpd then closes the connection. */
static void connection_end(Connection *connection)
{
        if (connection->phase == PHASE_ENDED)
                return;
        connection->phase = PHASE_ENDED;
        (void)shutdown(connection->fd, SHUT_RDWR); /* ignored: the peer may have closed it */
        listener_kick(connection->listener);
}

/* Returns the connection that has been in a phase for the longest time, if the phase began at
 * `before` or earlier. */
static Connection *longest_in(const Listener *listener, ConnectionPhase phase, usec_t before)
{
        for (Connection *connection = listener->connections; connection;
             connection = connection->next)
                if (connection->phase == phase && connection->since <= before)
                        return connection;
        return NULL;
}

/* Returns the oldest connection in a phase, except the newest connection. */
static Connection *oldest_in(const Listener *listener, ConnectionPhase phase,
                             const Connection *newest)
{
        Connection *oldest = NULL;

        for (Connection *connection = listener->connections; connection;
             connection = connection->next)
                if (connection->phase == phase && connection != newest &&
                    (!oldest || connection->born < oldest->born))
                        oldest = connection;
        return oldest;
}

/* Closes one connection to make room for the newest. First choices are connections with an
 * incomplete head, idle ones, and slow ones. New or fast connections are the last choice. */
static void make_room(const Listener *listener, const Connection *newest)
{
        static const struct {
                ConnectionPhase phase;
                usec_t least; /* minimum time in the phase; 0: none, take the oldest connection */
        } order[] = { { PHASE_HEAD, JUST_COME }, { PHASE_IDLE, SLOW }, { PHASE_BODY, SLOW },
                      { PHASE_SEND, SLOW },      { PHASE_BODY, 0 },    { PHASE_SEND, 0 },
                      { PHASE_HEAD, 0 },         { PHASE_IDLE, 0 } };

        for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
                Connection *connection = order[i].least > 0
                                                 ? longest_in(listener, order[i].phase,
                                                              newest->since - order[i].least)
                                                 : oldest_in(listener, order[i].phase, newest);

                if (!connection)
                        continue;
                connection_end(connection);
                return;
        }
}

/* True if the client has closed its sending side after an incomplete request. libmicrohttpd does
 * not notice this if it arrives together with the last bytes: epoll reports both at once, and the
 * library stops after a short read. */
static bool is_given_up(const Connection *connection)
{
        struct pollfd client = { .fd = connection->fd, .events = POLLRDHUP };
        int n_unread = 0;

        return (connection->phase == PHASE_HEAD || connection->phase == PHASE_BODY) &&
               poll(&client, 1, 0) > 0 && ioctl(connection->fd, FIONREAD, &n_unread) >= 0 &&
               n_unread == 0;
}

static int on_sweep(sd_event_source *source, usec_t usec, void *userdata)
{
        static const usec_t most[PHASE_MAX_] = {
                [PHASE_HEAD] = HEAD_MAX, [PHASE_BODY] = BODY_MAX, [PHASE_IDLE] = IDLE_MAX
        };
        Listener *listener = userdata;
        usec_t now = time_monotonic();

        (void)usec;
        for (Connection *connection = listener->connections; connection;
             connection = connection->next)
                if ((most[connection->phase] > 0 &&
                     now - connection->since > most[connection->phase]) ||
                    is_given_up(connection))
                        connection_end(connection);
        if (!listener->connections || sd_event_source_set_time_relative(source, SWEEP_INTERVAL) < 0)
                return 0; /* the next connection sets the timer again */
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

bool connections_busy(const Listener *listener)
{
        usec_t now = time_monotonic();

        for (const Connection *connection = listener->connections; connection;
             connection = connection->next)
                switch (connection->phase) {
                case PHASE_HEAD:
                        if (now - connection->since < JUST_COME)
                                return true;
                        break;
                case PHASE_BODY:
                case PHASE_ANSWER:
                case PHASE_SEND: return true;
                case PHASE_IDLE:
                case PHASE_ENDED:
                case PHASE_MAX_: break;
                }
        return false;
}

static Connection *connection_of(struct MHD_Connection *of)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(of, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

        return info ? info->socket_context : NULL;
}

RawTarget *connection_target(struct MHD_Connection *of)
{
        Connection *connection = connection_of(of);

        return connection ? &connection->target : NULL;
}

void connection_is_unread(struct MHD_Connection *of)
{
        Connection *connection = connection_of(of);

        if (connection)
                connection->is_unread = true;
}

void connection_phase(struct MHD_Connection *of, ConnectionPhase phase)
{
        Connection *connection = connection_of(of);

        if (!connection || connection->phase == PHASE_ENDED)
                return;
        connection->phase = phase;
        connection->since = time_monotonic();
        take_out(connection);
        put_last(connection);
}

/* Polls the socket, because libmicrohttpd does not watch the socket of a suspended connection. */
bool connection_is_open(struct MHD_Connection *of)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(of, MHD_CONNECTION_INFO_CONNECTION_FD);
        struct pollfd client = { .fd = info ? info->connect_fd : -1, .events = POLLRDHUP };

        return poll(&client, 1, 0) <= 0; /* poll() ignores a negative descriptor */
}

static void connection_begin(Listener *listener, struct MHD_Connection *of, void **context)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(of, MHD_CONNECTION_INFO_CONNECTION_FD);
        Connection *connection = calloc(1, sizeof(*connection));

        *context = connection;
        if (!connection || !info) {
                free(connection);
                *context = NULL; /* the connection is not tracked; its requests are refused */
                return;
        }
        *connection = (Connection){ .listener = listener,
                                    .fd = info->connect_fd,
                                    .since = time_monotonic() };
        connection->born = connection->since;
        put_last(connection);
        if (++listener->n_connections >= CROWDED)
                make_room(listener, connection);
        if (listener->n_connections == 1 &&
            sd_event_source_set_time_relative(listener->sweep, SWEEP_INTERVAL) >= 0)
                (void)sd_event_source_set_enabled(listener->sweep, SD_EVENT_ONESHOT);
}

void connection_notify(void *userdata, struct MHD_Connection *of, void **context,
                       enum MHD_ConnectionNotificationCode code)
{
        Listener *listener = userdata;
        Connection *connection = *context;

        if (code == MHD_CONNECTION_NOTIFY_STARTED) {
                connection_begin(listener, of, context);
                return;
        }
        if (!connection)
                return;
        if (connection->is_unread && connection->phase != PHASE_ENDED)
                linger_begin(listener->server, connection->fd);
        take_out(connection);
        listener->n_connections--;
        free(connection);
        *context = NULL;
}

int connections_init(Listener *listener)
{
        int r;

        r = sd_event_add_time_relative(listener->server->event, &listener->sweep, CLOCK_MONOTONIC,
                                       SWEEP_INTERVAL, 100 * USEC_PER_MSEC, on_sweep, listener);
        return r < 0 ? r : sd_event_source_set_enabled(listener->sweep, SD_EVENT_OFF);
}
