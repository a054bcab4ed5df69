#pragma once

/* Streams: make a release when the heads of their components have changed and settled. */

#include "compose/drafts.h"

typedef struct StreamState {
        Composer *composer;
        Uuid id;                /* the map's key; outlives models */
        const StreamSpec *spec; /* document in the current model */
        bool is_adopted;        /* the current document and its dependencies were adopted */
        bool again;             /* heads moved while the draft was being resolved */
        bool waits_for_poll;    /* a component was never polled, or not since its rules changed */
        size_t n_polled;        /* the components before this position in the model were polled */
        bool has_made;          /* the database has a release of the stream */
        char pending[DIGEST_SIZE_MAX]; /* digest of the set of digests that must settle; "": none */
        usec_t pending_since; /* monotonic: when the set first differed from that of the newest
                                 release */
        usec_t changed_at;    /* monotonic: when the pending set was first seen */
        usec_t settle_at;     /* monotonic: end of the settle time; USEC_INFINITY: no set waits */
        /* monotonic time of the next attempt after a failure; USEC_INFINITY: nothing failed */
        usec_t retry_at;
        char *reason;      /* the message that was stored last */
        DraftState *draft; /* the draft of the release that is being made; NULL: none */
} StreamState;

void streams_drop(Composer *composer);
/* True if the stream must be evaluated after the next poll of one of its components. */
bool stream_waits_for_poll(const StreamState *stream);

/* Returns the id of the first component of the tenant that was not polled since its document
 * changed; NULL if all were polled. */
const char *stream_awaits(StreamState *stream);

/* stream-report.c: stores the condition Ready. Logs a failure. */
void stream_report(StreamState *stream, const char *reason, bool is_ready, const char *message);
/* Reports that the newest release of the stream has the heads of its components.
 * stream_put_current() and stream_note_current() report the same about a release that the stream
 * makes, in its transaction and after the commit. */
void stream_report_current(StreamState *stream, const Release *newest);
void stream_put_current(const StreamState *stream, const Release *made, Changes *changes);
void stream_note_current(StreamState *stream, const Release *made);

/* stream-retire.c: archives all releases but the `keep` newest ones. Skips releases that are
 * deployed or being promoted in an environment. */
void stream_retire_old(StreamState *stream);
