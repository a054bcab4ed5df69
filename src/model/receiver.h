#pragma once

/* Receivers of events, and the position of their delivery. Only the daemon's configuration declares
 * receivers, because a receiver may select events of all tenants. */

#include "base/time.h"
#include "model/object.h"

typedef enum ReceiverFormat {
        RECEIVER_CLOUDEVENTS, /* CloudEvents 1.0, JSON, structured mode; batched mode with batch */
        RECEIVER_SLACK,       /* {"text": ...} */
        RECEIVER_NTFY,        /* plain text, with a title */
        RECEIVER_TEAMS,       /* an Adaptive Card */
        RECEIVER_JSON,        /* the template `body` */
        RECEIVER_MAIL,        /* mail by sendmail(1), to the addresses in `to` */
        RECEIVER_GITHUB_DEPLOYMENT, /* deployment records of GitHub's artifact metadata */
        RECEIVER_FORMAT_MAX_,
} ReceiverFormat;

/* The smallest version change that is delivered. */
typedef enum EventThreshold {
        THRESHOLD_DIGEST,
        THRESHOLD_PATCH,
        THRESHOLD_MINOR,
        THRESHOLD_MAJOR,
        EVENT_THRESHOLD_MAX_,
} EventThreshold;

typedef struct ReceiverSpec {
        Place place; /* must be first */
        const char *name;
        const char *url, *url_file, *url_credential; /* exactly one is set, except with
                                                        RECEIVER_MAIL */
        ReceiverFormat format;
        /* where the signature key is; NULL: no signature */
        const char *secret_file, *secret_credential;
        const char *token_file, *token_credential; /* where the token is; NULL: none */
        const char *token_scheme;                  /* the word before it, such as "Bearer" */
        const char *body;                          /* RECEIVER_JSON: see model/event-body.h */
        Strings to;                                /* RECEIVER_MAIL: addresses */
        const char *from;                          /* address; NULL: sendmail decides */
        Strings sendmail;                          /* the program and its first arguments */
        const char *ca_file;
        Strings types;        /* patterns such as "tag.moved" or "release.*"; empty: all */
        Pairs labels;         /* labels that the object must have */
        Strings environments; /* names; empty: all events, also those without an environment */
        const char *tenant;
        EventThreshold threshold;
        bool first_sync;
        usec_t batch; /* how long events are collected for one request; 0: each event is sent alone
                       */
        usec_t timeout;
        usec_t retry_interval; /* maximum pause between two attempts */
        usec_t give_up_after;
} ReceiverSpec;

typedef struct ReceiverSpecs {
        ReceiverSpec *items;
        size_t n;
} ReceiverSpecs;

/* The state of a receiver as stored. */
typedef struct ReceiverState {
        const char *name;
        int64_t position; /* sequence number: all events up to this one were delivered, filtered out
                             or given up */
        usec_t delivered_at;  /* wall; 0: nothing yet */
        usec_t failing_since; /* wall; 0: the last attempt succeeded */
        const char *problem;  /* problem of the last attempt; NULL: the attempt succeeded */
        int64_t n_dead;       /* number of events that were given up */
        int64_t n_pending;    /* number of events after position, including events that will be
                                 filtered out */
} ReceiverState;

/* The activity of a receiver since the daemon started. */
typedef struct ReceiverStatus {
        const ReceiverSpec *spec;
        ReceiverState state;
        uint64_t n_delivered, n_failed; /* number of requests */
        usec_t retry_in;                /* 0: no retry is scheduled */
} ReceiverStatus;

typedef struct DeadLetter {
        const char *receiver;
        int64_t sequence;
        const char *problem;
        usec_t at;
} DeadLetter;

extern const char *const receiver_format_names[];
extern const char *const event_threshold_names[];

/* True if a type matches a pattern: "tag.moved", "release.*", "*". */
bool event_type_matches(const char *type, const char *pattern);
/* Returns the type that is nearest to a misspelt one; NULL if none is near. */
const char *event_type_nearest(const char *word);
