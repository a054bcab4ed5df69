#pragma once

/* A work queue of keys. A key is a kind and an id: "environment 4711". Whoever changes something
 * adds the keys of what must be decided again; the queue calls the handler of the kind, once,
 * however often the key was added meanwhile. A key may have a time before which it is not due; the
 * earliest counts. All keys share one heap and one timer.
 *
 * The work is fair: a turn takes QUEUE_SLICE at most (one handler is never interrupted), then the
 * event loop goes on, and the rest follows. Keys are handled in the order in which they became due.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/error.h"
#include "base/time.h"

#define QUEUE_SLICE (10 * USEC_PER_MSEC)

/* What a handler returns: a monotonic time when the key is due again, or one of these. Failures in
 * a row end with the first that is not QUEUE_FAILED. */
#define QUEUE_DONE USEC_INFINITY /* not until somebody adds it */
#define QUEUE_FAILED                                                                               \
        (USEC_INFINITY - 1) /* after a pause that doubles with each failure in a row               \
                             */

/* What handles the keys of one kind. It may add and remove any keys, its own too. */
typedef struct QueueKind {
        const char *name; /* for log messages */
        usec_t (*reconcile)(void *userdata, const char *id, usec_t now);
        usec_t retry_min, retry_max; /* of the pause after QUEUE_FAILED */
} QueueKind;

typedef struct QueueOptions {
        const QueueKind *kinds; /* const table */
        unsigned n_kinds;
        void (*turned)(void *userdata); /* called after each turn; may be NULL */
        void *userdata;                 /* of handlers, too */
} QueueOptions;

typedef struct Queue Queue;

int queue_new(sd_event *event, const QueueOptions *options, Queue **ret, Error *err);
Queue *queue_free(Queue *queue);
DEFINE_FREEP(Queue, queue_free)

/* Makes the key due at a monotonic time (0: now), or earlier if it is already. cause is a static
 * text that says why, for log messages. A key that there is no memory for is logged and lost. */
void queue_add(Queue *queue, unsigned kind, const char *id, usec_t at, const char *cause);

/* As a handler that returns QUEUE_FAILED, for work that ends after its handler. */
void queue_add_failed(Queue *queue, unsigned kind, const char *id, const char *cause);

/* Takes the key out, and forgets its failures. No-op if it is not in. */
void queue_remove(Queue *queue, unsigned kind, const char *id);

/* When the key is due; USEC_INFINITY: it is not in. */
usec_t queue_at(const Queue *queue, unsigned kind, const char *id);

/* Asks for a turn, although nothing may be due. */
void queue_kick(Queue *queue);

/* True if a key is due at that time. */
bool queue_is_due(const Queue *queue, usec_t now);

/* How often a handler of the kind was called, since the start. */
uint64_t queue_n_runs(const Queue *queue, unsigned kind);

/* One turn, as the timer does it: at most until the monotonic time until. */
void queue_turn(Queue *queue, usec_t until);
