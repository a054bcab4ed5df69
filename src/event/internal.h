#pragma once

/* Shared declarations of the files of event. */

#include "base/arena.h"
#include "base/buffer.h"
#include "event/event.h"
#include "model/node.h"
#include "store/events.h"
#include "store/releases.h"

/* An event with parsed data, and for a promotion or deployment the changed components. */
typedef struct ParsedEvent {
        const Event *event;
        const Node *data;
        const Release *to, *from; /* NULL: the event is not about two releases */
} ParsedEvent;

/* The releases of a batch of events, read at once. */
typedef struct EventReleases {
        Releases releases;
        bool is_read; /* false: reading them at once failed, so each is read alone */
} EventReleases;

/* Never fails: an event whose releases cannot be read fails alone. */
void event_releases_read(Store *store, const Event *events, size_t n, Arena *arena,
                         EventReleases *ret);

int parsed_event_read(Store *store, const Event *event, const EventReleases *known, Arena *arena,
                      ParsedEvent *ret, Error *err);
const char *parsed_event_text(const ParsedEvent *parsed, const char *key); /* "" if there is none */

/* filter.c: returns 1 if the receiver selects it. */
int event_is_wanted(Store *store, const ReceiverSpec *spec, const ParsedEvent *parsed, Arena *arena,
                    Error *err);

/* cloudevent.c: writes an event as a JSON object of CloudEvents 1.0. */
void cloudevent_write(const ParsedEvent *parsed, Buffer *out);

/* message.c: writes one line of text. */
void message_write(const ParsedEvent *parsed, Buffer *out);
bool message_is_urgent(EventType type);

/* signature.c: headers of a request; lines are in the arena. */
typedef struct EventHeaders {
        const char *lines[8]; /* NULL-ended */
        size_t n;
} EventHeaders;
/* HMAC-SHA-256 with the secret over "TIMESTAMP.BODY", in hexadecimal. */
int event_sign(const char *secret, const Buffer *body, usec_t now, Arena *arena,
               EventHeaders *headers, Error *err);

/* --- receivers -------------------------------------------------------------------------------- */

typedef struct Receiver {
        EventPump *pump;
        const ReceiverSpec *spec; /* NULL: the journal */
        HttpPool *pool;
        HttpCall *call;
        int64_t position, stored_position;
        int64_t sent_to; /* the new position if the current request succeeds */
        int64_t sent[100];
        size_t n_sent;
        usec_t oldest_sent; /* wall: time of the first of these events */
        usec_t delivered_at, failing_since;
        char *problem;
        unsigned n_attempts;
        usec_t retry_at; /* monotonic */
        bool idle;       /* there was nothing left at the last check */
        uint64_t n_delivered, n_failed;
} Receiver;

struct EventPump {
        sd_event *event;
        Store *store;
        EventPumpOptions options;
        EventWatch watch;
        sd_event_source *work, *timer;
        Receiver *receivers; /* the last one is the journal, if enabled */
        size_t n_receivers;
        usec_t prune_at; /* monotonic */
};

/* receiver.c */
/* Requests a turn of the pump. */
void event_pump_kick(EventPump *pump);
int receiver_open(Receiver *receiver, HttpClient *http, Error *err);
void receiver_run(Receiver *receiver, usec_t now);
int receiver_store(Receiver *receiver, Changes *changes, Error *err);
void receiver_done(Receiver *receiver);
const char *receiver_name(const Receiver *receiver);
/* Removes a failure that no longer applies. */
void receiver_clear(Receiver *receiver);

/* send.c: sends a request with some events. */
int receiver_send(Receiver *receiver, const ParsedEvent *parsed, size_t n, Arena *arena,
                  HttpDone done, Error *err);

/* journal.c */
void journal_send(const ParsedEvent *parsed);
