#include "queue/queue.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "queue/due-heap.h"

#define QUEUE_ACCURACY    USEC_PER_MSEC /* accuracy of the timer */
#define QUEUE_DOUBLES_MAX 20U           /* maximum doublings of the pause */

/* A key that is in the queue or is being handled. */
typedef struct QueueItem {
        DueItem due;
        unsigned kind;
        unsigned n_failures; /* failures in a row */
        bool is_running;     /* its handler is running */
        bool is_removed;     /* the key was removed while its handler was running */
        const char *cause;
        char id[];
} QueueItem;

struct Queue {
        sd_event *event;
        QueueOptions options;
        Map *items; /* one map for each kind: id -> QueueItem */
        uint64_t *n_runs;
        /* for each kind: when to add all its keys, because a key was lost; USEC_INFINITY: never */
        usec_t *lost_at;
        DueHeap heap;
        sd_event_source *timer;
        usec_t armed_at; /* time when the timer expires; USEC_INFINITY: not armed */
        bool is_turning;
        bool is_kicked; /* a turn was requested */
};

/* --- the timer -------------------------------------------------------------------------------- */

static void queue_arm_at(Queue *queue, usec_t at)
{
        int r;

        if (queue->armed_at == at)
                return;
        r = at == USEC_INFINITY ? sd_event_source_set_enabled(queue->timer, SD_EVENT_OFF)
                                : sd_event_source_set_time(queue->timer, at);
        if (r >= 0 && at < USEC_INFINITY)
                r = sd_event_source_set_enabled(queue->timer, SD_EVENT_ONESHOT);
        if (r >= 0)
                queue->armed_at = at;
        else if (sd_event_get_state(queue->event) != SD_EVENT_FINISHED)
                log_error("event loop: a turn cannot be asked for: %s", strerror(-r));
}

static void queue_arm(Queue *queue)
{
        const DueItem *first = due_heap_first(&queue->heap);
        usec_t at = first ? first->at : USEC_INFINITY;

        if (queue->is_turning) /* the end of the turn arms the timer */
                return;
        for (unsigned i = 0; i < queue->options.n_kinds; i++)
                at = MIN(at, queue->lost_at[i]);
        queue_arm_at(queue, queue->is_kicked ? 0 : at);
}

void queue_kick(Queue *queue)
{
        queue->is_kicked = true;
        queue_arm(queue);
}

/* --- keys ------------------------------------------------------------------------------------- */

static void queue_drop(Queue *queue, QueueItem *item)
{
        due_heap_remove(&queue->heap, &item->due);
        (void)map_remove(&queue->items[item->kind], item->id);
        free(item);
}

static QueueItem *queue_get(Queue *queue, unsigned kind, const char *id)
{
        QueueItem *item = map_get(&queue->items[kind], id);
        size_t size = strlen(id) + 1;

        if (item)
                return item;
        item = calloc(1, sizeof(*item) + size);
        if (!item)
                return NULL;
        item->kind = kind;
        memcpy(item->id, id, size);
        if (map_put(&queue->items[kind], item->id, item, NULL) < 0) {
                free(item);
                return NULL;
        }
        return item;
}

void queue_lost(Queue *queue, unsigned kind)
{
        queue->lost_at[kind] = MIN(queue->lost_at[kind], time_monotonic() + QUEUE_LOST_WAIT);
        queue_arm(queue);
}

void queue_add(Queue *queue, unsigned kind, const char *id, usec_t at, const char *cause)
{
        QueueItem *item = queue_get(queue, kind, id);
        int r = item ? 0 : -ENOMEM;

        /* so keys that are due now are handled in the order in which they were added */
        if (at == 0)
                at = time_monotonic();
        if (item && (item->due.index == 0 || at < item->due.at)) {
                r = due_heap_set(&queue->heap, &item->due, at);
                item->cause = cause;
                item->is_removed = false;
        }
        if (r < 0) {
                log_error("out of memory: %s '%s' is handled later (%s)",
                          queue->options.kinds[kind].name, id, cause);
                queue_lost(queue, kind);
        }
        queue_arm(queue);
}

void queue_add_failed(Queue *queue, unsigned kind, const char *id, const char *cause)
{
        const QueueKind *of = &queue->options.kinds[kind];
        QueueItem *item = queue_get(queue, kind, id);
        usec_t wait = of->retry_min << (item ? MIN(item->n_failures, QUEUE_DOUBLES_MAX) : 0);

        if (item)
                item->n_failures++;
        queue_add(queue, kind, id, time_monotonic() + MIN(wait, of->retry_max), cause);
}

void queue_remove(Queue *queue, unsigned kind, const char *id)
{
        QueueItem *item = map_get(&queue->items[kind], id);

        if (!item)
                return;
        due_heap_remove(&queue->heap, &item->due);
        item->n_failures = 0;
        item->is_removed = true;
        if (!item->is_running)
                queue_drop(queue, item);
        queue_arm(queue);
}

