/* Decides which events a receiver gets next, and handles the result of each request.
 *
 *   read --nothing selected--> idle --an event was added--> read
 *     `--selected--> (gather) --> send --2xx--> position moves, stored --> read
 *                                  `--else--> wait, longer each time --> send the same again
 *                                               `--for too long--> dead letters, position moves */

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "event/internal.h"
#include "store/fault.h"

#define READ_MAX       200 /* events read at once */
#define BATCH_MAX      100
#define READ_ARENA_MAX ((size_t)256 * 1024 * 1024)
#define STORE_SKIPPED  1000 /* skipped events after which the position is stored */
#define RETRY_FIRST    USEC_PER_SEC
#define RETRY_DEAD     (100 * USEC_PER_MSEC)
#define JOURNAL_NAME   "journal"

void event_pump_kick(EventPump *pump)
{
        /* cannot fail: the source exists */
        (void)sd_event_source_set_enabled(pump->work, SD_EVENT_ONESHOT);
}

const char *receiver_name(const Receiver *receiver)
{
        return receiver->spec ? receiver->spec->name : JOURNAL_NAME;
}

void receiver_done(Receiver *receiver)
{
        receiver_cancel(receiver);
        receiver->pool = http_pool_free(receiver->pool);
        free(receiver->problem);
        receiver->problem = NULL;
}

/* Stores the position and the failure of a receiver, in one transaction with changes (NULL: none).
 */
int receiver_store(Receiver *receiver, Changes *changes, Error *err)
{
        _cleanup_(changes_done) Changes own;
        int r;

        changes_init(&own);
        changes = changes ? changes : &own;
        changes_put_receiver(changes, &(ReceiverState){ .name = receiver_name(receiver),
                                                        .position = receiver->position,
                                                        .delivered_at = receiver->delivered_at,
                                                        .failing_since = receiver->failing_since,
                                                        .problem = receiver->problem });
        r = store_apply(receiver->pump->store, changes, err);
        if (r >= 0)
                receiver->stored_position = receiver->position;
        return r;
}

void receiver_clear(Receiver *receiver)
{
        receiver->failing_since = 0;
        receiver->n_attempts = 0;
        receiver->retry_at = 0;
        free(receiver->problem);
        receiver->problem = NULL;
}

/* Opens a receiver at its stored position. A new receiver, which has none, gets only new events. */
int receiver_open(Receiver *receiver, HttpClient *http, Error *err)
{
        const ReceiverSpec *spec = receiver->spec;
        _cleanup_(arena_done) Arena arena;
        ReceiverState state;
        int r;

        arena_init(&arena, READ_ARENA_MAX);
        if (spec && spec->format != RECEIVER_MAIL) {
                _cleanup_(freep) char *name = NULL;

                name = text_printf("webhook '%s'", spec->name);
                if (!name)
                        return error_oom(err);
                r = http_pool_new(http,
                                  &(HttpPoolOptions){ .name = name,
                                                      .concurrency = 1,
                                                      .timeout = spec->timeout,
                                                      .allow_plain = true,
                                                      .hide_path = true,
                                                      .ca_file = spec->ca_file,
                                                      .ca_option = "caFile of the webhook",
                                                      .max_tries = 1 },
                                  &receiver->pool, err);
                if (r < 0)
                        return r;
        }
        r = store_receiver(receiver->pump->store, receiver_name(receiver), &arena, &state, err);
        if (r == 0) {
                r = store_last_event(receiver->pump->store, &receiver->position, err);
                return r < 0 ? r : receiver_store(receiver, NULL, err);
        }
        if (r < 0)
                return r;
        receiver->position = receiver->stored_position = state.position;
        receiver->delivered_at = state.delivered_at;
        receiver->failing_since = state.failing_since;
        receiver->problem = state.problem ? strdup(state.problem) : NULL;
        return 0;
}

/* --- the result of a request ----------------------------------------------------------------- */

