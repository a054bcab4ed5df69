#pragma once

/* Tracks the connections of a listener. connection.c closes slow and excess ones. libmicrohttpd
 * calls connection_notify() at the start and end of each connection. */

#include <microhttpd.h>
#include <stdbool.h>

#include "api/http/framing.h"

struct Listener;

/* The phase of a connection. */
typedef enum ConnectionPhase {
        PHASE_HEAD, /* the head of the first request is incomplete */
        PHASE_BODY,
        PHASE_ANSWER, /* the answer is being made; an event stream stays in this phase */
        PHASE_SEND,
        PHASE_IDLE, /* between requests */
        PHASE_ENDED,
        PHASE_MAX_,
} ConnectionPhase;
typedef struct Connection Connection;

int connections_init(struct Listener *listener);
/* True if a connection has an unanswered request, or is new. */
bool connections_busy(const struct Listener *listener);
/* Returns the target of the current request; NULL if memory ran out. */
RawTarget *connection_target(struct MHD_Connection *of);
/* False if the client has closed the connection, or its sending side. */
bool connection_is_open(struct MHD_Connection *of);
/* Marks the connection of a client that may still send. After closing it, the server reads and
 * drops further bytes (linger.h). */
void connection_is_unread(struct MHD_Connection *of);
void connection_phase(struct MHD_Connection *of, ConnectionPhase phase);
void connection_notify(void *userdata, struct MHD_Connection *of, void **context,
                       enum MHD_ConnectionNotificationCode code);
