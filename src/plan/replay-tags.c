/* Takes the recorded tags of components. */

#include <errno.h>
#include <stdlib.h>

#include "base/vec.h"
#include "plan/replay.h"
#include "version/version.h"

/* A tag that had no digest for longer than this after it was first seen was not a version then.
 * Otherwise relmand was busy with other digests of the same poll. */
#define RESOLVE_TIME USEC_PER_HOUR

void replay_init(Replay *replay, Arena *arena, usec_t since, usec_t until)
{
        *replay = (Replay){
                .arena = arena, .since = since, .until = until, .settle_at = USEC_INFINITY
        };
}

static void component_free(ReplayComponent *component)
{
        free(component->tags);
        free(component->points);
        free(component->passes);
        free(component->heads);
        free(component->streams);
        map_done(&component->channels);
        map_done(&component->oldest);
        sorting_done(&component->order);
        sorting_done(&component->polls);
        free(component);
}

static void stream_done(ReplayStream *stream)
{
        free(stream->parts);
        free(stream->picks);
        free(stream->made.items);
        free(stream->made.now);
        free(stream->replayed.items);
        free(stream->replayed.now);
        map_done(&stream->by_id);
}

void replay_done(Replay *replay)
{
        for (size_t i = 0; i < replay->n_components; i++)
                component_free(replay->components[i]);
        for (size_t i = 0; i < replay->n_streams; i++)
                stream_done(&replay->streams[i]);
        free(replay->components);
        free(replay->streams);
        free(replay->next_at);
        free(replay->entries);
        *replay = (Replay){ 0 };
}

static size_t component_memory(const ReplayComponent *component)
{
        return sizeof(*component) + component->capacity * sizeof(ReplayTag) +
               component->points_capacity * sizeof(ReplayPoint) +
               component->passes_capacity * sizeof(usec_t) +
               component->heads_capacity * sizeof(ReplayHead) +
               (component->order.n + component->polls.n) * 2 * sizeof(void *) +
               map_memory(&component->channels) + map_memory(&component->oldest);
}

static size_t releases_memory(const ReplayReleases *releases)
{
        return releases->capacity * sizeof(ReplayRelease) +
               releases->now_capacity * sizeof(ReplayPick);
}

size_t replay_memory(const Replay *replay)
{
        size_t n = replay->entries_capacity * sizeof(ReplayEntry) +
                   replay->streams_capacity * sizeof(ReplayStream);

        for (size_t i = 0; i < replay->n_components; i++)
                n += component_memory(replay->components[i]);
        for (size_t i = 0; i < replay->n_streams; i++)
                n += replay->streams[i].parts_capacity * sizeof(ReplayPart) +
                     map_memory(&replay->streams[i].by_id) +
                     releases_memory(&replay->streams[i].made) +
                     releases_memory(&replay->streams[i].replayed);
        return n;
}

/* --- tags ------------------------------------------------------------------------------------- */

ReplayComponent *replay_add_component(Replay *replay, const ComponentSpec *spec,
                                      bool tags_are_mutable)
{
        ReplayComponent *component;

        if (vec_reserve(&replay->components, &replay->components_capacity, replay->n_components + 1,
                        sizeof(ReplayComponent *)) < 0)
                return NULL;
        component = calloc(1, sizeof(*component));
        if (!component)
                return NULL;
        *component = (ReplayComponent){ .spec = spec,
                                        .tags_are_mutable = tags_are_mutable,
                                        .since = USEC_INFINITY };
        replay->components[replay->n_components++] = component;
        return component;
}

static int channel_of(Replay *replay, ReplayComponent *component, const char *name, uint32_t *ret)
{
        uintptr_t known = (uintptr_t)map_get(&component->channels, name);
        const char *copy;

        if (known > 0) {
                *ret = (uint32_t)(known - 1);
                return 0;
        }
        copy = arena_strdup(replay->arena, name);
        if (!copy ||
            vec_reserve(&component->heads, &component->heads_capacity, component->n_heads + 1,
                        sizeof(ReplayHead)) < 0 ||
            map_put(&component->channels, copy, (void *)(component->n_heads + 1), NULL) < 0)
                return -ENOMEM;
        *ret = (uint32_t)component->n_heads;
        component->heads[component->n_heads++] = (ReplayHead){ .channel = copy };
        return 0;
}