static void log_store(const Receiver *receiver, Error *error)
{
        log_error("webhook '%s': its position could not be stored, so it may get events twice: %s",
                  receiver_name(receiver), error_message(error));
}

static void succeed(Receiver *receiver)
{
        _cleanup_(error_done) Error error = { 0 };

        if (receiver->failing_since > 0)
                log_notice("webhook '%s' takes events again", receiver->spec->name);
        receiver_clear(receiver);
        receiver->n_delivered++;
        receiver->delivered_at = time_wall();
        receiver->position = receiver->sent_to;
        if (receiver_store(receiver, NULL, &error) < 0)
                log_store(receiver, &error);
}

static bool is_too_old(const Receiver *receiver, usec_t now)
{
        usec_t limit = receiver->spec->give_up_after;

        return now - MIN(now, receiver->failing_since) >= limit &&
               now - MIN(now, receiver->oldest_sent) >= limit;
}

static void give_up(Receiver *receiver, usec_t now)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error error = { 0 };

        changes_init(&changes);
        receiver->position = receiver->sent_to;
        for (size_t i = 0; i < receiver->n_sent; i++)
                changes_add_dead_letter(&changes, &(DeadLetter){ .receiver = receiver->spec->name,
                                                                 .sequence = receiver->sent[i],
                                                                 .problem = receiver->problem,
                                                                 .at = now });
        log_error("webhook '%s': gave up %zu event%s up to %lld: %s", receiver->spec->name,
                  receiver->n_sent, text_plural(receiver->n_sent), (long long)receiver->sent_to,
                  receiver->problem);
        if (receiver_store(receiver, &changes, &error) < 0)
                log_store(receiver, &error);
}

static void fail(Receiver *receiver, const Error *problem)
{
        usec_t now = time_wall(), wait = RETRY_FIRST << MIN(receiver->n_attempts, 12U);
        bool is_new = receiver->failing_since == 0;
        _cleanup_(error_done) Error error = { 0 };

        receiver->n_failed++;
        receiver->n_attempts++;
        free(receiver->problem);
        receiver->problem = strdup(error_message(problem));
        if (is_new) {
                receiver->failing_since = now;
                log_warning("webhook '%s' does not take events, it is tried again: %s",
                            receiver->spec->name, error_message(problem));
        }
        wait = MIN(wait, receiver->spec->retry_interval);
        if (receiver->problem && is_too_old(receiver, now)) {
                give_up(receiver, now);
                wait = RETRY_DEAD;
        } else if (is_new && receiver_store(receiver, NULL, &error) < 0)
                log_store(receiver, &error);
        receiver->retry_at = time_monotonic() + wait;
}

static void on_sent(Receiver *receiver, const Error *problem)
{
        if (problem)
                fail(receiver, problem);
        else
                succeed(receiver);
        event_pump_kick(receiver->pump);
}

/* --- the next delivery ------------------------------------------------------------------------ */

typedef struct EventBatch {
        Events events;
        ParsedEvent parsed[BATCH_MAX];
        size_t n_parsed, n_seen;
        size_t max; /* maximum number of events in one request */
} EventBatch;

static size_t batch_of(const Receiver *receiver)
{
        return receiver->spec && receiver->spec->batch == 0 ? 1 : BATCH_MAX;
}

/* Finds the next events to send. Logs and skips an event that cannot be read. If the failure may be
 * temporary, returns it instead, and the caller tries again later. */
