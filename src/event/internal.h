#pragma once

/* Declarations that the files of this folder share. */

#include "base/arena.h"
#include "base/buffer.h"
#include "event/event.h"
#include "model/document-node.h"
#include "program/program-run.h"
#include "store/events.h"
#include "store/releases.h"

/* An event with its parsed data, and with the releases that it is about. */
typedef struct ParsedEvent {
        const Event *event;
        const Node *data;
        const Release *to, *from; /* release of the event, and the previous release; NULL: none */
} ParsedEvent;

/* The releases of a batch of events, read with one query. */
typedef struct EventReleases {
        Releases releases;
        bool is_read; /* false: the query failed, so each release is read separately */
} EventReleases;

/* Reads the releases of events. If this fails, parsed_event_read() reads the releases of
 * each event and reports the error. */
void event_releases_read(Store *store, const Event *events, size_t n, Arena *arena,
                         EventReleases *ret);

int parsed_event_read(Store *store, const Event *event, const EventReleases *known, Arena *arena,
                      ParsedEvent *ret, Error *err);
/* Returns a text of the event's data; "" if there is no such text. */
const char *parsed_event_text(const ParsedEvent *parsed, const char *key);

/* filter.c: returns 1 if a receiver selects an event, 0 if not, or a negative errno. */
int event_is_wanted(Store *store, const ReceiverSpec *spec, const ParsedEvent *parsed, Arena *arena,
                    Error *err);

/* Returns the component of a release; NULL: it has none with this id, or release is NULL. */
const ReleaseComponent *parsed_event_component(const Release *release, const char *id);

/* cloudevent.c: writes an event as a JSON object of CloudEvents 1.0. */
void cloudevent_write(const ParsedEvent *parsed, Buffer *out);

/* Writes the `data` of that object. */
void cloudevent_write_data(const ParsedEvent *parsed, Buffer *out);

/* message.c: writes an event as one line of text. */
void message_write(const ParsedEvent *parsed, Buffer *out);
/* Returns "error", "warning" or "info". */
const char *message_severity(EventType type);
bool message_is_urgent(EventType type); /* true if that is not "info" */

/* The events of one request. */
typedef struct EventList {
        const ParsedEvent *items; /* at least one */
        size_t n;
} EventList;
/* Cuts a text of more than max bytes between two characters, and adds an ellipsis. */
void message_shorten(Buffer *text, size_t max);

/* message.c: writes one line for each event, without a line feed at the end. */
void message_write_lines(const EventList *events, Buffer *out);

/* chat.c: messages for Slack, ntfy and Teams. */
void chat_write_slack(const EventList *events, Buffer *out);
void chat_write_ntfy(const EventList *events, Buffer *out);
void chat_write_teams(const EventList *events, Buffer *out);

/* deployment-record.c: writes the release of an environment as deployment records of GitHub's
 * artifact metadata. url is that of the request. */
int deployment_records_write(const ParsedEvent *parsed, const char *url, Buffer *out, Error *err);

/* template.c: writes the body of a receiver with the format json. token NULL: none. */
int template_write(const ReceiverSpec *spec, const ParsedEvent *parsed, const char *token,
                   Buffer *out, Error *err);
/* True if the template has the token, so that no header has it. */
bool template_has_token(const ReceiverSpec *spec);

/* mail.c: writes a mail, with its headers. */
void mail_write(const ReceiverSpec *spec, const EventList *events, Buffer *out);

/* signature.c: headers of a request. The lines are allocated from the arena, or static. */
typedef struct EventHeaders {
        const char *lines[8]; /* ends with NULL */
        size_t n;
} EventHeaders;
/* Adds headers with a timestamp and a signature: the HMAC-SHA-256 of "TIMESTAMP.BODY" with the
 * secret, in hexadecimal. */
int event_sign(const char *secret, const Buffer *body, usec_t now, Arena *arena,
               EventHeaders *headers, Error *err);

/* --- receivers -------------------------------------------------------------------------------- */

typedef struct Receiver Receiver;

/* Called when a request or mail has ended. problem NULL: the receiver has the events. */
typedef void (*ReceiverDone)(Receiver *receiver, const Error *problem);

struct Receiver {
        EventPump *pump;
        const ReceiverSpec *spec; /* NULL: the journal */
        HttpPool *pool;
        HttpCall *call;
        ProgramRun *run; /* sendmail(1) */
        ReceiverDone done;
        int64_t position, stored_position;
        int64_t sent_to; /* position after the current request succeeds */
        int64_t sent[100];
        size_t n_sent;
        usec_t oldest_sent; /* wall: time of the first event in sent */
        usec_t delivered_at, failing_since;
        char *problem;
        unsigned n_attempts;
        usec_t retry_at; /* monotonic */
        bool idle;       /* no event was left at the last check */
        uint64_t n_delivered, n_failed;
};

struct EventPump {
        sd_event *event;
        Store *store;
        EventPumpOptions options;
        Programs programs; /* running mails */
        EventWatch watch;
        sd_event_source *work, *timer;
        Receiver *receivers; /* the last one is the journal, if it gets events */
        size_t n_receivers;
        usec_t prune_at; /* monotonic */
};

/* receiver.c */
/* Makes the pump run in the next turn of the event loop. */
void event_pump_kick(EventPump *pump);
int receiver_open(Receiver *receiver, HttpClient *http, Error *err);
void receiver_run(Receiver *receiver, usec_t now);
int receiver_store(Receiver *receiver, Changes *changes, Error *err);
void receiver_done(Receiver *receiver);
const char *receiver_name(const Receiver *receiver);
/* Clears the failure of a receiver, so that the next request is sent at once. */
void receiver_clear(Receiver *receiver);

/* send.c: sends events in one request or mail, and calls done at its end. */
int receiver_send(Receiver *receiver, const EventList *events, Arena *arena, ReceiverDone done,
                  Error *err);
bool receiver_is_sending(const Receiver *receiver);
void receiver_cancel(Receiver *receiver);

/* journal.c */
void journal_send(const ParsedEvent *parsed);