static ReplayPoint *add_point(ReplayComponent *component, size_t tag, usec_t at)
{
        ReplayPoint *point;

        if (vec_reserve(&component->points, &component->points_capacity, component->n_points + 1,
                        sizeof(ReplayPoint)) < 0)
                return NULL;
        point = &component->points[component->n_points++];
        *point = (ReplayPoint){ .at = at, .tag = (uint32_t)tag };
        return point;
}

static int add_digest(Replay *replay, ReplayComponent *component, size_t tag, usec_t at,
                      const char *digest)
{
        ReplayPoint *point = add_point(component, tag, at);

        if (!point)
                return -ENOMEM;
        point->digest = arena_strdup(replay->arena, digest);
        return point->digest ? 0 : -ENOMEM;
}

static int add_pass(ReplayComponent *component, usec_t at)
{
        if (component->n_passes > 0 && component->passes[component->n_passes - 1] == at)
                return 0;
        if (vec_reserve(&component->passes, &component->passes_capacity, component->n_passes + 1,
                        sizeof(usec_t)) < 0)
                return -ENOMEM;
        component->passes[component->n_passes++] = at;
        return 0;
}

/* Adds a tag that is a version, without its digests. */
static int add_version(Replay *replay, ReplayComponent *component, const char *name,
                       const Classification *is)
{
        ReplayTag *tag;

        if (vec_reserve(&component->tags, &component->capacity, component->n + 1,
                        sizeof(ReplayTag)) < 0)
                return -ENOMEM;
        tag = &component->tags[component->n];
        *tag = (ReplayTag){ .state = { .tag = arena_strdup(replay->arena, name),
                                       .checked_at = USEC_INFINITY,
                                       .eligible = true } };
        if (!tag->state.tag ||
            tag_state_set_version(&tag->state, &is->version, replay->arena) < 0 ||
            channel_of(replay, component, is->channel, &tag->channel) < 0)
                return -ENOMEM;
        tag->version = tag->state.version;
        tag->key_size = tag->state.key_size;
        tag->state.channel = component->heads[tag->channel].channel;
        component->n++;
        return 0;
}

int replay_add_tag(Replay *replay, ReplayComponent *component, const TagRecord *record,
                   const Classification *is)
{
        size_t at = component->n;

        component->since = MIN(component->since, record->first_seen_at);
        if (record->first_seen_at >= replay->since &&
            add_pass(component, record->first_seen_at) < 0)
                return -ENOMEM;
        if (!is->eligible)
                return 0;
        if (add_version(replay, component, record->tag, is) < 0)
                return -ENOMEM;
        component->tags[at].state.first_seen_at = record->first_seen_at;
        if (record->digest)
                return add_digest(replay, component, at, record->changed_at, record->digest);
        if (record->problem && !streq(record->problem, TAG_NOT_RESOLVED))
                return 0; /* the registry does not serve it */
        component->n_unknown++;
        return add_point(component, at, record->first_seen_at) ? 0 : -ENOMEM;
}

int replay_add_assigned(Replay *replay, ReplayComponent *component, const Assignment *assignment,
                        const Classification *is)
{
        size_t at = component->n;

        if (add_version(replay, component, assignment->tag, is) < 0)
                return -ENOMEM;
        component->tags[at].state.assigned = true;
        component->tags[at].state.first_seen_at = assignment->at;
        return add_digest(replay, component, at, assignment->at, assignment->digest);
}