static int find_events(Receiver *receiver, Arena *arena, EventBatch *ret, Error *err)
{
        Store *store = receiver->pump->store;
        EventReleases known = { 0 };
        size_t n_read = 0;
        int r;

        *ret = (EventBatch){ .max = batch_of(receiver) };
        r = store_events(store, receiver->position, READ_MAX, arena, &ret->events, err);
        for (; r >= 0 && ret->n_seen < ret->events.n && ret->n_parsed < ret->max; ret->n_seen++) {
                const Event *event = &ret->events.items[ret->n_seen];
                ParsedEvent *parsed = &ret->parsed[ret->n_parsed];

                if (ret->n_seen == n_read) { /* only for events that may fit in the request */
                        n_read = MIN(ret->events.n, n_read + ret->max - ret->n_parsed);
                        event_releases_read(store, event, n_read - ret->n_seen, arena, &known);
                }
                r = parsed_event_read(store, event, &known, arena, parsed, err);
                if (r >= 0)
                        r = receiver->spec
                                    ? event_is_wanted(store, receiver->spec, parsed, arena, err)
                                    : !parsed_event_text(parsed, "firstSync")[0];
                if (r < 0 && !store_fault_may_pass(err)) {
                        log_error("%s: event %lld is skipped: %s", receiver_name(receiver),
                                  (long long)event->sequence, error_message(err));
                        error_done(err);
                        r = 0;
                        continue;
                }
                ret->n_parsed += r > 0;
        }
        return MIN(r, 0);
}

/* True if the batch waits for more events. If so, sets retry_at to the time when the batch is sent.
 */
static bool is_gathering(Receiver *receiver, const EventBatch *batch, usec_t now)
{
        usec_t first = batch->parsed[0].event->at, wall = time_wall(), end;

        if (!receiver->spec || batch->n_parsed == batch->max)
                return false;
        end = first + receiver->spec->batch;
        if (end <= wall)
                return false;
        receiver->retry_at = now + MIN(end - wall, receiver->spec->batch);
        return true;
}

/* Moves the position past events that the receiver does not select. To save transactions, stores
 * the position only after STORE_SKIPPED events. */
static void skip(Receiver *receiver, const EventBatch *batch)
{
        _cleanup_(error_done) Error error = { 0 };

        if (batch->n_seen > 0)
                receiver->position = batch->events.items[batch->n_seen - 1].sequence;
        receiver->idle = batch->events.n < READ_MAX;
        if (receiver->position - receiver->stored_position >= STORE_SKIPPED &&
            receiver_store(receiver, NULL, &error) < 0)
                log_store(receiver, &error);
}

static void write_journal(Receiver *receiver, const EventBatch *batch)
{
        _cleanup_(error_done) Error error = { 0 };

        for (size_t i = 0; i < batch->n_parsed; i++)
                journal_send(&batch->parsed[i]);
        receiver->position = batch->events.items[batch->n_seen - 1].sequence;
        receiver->delivered_at = time_wall();
        if (receiver_store(receiver, NULL, &error) < 0)
                log_store(receiver, &error);
}

static int send_events(Receiver *receiver, const EventBatch *batch, Arena *arena, Error *err)
{
        receiver->sent_to = batch->events.items[batch->n_seen - 1].sequence;
        receiver->oldest_sent = batch->parsed[0].event->at;
        receiver->n_sent = batch->n_parsed;
        for (size_t i = 0; i < batch->n_parsed; i++)
                receiver->sent[i] = batch->parsed[i].event->sequence;
        return receiver_send(receiver, &(EventList){ .items = batch->parsed, .n = batch->n_parsed },
                             arena, on_sent, err);
}

void receiver_run(Receiver *receiver, usec_t now)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena = { 0 };
        EventBatch batch;

        if (receiver_is_sending(receiver) || receiver->idle || receiver->retry_at > now)
                return;
        arena_init(&arena, READ_ARENA_MAX);
        if (find_events(receiver, &arena, &batch, &error) < 0) {
                log_error("webhook '%s': %s", receiver_name(receiver), error_message(&error));
                receiver->retry_at = now + RETRY_FIRST;
                return;
        }
        if (batch.n_parsed == 0)
                skip(receiver, &batch);
        else if (!receiver->spec)
                write_journal(receiver, &batch);
        else if (!is_gathering(receiver, &batch, now) &&
                 send_events(receiver, &batch, &arena, &error) < 0)
                fail(receiver, &error);
}
