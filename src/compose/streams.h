#pragma once

/* Streams: a new release whenever what they follow has changed and settled. */

#include "compose/drafts.h"

typedef struct StreamState {
        Composer *composer;
        Uuid id;                       /* the map's key; outlives models */
        const StreamSpec *spec;        /* of the current model */
        usec_t since;                  /* monotonic: its components are synced once after this */
        bool again;                    /* heads moved while its draft is resolved */
        bool waits_for_poll;           /* components were not polled yet, or by old rules */
        size_t n_polled;               /* the model's components up to this one were polled */
        bool has_made;                 /* a release of it is in the database */
        char pending[DIGEST_SIZE_MAX]; /* the set that waits to settle; "" none */
        usec_t pending_since;          /* monotonic: when sets began to differ */
        usec_t settle_at;              /* monotonic; USEC_INFINITY: nothing waits */
        usec_t retry_at;   /* monotonic: after a failure; USEC_INFINITY: there was none */
        char *reason;      /* last told */
        DraftState *draft; /* on its way */
} StreamState;

void streams_drop(Composer *composer);
/* It lacks something that a poll of a component of it may bring. */
bool stream_waits_for_poll(const StreamState *stream);
