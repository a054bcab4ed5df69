#pragma once

/* The connections of a listener, and what each is at: who is too slow, or one too many, is ended
 * (connection.c). A connection is known from its beginning to its end by the server's own
 * notification. */

#include <microhttpd.h>
#include <stdbool.h>

#include "api/http/framing.h"

struct Listener;

/* What a connection is at. */
typedef enum ConnectionPhase {
        PHASE_HEAD, /* its first request's line and headers are not there yet */
        PHASE_BODY,
        PHASE_ANSWER, /* being made, or a stream */
        PHASE_SEND,
        PHASE_IDLE, /* between requests */
        PHASE_ENDED,
        PHASE_MAX_,
} ConnectionPhase;
typedef struct Connection Connection;

int connections_init(struct Listener *listener);
/* True if one has been asked something that it has not answered, or has only just come. */
bool connections_busy(const struct Listener *listener);
/* The target of the request that is being read; NULL if memory ran out. */
RawTarget *connection_target(struct MHD_Connection *of);
/* False if the client has closed its end, or sends no more. */
bool connection_is_open(struct MHD_Connection *of);
/* Its client may still be sending: what comes is dropped once the connection is closed. */
void connection_is_unread(struct MHD_Connection *of);
void connection_phase(struct MHD_Connection *of, ConnectionPhase phase);
void connection_notify(void *userdata, struct MHD_Connection *of, void **context,
                       enum MHD_ConnectionNotificationCode code);
