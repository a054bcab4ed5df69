/* Makes the component rows of the answer: one for each component of the environment's stream or,
 * without a stream, of its release. */

#include <errno.h>

#include "base/map.h"
#include "store/pages.h"
#include "why/steps.h"

#define ROWS_AT_ONCE 200
#define IDS_MAX      ((size_t)64 * 1024)

/* The facts about the components of one batch, by id. */
typedef struct RowFacts {
        Map first_channel;   /* id -> first ComponentChannel * of the component; rows of one
                                component are adjacent */
        Map first_condition; /* ObjectCondition * */
        ComponentChannels channels;
        ObjectConditions conditions;
} RowFacts;

static void row_facts_done(RowFacts *facts)
{
        map_done(&facts->first_channel);
        map_done(&facts->first_condition);
}

static size_t count_rows(const WhyWork *work)
{
        if (work->has_stream)
                return work->stream.wants.n;
        return work->environment.has_release ? work->environment.release.components.n : 0;
}

static const char *row_id(const WhyWork *work, size_t i)
{
        return work->has_stream ? work->stream.wants.items[i].component->object.id.text
                                : work->environment.release.components.items[i].component_id;
}

/* Indexes the facts by id. Rows of one id are adjacent. The loops run backwards, so that the map
 * keeps the first row of each id. */
static int index_facts(RowFacts *facts)
{
        for (size_t i = facts->channels.n; i-- > 0;)
                if (map_put(&facts->first_channel, facts->channels.items[i].id,
                            &facts->channels.items[i], NULL) < 0)
                        return -ENOMEM;
        for (size_t i = facts->conditions.n; i-- > 0;)
                if (map_put(&facts->first_condition, facts->conditions.items[i].id,
                            &facts->conditions.items[i], NULL) < 0)
                        return -ENOMEM;
        return 0;
}

static int read_facts(WhyWork *work, size_t end, RowFacts *facts, Error *err)
{
        Store *store = work->control->store;
        _cleanup_(buffer_done) Buffer ids;
        size_t begin = work->answer->n_rows;
        int r;

        buffer_init(&ids, IDS_MAX);
        for (size_t i = begin; i < end; i++)
                (void)buffer_printf(&ids, "%s\"%s\"", i == begin ? "[" : ",", row_id(work, i));
        (void)buffer_putc(&ids, ']');
        if (ids.failed)
                return error_oom(err);
        r = store_page_channels(store, ids.data, work->arena, &facts->channels, err);
        if (r >= 0)
                r = store_page_conditions(store, KIND_COMPONENT, ids.data, work->arena,
                                          &facts->conditions, err);
        return r < 0 || index_facts(facts) >= 0 ? r : error_oom(err);
}

static const Channel *find_head(const RowFacts *facts, const char *id, const char *channel)
{
        const ComponentChannel *at = map_get(&facts->first_channel, id);
        const ComponentChannel *end = facts->channels.items + facts->channels.n;

        for (; at && at < end && streq(at->id, id); at++)
                if (str_equal(at->channel.name, channel))
                        return &at->channel;
        return NULL;
}

static const Condition *find_condition(const RowFacts *facts, const char *id, ConditionType type,
                                       ConditionStatus status)
{
        const ObjectCondition *at = map_get(&facts->first_condition, id);
        const ObjectCondition *end = facts->conditions.items + facts->conditions.n;

        for (; at && at < end && streq(at->id, id); at++)
                if (at->condition.type == type && at->condition.status == status)
                        return &at->condition;
        return NULL;
}

static void set_from(WhyRow *row, WhyState state, const Condition *condition)
{
        row->state = state;
        row->reason = condition->reason;
        row->message = condition->message;
}

/* Sets the row to the first obstacle of the component, or to its warning if it has no obstacle. */
static void evaluate_row(WhyWork *work, const RowFacts *facts, const char *id, const Channel *head,
                         WhyRow *row)
{
        const ReleaseComponent *released = why_released(work, id);
        const Condition *failed = find_condition(facts, id, CONDITION_READY, CONDITION_FALSE);
        const Condition *held = find_condition(facts, id, CONDITION_HELD, CONDITION_TRUE);
        const Condition *warning = find_condition(facts, id, CONDITION_WARNING, CONDITION_TRUE);

        if (failed)
                set_from(row, WHY_BLOCKED, failed);
        else if (!head && row->channel) {
                row->state = WHY_BLOCKED;
                row->reason = "NoHead";
                row->message =
                        arena_printf(work->arena, "channel '%s' has no version", row->channel);
        } else if (held)
                set_from(row, WHY_WAITS, held);
        else if (work->has_stream && head && !(released && streq(released->digest, head->digest))) {
                row->state = WHY_WAITS;
                row->reason = "NotReleased";
                row->message = "the release does not have the head";
        } else if (warning)
                set_from(row, WHY_OK, warning);
}

static void add_row(WhyWork *work, const RowFacts *facts, size_t i)
{
        WhyRow *row = &work->answer->rows[work->answer->n_rows++];
        const char *id = row_id(work, i);
        const ReleaseComponent *released = why_released(work, id);
        const char *channel = released ? released->channel : NULL;
        const Channel *head;

        if (work->has_stream) {
                row->component = work->stream.wants.items[i].component->object.meta.name;
                row->channel = channel = work->stream.wants.items[i].value;
        } else if (released)
                row->component = released->component_name;
        head = find_head(facts, id, channel);
        row->head = head ? head->tag : NULL;
        if (released)
                row->released = released->tag ? released->tag : released->digest;
        evaluate_row(work, facts, id, head, row);
}

/* If the stream is the obstacle, the next command shows its first blocked component. */
static void point_to_component(WhyWork *work)
{
        WhyAnswer *answer = work->answer;
        WhyStep *stream = answer->n_steps > 0 ? &answer->steps[0] : NULL;

        if (!stream || answer->obstacle != stream || stream->type != WHY_STREAM)
                return;
        for (size_t i = 0; i < answer->n_rows; i++)
                if (answer->rows[i].state == WHY_BLOCKED) {
                        stream->next = arena_printf(work->arena, "relmanctl why %s %s",
                                                    answer->environment, answer->rows[i].component);
                        return;
                }
}

int why_component_rows(WhyWork *work, usec_t until, Error *err)
{
        WhyAnswer *answer = work->answer;
        size_t n = count_rows(work);

        if (!answer->rows) {
                answer->rows = arena_alloc_array(work->arena, n + 1, sizeof(*answer->rows));
                if (!answer->rows)
                        return error_oom(err);
        }
        while (answer->n_rows < n) {
                _cleanup_(row_facts_done) RowFacts facts = { 0 };
                size_t end = MIN(n, answer->n_rows + ROWS_AT_ONCE);
                int r = read_facts(work, end, &facts, err);

                if (r < 0)
                        return r;
                while (answer->n_rows < end)
                        add_row(work, &facts, answer->n_rows);
                if (work->arena->failed)
                        return error_oom(err);
                if (answer->n_rows < n && time_monotonic() >= until)
                        return 1;
        }
        point_to_component(work);
        return work->arena->failed ? error_oom(err) : 0;
}