usec_t queue_at(const Queue *queue, unsigned kind, const char *id)
{
        const QueueItem *item = map_get(&queue->items[kind], id);

        return item && item->due.index > 0 ? item->due.at : USEC_INFINITY;
}

bool queue_is_due(const Queue *queue, usec_t now)
{
        const DueItem *first = due_heap_first(&queue->heap);

        return first && first->at <= now;
}

uint64_t queue_n_runs(const Queue *queue, unsigned kind)
{
        return queue->n_runs[kind];
}

/* --- turns ------------------------------------------------------------------------------------ */

static void queue_run(Queue *queue, QueueItem *item, usec_t now)
{
        const QueueKind *kind = &queue->options.kinds[item->kind];
        usec_t again;

        due_heap_remove(&queue->heap, &item->due);
        log_debug("%s %s: %s", kind->name, item->id, item->cause);
        queue->n_runs[item->kind]++;
        item->is_running = true;
        again = kind->reconcile(queue->options.userdata, item->id, now);
        item->is_running = false;
        if (again == QUEUE_FAILED && !item->is_removed)
                queue_add_failed(queue, item->kind, item->id, "tried again");
        else
                item->n_failures = 0;
        if (again < QUEUE_FAILED && !item->is_removed)
                queue_add(queue, item->kind, item->id, again, "it is due");
        if (item->due.index == 0)
                queue_drop(queue, item);
}

/* Adds all keys of each kind that lost a key at least QUEUE_LOST_WAIT ago. */
static void queue_find_lost(Queue *queue, usec_t now)
{
        for (unsigned i = 0; i < queue->options.n_kinds; i++) {
                if (queue->lost_at[i] > now)
                        continue;
                queue->lost_at[i] = USEC_INFINITY;
                queue->options.add_all(queue->options.userdata, i);
        }
}

void queue_handle_now(Queue *queue, unsigned kind, const char *id)
{
        QueueItem *item = map_get(&queue->items[kind], id);
        usec_t now = time_monotonic();

        if (!item || item->is_running || item->due.index == 0 || item->due.at > now)
                return;
        queue_run(queue, item, now);
        queue_arm(queue);
}

void queue_turn(Queue *queue, usec_t until)
{
        bool has_quick = false;
        usec_t now;

        queue->is_turning = true;
        queue->is_kicked = false;
        queue_find_lost(queue, time_monotonic());
        now = time_monotonic();
        do {
                /* due is the first member of QueueItem */
                QueueItem *first = (QueueItem *)due_heap_first(&queue->heap);
                bool is_slow = first && queue->options.kinds[first->kind].is_slow;

                if (!first || first->due.at > now || (is_slow && has_quick))
                        break;
                has_quick = !is_slow;
                queue_run(queue, first, now);
                now = time_monotonic();
        } while (now < until);
        if (queue->options.turned)
                queue->options.turned(queue->options.userdata);
        queue->is_turning = false;
        queue->armed_at = QUEUE_FAILED; /* never a due time: queue_arm() sets the timer again */
        queue_arm(queue);
}

static int on_queue_timer(sd_event_source *source, usec_t usec, void *userdata)
{
        (void)source, (void)usec;
        queue_turn(userdata, time_monotonic() + QUEUE_SLICE);
        return 0;
}

/* --- construction and destruction ------------------------------------------------------------- */

int queue_new(sd_event *event, const QueueOptions *options, Queue **ret, Error *err)
{
        _cleanup_(queue_freep) Queue *queue = calloc(1, sizeof(*queue));
        int r;

        if (!queue)
                return error_oom(err);
        queue->event = sd_event_ref(event);
        queue->options = *options;
        queue->armed_at = USEC_INFINITY;
        queue->items = calloc(options->n_kinds, sizeof(*queue->items));
        queue->n_runs = calloc(options->n_kinds, sizeof(*queue->n_runs));
        queue->lost_at = calloc(options->n_kinds, sizeof(*queue->lost_at));
        if (!queue->items || !queue->n_runs || !queue->lost_at)
                return error_oom(err);
        for (unsigned i = 0; i < options->n_kinds; i++)
                queue->lost_at[i] = USEC_INFINITY;
        r = sd_event_add_time(event, &queue->timer, CLOCK_BOOTTIME, 0, QUEUE_ACCURACY,
                              on_queue_timer, queue);
        if (r >= 0)
                r = sd_event_source_set_enabled(queue->timer, SD_EVENT_OFF);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        *ret = TAKE(queue);
        return 0;
}

Queue *queue_free(Queue *queue)
{
        if (!queue)
                return NULL;
        due_heap_done(&queue->heap);
        for (unsigned i = 0; queue->items && i < queue->options.n_kinds; i++) {
                map_foreach (&queue->items[i], entry)
                        free(entry->value);
                map_done(&queue->items[i]);
        }
        free(queue->items);
        free(queue->n_runs);
        free(queue->lost_at);
        sd_event_source_disable_unref(queue->timer);
        sd_event_unref(queue->event);
        free(queue);
        return NULL;
}