ReplayTag *replay_find_tag(const ReplayComponent *component, const char *name)
{
        size_t low = 0, high = component->n;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                ReplayTag *tag = &component->tags[middle];
                int c = tag->state.assigned ? 1 : strcmp(tag->state.tag, name);

                if (c == 0)
                        return tag;
                if (c < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return NULL;
}

int replay_add_history(Replay *replay, ReplayComponent *component, const TagRecord *record)
{
        const ReplayTag *tag = replay_find_tag(component, record->tag);

        return tag ? add_digest(replay, component, (size_t)(tag - component->tags),
                                record->changed_at, record->digest)
                   : 0;
}

ReplayGuarded *replay_guarded(const Replay *replay, ReplayTag *tag)
{
        if (tag->guarded)
                return tag->guarded;
        tag->guarded = arena_alloc(replay->arena, sizeof(*tag->guarded));
        if (tag->guarded)
                *tag->guarded = (ReplayGuarded){ 0 };
        return tag->guarded;
}

int replay_add_move(Replay *replay, ReplayComponent *component, const TagMove *move)
{
        ReplayTag *tag = replay_find_tag(component, move->tag);
        int r;

        if (!tag || !move->allowed_by)
                return 0;
        if (!replay_guarded(replay, tag))
                return -ENOMEM;
        r = add_digest(replay, component, (size_t)(tag - component->tags), move->allowed_at,
                       move->digest);
        if (r >= 0)
                component->points[component->n_points - 1].is_allowed = true;
        return r;
}

/* The lists belong to the replay, which may change them. */
static ReleasedDigest **next_of(ReleasedDigest *item)
{
        return (ReleasedDigest **)(uintptr_t)&item->next;
}

/* Adds a digest to a list, newest first. A digest is in it once, with its greatest time. */
static void add_released(ReleasedDigest **list, ReleasedDigest *item)
{
        ReleasedDigest **at = list;

        while (*at && !streq((*at)->digest, item->digest))
                at = next_of(*at);
        if (*at && (*at)->at >= item->at)
                return;
        if (*at)
                *at = *next_of(*at);
        for (at = list; *at && (*at)->at > item->at;)
                at = next_of(*at);
        item->next = *at;
        *at = item;
}

int replay_add_released(Replay *replay, ReplayComponent *component, const ReleasedTag *released)
{
        ReplayTag *tag = replay_find_tag(component, released->tag);
        ReplayGuarded *guarded = tag ? replay_guarded(replay, tag) : NULL;
        ReleasedDigest *item;

        if (!tag)
                return 0;
        item = arena_alloc(replay->arena, sizeof(*item));
        if (!item || !guarded)
                return -ENOMEM;
        *item = (ReleasedDigest){ .digest = arena_strdup(replay->arena, released->digest),
                                  .at = released->at };
        if (!item->digest)
                return -ENOMEM;
        add_released(&guarded->released, item);
        return 0;
}

/* --- the end of a component ------------------------------------------------------------------- */

/* The stages of replay_component_end(). Each visits all points, or all tags. */
typedef enum EndStage {
        END_JUDGE,
        END_ASSIGNED,   /* add the times at which digests got assigned versions */
        END_UNRESOLVED, /* add the times at which tags were listed without a digest */
        END_OLDEST,     /* find the first tag that had each digest */
        END_DELAY,      /* delay the other digests until they have the minimum age */
        END_DELAY_OLDEST,
        END_SORT,
        END_SORT_PASSES,
        END_END,
} EndStage;

/* Returns the assignment of the digest of a tag as a version, so that the tag is no version; NULL:
 * none. */
static const Assignment *assignment_of(const ReplayComponent *component, const ReplayFacts *facts,
                                       const ReplayPoint *point)
{
        return component->tags[point->tag].state.assigned || !point->digest
                       ? NULL
                       : map_get(facts->assigned, point->digest);
}

/* Sets the version of a digest that is ordered by its build time. */
static int date_point(Replay *replay, ReplayComponent *component, ReplayPoint *point,
                      const Manifest *manifest)
{
        ReplayTag *tag = &component->tags[point->tag];
        Version version = { .text = tag->version, .specificity = tag->state.specificity };
        TagState dated = { 0 };

        if (component->spec->versioning_strategy.order_by != ORDER_BY_CREATED)
                return 0;
        if (!manifest || manifest->created < 0) {
                component->n_undated++;
                point->is_refused = true;
                return 0;
        }
        if (version_key_by_time(tag_state_key(&tag->state), (uint64_t)manifest->created,
                                replay->arena, &version.sort_key) < 0 ||
            tag_state_set_version(&dated, &version, replay->arena) < 0)
                return -ENOMEM;
        point->version = dated.version;
        point->key_size = dated.key_size & REPLAY_KEY_MAX;
        return 0;
}

static int judge_point(Replay *replay, ReplayComponent *component, const ReplayFacts *known,
                       ReplayPoint *point)
{
        ReplayTag *tag = &component->tags[point->tag];
        AdmissionFacts facts = { .policy = known->policy, .verify = known->verify };
        const Assignment *assigned = assignment_of(component, known, point);
        Admission admission;

        tag->state.checked_at = MIN(tag->state.checked_at, point->at);
        if (!point->digest || point->is_allowed)
                return 0;
        facts.manifest = map_get(known->manifests, point->digest);
        admission = admission_decide(ADMIT_HEAD, component->spec, point->digest, &facts);
        point->is_unchecked = admission.verdict == ADMISSION_NEEDS_MANIFEST ||
                              admission.verdict == ADMISSION_NEEDS_SIGNATURE;
        point->is_refused = (admission.verdict != ADMISSION_ADMITTED && !point->is_unchecked) ||
                            (assigned && assigned->at <= point->at);
        return point->is_refused ? 0 : date_point(replay, component, point, facts.manifest);
}

static int add_end(ReplayComponent *component, const ReplayFacts *facts, size_t i)
{
        const ReplayPoint of = component->points[i];
        const Assignment *assigned = assignment_of(component, facts, &of);
        ReplayPoint *end;

        if (!assigned || assigned->at <= of.at || of.is_ended)
                return 0;
        end = add_point(component, of.tag, assigned->at);
        if (!end)
                return -ENOMEM;
        end->digest = of.digest;
        end->is_ended = true;
        return 0;
}

static int add_unresolved(ReplayComponent *component, size_t i)
{
        const ReplayTag *tag = &component->tags[i];
        usec_t listed_at = tag->state.first_seen_at, first_at = tag->state.checked_at;

        if (first_at == USEC_INFINITY || first_at <= listed_at + RESOLVE_TIME)
                return 0;
        return add_point(component, i, listed_at) ? 0 : -ENOMEM;
}

static int note_oldest(ReplayComponent *component, ReplayPoint *point)
{
        const ReplayPoint *old = point->digest ? map_get(&component->oldest, point->digest) : point;

        if (point->is_ended || (old && old->at <= point->at))
                return 0;
        return map_put(&component->oldest, point->digest, point, NULL) < 0 ? -ENOMEM : 0;
}

/* Delays a digest until it has the minimum age. A digest is as old as the first tag that had it. */
static void delay_point(ReplayComponent *component, ReplayPoint *point, bool oldest)
{
        const ReplayPoint *old = point->digest ? map_get(&component->oldest, point->digest) : NULL;

        if (old && (old == point) == oldest && !point->is_ended &&
            !component->tags[point->tag].state.assigned)
                point->at = MAX(point->at, old->at + component->spec->minimum_age);
}

static int compare_points(const void *a, const void *b)
{
        const ReplayPoint *x = a, *y = b;

        return x->at < y->at ? -1 : x->at > y->at;
}

static int compare_times(const void *a, const void *b)
{
        const usec_t *x = a, *y = b;

        return *x < *y ? -1 : *x > *y;
}

/* Sorts pointers to items of an array. */
static int sort_items(Sorting *sorting, void *items, size_t n, size_t size, SortingCompare compare,
                      usec_t until)
{
        if (!sorting->items) {
                if (sorting_init(sorting, n) < 0)
                        return -ENOMEM;
                for (size_t i = 0; i < n; i++)
                        sorting->items[i] = (char *)items + i * size;
        }
        return sorting_step(sorting, compare, until);
}

/* Visits the point or tag i. */
static int end_visit(Replay *replay, ReplayComponent *component, const ReplayFacts *facts, size_t i)
{
        ReplayPoint *point = &component->points[i];

        switch ((EndStage)component->stage) {
        case END_JUDGE: return judge_point(replay, component, facts, point);
        case END_ASSIGNED: return add_end(component, facts, i);
        case END_UNRESOLVED: return add_unresolved(component, i);
        case END_OLDEST: return note_oldest(component, point);
        case END_DELAY: delay_point(component, point, false); return 0;
        case END_DELAY_OLDEST: delay_point(component, point, true); return 0;
        case END_SORT:
        case END_SORT_PASSES:
        case END_END: break;
        }
        return 0;
}

static int end_stage(Replay *replay, ReplayComponent *component, const ReplayFacts *facts,
                     usec_t until)
{
        size_t n = component->stage == END_UNRESOLVED ? component->n : component->n_points;

        if (component->stage == END_SORT)
                return sort_items(&component->order, component->points, n, sizeof(ReplayPoint),
                                  compare_points, until);
        if (component->stage == END_SORT_PASSES)
                return sort_items(&component->polls, component->passes, component->n_passes,
                                  sizeof(usec_t), compare_times, until);
        if (component->spec->minimum_age == 0 && component->stage > END_UNRESOLVED)
                return 0;
        while (component->at < n) {
                if (end_visit(replay, component, facts, component->at++) < 0)
                        return -ENOMEM;
                if (time_is_up(component->at, until))
                        return 1;
        }
        return 0;
}

int replay_component_end(Replay *replay, ReplayComponent *component, const ReplayFacts *facts,
                         usec_t until)
{
        while (component->stage < END_END) {
                int r = end_stage(replay, component, facts, until);

                if (r != 0)
                        return r;
                component->stage++;
                component->at = 0;
        }
        map_done(&component->oldest);
        return 0;
}
