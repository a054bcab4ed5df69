#pragma once

/* A work queue of keys. A key is a kind and an id: "environment 4711". Code that changes something
 * adds the keys of the objects that must be decided again. The queue calls the handler of the kind
 * once, even if the key was added several times. A key may have a time before which it is not due;
 * the earliest counts. All keys share one heap and one timer.
 *
 * The work is fair: a turn takes at most QUEUE_SLICE (a handler is never interrupted), then the
 * event loop continues, and the rest follows. Keys are handled in the order in which they became
 * due. */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/error.h"
#include "base/time.h"

#define QUEUE_SLICE (10 * USEC_PER_MSEC)
#define QUEUE_LOST_WAIT                                                                            \
        USEC_PER_SEC /* after a key was lost, time until all keys of its kind are added */

/* Results of a handler: the monotonic time when the key is due again, or a constant. A series
 * of failures ends with the first result that is not a failure. */
#define QUEUE_DONE USEC_INFINITY /* not due until it is added again */
#define QUEUE_FAILED                                                                               \
        (USEC_INFINITY - 1) /* after a pause that doubles with each failure in a row               \
                             */

/* Handles one key. It may add and remove any keys, also its own. */
typedef struct QueueKind {
        const char *name; /* for log messages */
        usec_t (*reconcile)(void *userdata, const char *id, usec_t now);
        usec_t retry_min, retry_max; /* bounds of the pause after QUEUE_FAILED */
} QueueKind;

typedef struct QueueOptions {
        const QueueKind *kinds; /* const table */
        unsigned n_kinds;
        /* Adds the keys of all existing objects of a kind. Called some time after a key was
         * lost. */
        void (*add_all)(void *userdata, unsigned kind);
        void (*turned)(void *userdata); /* called after each turn; may be NULL */
        void *userdata;                 /* of handlers, too */
} QueueOptions;

typedef struct Queue Queue;

int queue_new(sd_event *event, const QueueOptions *options, Queue **ret, Error *err);
Queue *queue_free(Queue *queue);
DEFINE_FREEP(Queue, queue_free)

/* Makes the key due at a monotonic time (0: now), or earlier if it is due earlier. cause is a
 * static text for log messages. Without memory for the key it calls queue_lost(). */
void queue_add(Queue *queue, unsigned kind, const char *id, usec_t at, const char *cause);

/* Records that a key of this kind is due which could not be stored. Soon all keys of the kind are
 * added. Needs no memory. */
void queue_lost(Queue *queue, unsigned kind);

/* Same as a handler that returns QUEUE_FAILED, for work that ends after its handler. */
void queue_add_failed(Queue *queue, unsigned kind, const char *id, const char *cause);

/* Removes the key and its count of failures. No-op if it is not in the queue. */
void queue_remove(Queue *queue, unsigned kind, const char *id);

/* Returns when the key is due; USEC_INFINITY: it is not in the queue. */
usec_t queue_at(const Queue *queue, unsigned kind, const char *id);

/* Handles the key at once if it is due and not being handled. Used if an answer must show the
 * result. */
void queue_handle_now(Queue *queue, unsigned kind, const char *id);

/* Requests a turn, even if nothing is due. */
void queue_kick(Queue *queue);

/* True if a key is due at that time. Lost keys do not count, so that `relmand --once` ends even
 * without memory. */
bool queue_is_due(const Queue *queue, usec_t now);

/* Returns how often a handler of the kind was called. */
uint64_t queue_n_runs(const Queue *queue, unsigned kind);

/* Runs one turn, as the timer does: at most until the monotonic time until. */
void queue_turn(Queue *queue, usec_t until);
