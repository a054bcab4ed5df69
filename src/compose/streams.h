#pragma once

/* Streams: make a release when the heads of their components have changed and settled. */

#include "compose/drafts.h"

typedef struct StreamState {
        Composer *composer;
        Uuid id;                /* the map's key; outlives models */
        const StreamSpec *spec; /* document in the current model */
        bool is_adopted;        /* its document was adopted, with everything that it depends on */
        bool again;             /* heads moved while its draft is being resolved */
        bool waits_for_poll;    /* a component was not polled yet, or only with earlier rules */
        size_t n_polled;        /* the components before this position in the model were polled */
        bool has_made;          /* the database has a release of it */
        char pending[DIGEST_SIZE_MAX]; /* digest of the set of digests that has to settle; "": none
                                        */
        usec_t pending_since;          /* monotonic: when sets began to differ */
        usec_t changed_at;             /* monotonic: when the pending set was first seen */
        usec_t settle_at;              /* monotonic; USEC_INFINITY: no set waits */
        /* monotonic time of the next attempt after a failure; USEC_INFINITY: nothing failed */
        usec_t retry_at;
        char *reason;      /* last reported */
        DraftState *draft; /* the release that is being made; NULL: none */
} StreamState;

void streams_drop(Composer *composer);
/* True if a poll of one of its components may complete it. */
bool stream_waits_for_poll(const StreamState *stream);

/* Returns the id of the first component of the tenant that was never polled with its present
 * document; NULL: all were. */
const char *stream_awaits(StreamState *stream);
/* Makes the spec of the release that a stream would make: its components with their channels.
 * -ENOMEM. */
int stream_follow(const StreamSpec *stream, Arena *arena, ReleaseSpec *ret);

/* stream-report.c: stores the condition Ready. Logs a failure. */
void stream_report(StreamState *stream, const char *reason, bool is_ready, const char *message);
/* Reports that the stream's newest release has the heads of its components. The other two do so for
 * a release that the stream makes: in its transaction, and after the commit. */
void stream_report_current(StreamState *stream, const Release *newest);
void stream_put_current(const StreamState *stream, const Release *made, Changes *changes);
void stream_note_current(StreamState *stream, const Release *made);

/* stream-retire.c: archives releases beyond keep, unless an environment has or is getting them.
 */
void stream_retire_old(StreamState *stream);
