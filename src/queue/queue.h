#pragma once

/* A work queue of keys. A key is a kind and an id, such as "environment 4711". Code that changes
 * something adds the keys of the objects that must be evaluated again. The queue calls the handler
 * of the kind once, even if the key was added several times. Each key has a due time; if a key is
 * added with several times, the earliest applies. All keys share one heap and one timer.
 *
 * The queue shares the event loop with other work. A turn starts no handler after QUEUE_SLICE.
 * Later turns handle the remaining keys. Keys are handled in the order in which they became due. */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

#include "base/error.h"
#include "base/time.h"

#define QUEUE_SLICE (10 * USEC_PER_MSEC)
/* time from the loss of a key until all keys of its kind are added */
#define QUEUE_LOST_WAIT USEC_PER_SEC

/* A handler returns the monotonic time when the key is due again, or one of these constants. Any
 * result but QUEUE_FAILED resets the count of failures in a row. */
#define QUEUE_DONE USEC_INFINITY /* the key is not due until it is added again */
/* the key is due after a pause that doubles with each failure in a row */
#define QUEUE_FAILED (USEC_INFINITY - 1)

/* A kind of key and its handler, reconcile(). The handler may add and remove any keys, also its
 * own. */
typedef struct QueueKind {
        const char *name; /* for log messages */
        usec_t (*reconcile)(void *userdata, const char *id, usec_t now);
        usec_t retry_min, retry_max; /* limits of the pause after QUEUE_FAILED */
        /* The handler waits for the disk. It never runs after a quick handler in the same turn, so
         * that the requests of that handler are sent before the wait. */
        bool is_slow;
} QueueKind;

typedef struct QueueOptions {
        const QueueKind *kinds; /* n_kinds kinds; borrowed */
        unsigned n_kinds;
        /* Adds the keys of all existing objects of a kind. Called QUEUE_LOST_WAIT after a key of
         * the kind was lost. */
        void (*add_all)(void *userdata, unsigned kind);
        void (*turned)(void *userdata); /* called after each turn; may be NULL */
        void *userdata;                 /* passed to handlers and to the functions above */
} QueueOptions;

typedef struct Queue Queue;

int queue_new(sd_event *event, const QueueOptions *options, Queue **ret, Error *err);
Queue *queue_free(Queue *queue);
DEFINE_FREEP(Queue, queue_free)

/* Makes the key due at a monotonic time (0: now), unless it is due earlier. cause is a static text
 * for log messages. If memory for the key runs out, calls queue_lost(). */
void queue_add(Queue *queue, unsigned kind, const char *id, usec_t at, const char *cause);

/* Records that a key of this kind could not be stored. After QUEUE_LOST_WAIT the queue adds all
 * keys of the kind. Allocates no memory. */
void queue_lost(Queue *queue, unsigned kind);

/* Makes the key due again as if its handler had returned QUEUE_FAILED. For work that fails after
 * the handler has returned. */
void queue_add_failed(Queue *queue, unsigned kind, const char *id, const char *cause);

/* Removes the key and its count of failures. No-op if the key is not in the queue. */
void queue_remove(Queue *queue, unsigned kind, const char *id);

/* Returns the time when the key is due; USEC_INFINITY if the key is not in the queue. */
usec_t queue_at(const Queue *queue, unsigned kind, const char *id);

/* Calls the handler of the key at once, if the key is due and not being handled. Use it if an
 * answer to a client must contain the result. */
void queue_handle_now(Queue *queue, unsigned kind, const char *id);

/* Requests a turn, even if no key is due. */
void queue_kick(Queue *queue);

/* True if a key is due at time now. Lost keys do not count, so that relmand --once also ends when
 * memory ran out. */
bool queue_is_due(const Queue *queue, usec_t now);

/* Returns how often a handler of the kind was called. */
uint64_t queue_n_runs(const Queue *queue, unsigned kind);

/* Runs one turn, as the timer does. Handles the first due key, then more due keys until the
 * monotonic time `until`. */
void queue_turn(Queue *queue, usec_t until);
