#pragma once

/* Streams: a new release whenever what they follow has changed and settled. */

#include "compose/drafts.h"

typedef struct StreamState {
        Composer *composer;
        Uuid id;                /* the map's key; outlives models */
        const StreamSpec *spec; /* of the current model */
        usec_t since;           /* monotonic: its components are synced once after this */
        bool dirty;
        bool has_made;                 /* a release of it is in the database */
        char pending[DIGEST_SIZE_MAX]; /* the set that waits to settle; "" none */
        usec_t pending_since;          /* monotonic: when sets began to differ */
        usec_t settle_at;              /* monotonic; USEC_INFINITY: nothing waits */
        usec_t retry_at;   /* monotonic: after a failure; USEC_INFINITY: there was none */
        char *reason;      /* last told */
        DraftState *draft; /* on its way */
} StreamState;

void streams_drop(Composer *composer);
void streams_try_again(Composer *composer); /* what failed may be had now */
void streams_run(Composer *composer, usec_t now);
usec_t streams_next(const Composer *composer);
bool streams_are_idle(const Composer *composer);
