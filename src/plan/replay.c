#include "plan/replay.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/vec.h"

/* Digests that relmand got at short intervals are from one poll, which moves the heads at its end.
 */
#define PASS_PAUSE (2 * USEC_PER_SEC)
#define PASS_TIME  (5 * USEC_PER_SEC)
/* After this many settle times a stream makes a release, as in compose/streams.c. */
#define SETTLE_TIMES_MAX 10

typedef enum ReplayStage {
        REPLAY_BEFORE, /* apply what is older than the replay */
        REPLAY_BEGIN,  /* evaluate all streams */
        REPLAY_RUN,
        REPLAY_REST, /* releases whose settle time ends before the end of the replay */
        REPLAY_END,
} ReplayStage;

/* --- tags ------------------------------------------------------------------------------------- */

static bool is_guarded(const ReplayComponent *component, const ReplayTag *tag)
{
        return !component->tags_are_mutable && !tag->state.assigned &&
               !str_equal(component->spec->versioning_strategy.follow, tag->state.tag);
}

/* Returns the digest of the head whose tag has this name, as tag_guard_head() does; it may be an
 * assigned version. NULL: there is none. */
static const char *head_digest(const ReplayComponent *component, const ReplayTag *tag)
{
        const char *other = NULL;

        for (size_t i = 0; i < component->n_heads; i++) {
                const ReplayTag *head = component->heads[i].tag;

                if (!head || !streq(head->state.tag, tag->state.tag))
                        continue;
                if (i == tag->channel)
                        return head->state.digest;
                if (!other)
                        other = head->state.digest;
        }
        return other;
}

/* Returns the digest that the version of the tag has: that of the tag, or an earlier one until a
 * person allows the move. */
static const char *digest_of(const ReplayComponent *component, const ReplayTag *tag)
{
        const ReplayGuarded *guarded = tag->guarded;
        const AdmissionTag rule = { .released = guarded ? guarded->released : NULL,
                                    .allowed = guarded ? guarded->allowed : NULL,
                                    .allowed_at = guarded ? guarded->allowed_at : 0,
                                    .head = guarded ? head_digest(component, tag) : NULL };
        const AdmissionFacts facts = { .tag = &rule };
        Admission admission;

        if (!guarded || !tag->point->digest || !is_guarded(component, tag))
                return tag->point->digest;
        admission = admission_decide(ADMIT_TAG, component->spec, tag->point->digest, &facts);
        return admission.verdict == ADMISSION_TAG_MOVED ? admission.detail : tag->point->digest;
}

static void apply_point(ReplayComponent *component, const ReplayPoint *point)
{
        ReplayTag *tag = &component->tags[point->tag];
        bool is_first = !tag->point;
        const char *digest;

        if (point->is_ended) {
                if (tag->point && str_equal(tag->state.digest, point->digest))
                        tag->is_candidate = false;
                return;
        }
        if (point->is_allowed) {
                tag->guarded->allowed = point->digest;
                tag->guarded->allowed_at = point->at;
        } else
                tag->point = point;
        if (!tag->point)
                return;
        digest = digest_of(component, tag);
        tag->state.digest = digest;
        if (digest != tag->point->digest) {
                /* the tag keeps its digest, its version and what was decided about it */
                tag->is_candidate = tag->is_candidate || is_first;
                return;
        }
        tag->is_candidate = !tag->point->is_refused;
        tag->state.version = tag->point->version ? tag->point->version : tag->version;
        tag->state.key_size =
                (tag->point->version ? tag->point->key_size : tag->key_size) & REPLAY_KEY_MAX;
}

/* --- heads ------------------------------------------------------------------------------------ */

static void offer_head(ReplayComponent *component, ReplayTag *tag)
{
        ReplayHead *head = &component->heads[tag->channel];

        if (tag->is_candidate &&
            (!head->tag || tag_state_compare(&tag->state, &head->tag->state) > 0))
                head->tag = tag;
}

/* Finds all heads. Works until the monotonic time `until`, and returns 1 if there is more to do. */
static int find_heads(ReplayComponent *component, usec_t until)
{
        if (component->n_compared == 0)
                for (size_t i = 0; i < component->n_heads; i++)
                        component->heads[i].tag = NULL;
        while (component->n_compared < component->n) {
                offer_head(component, &component->tags[component->n_compared++]);
                if (time_is_up(component->n_compared, until) &&
                    component->n_compared < component->n)
                        return 1;
        }
        component->n_compared = 0;
        return 0;
}

/* True if the tag was the head of its channel, and another one may be newer now. */
static bool may_fall(const ReplayComponent *component, const ReplayTag *tag)
{
        return component->heads[tag->channel].tag == tag &&
               (!tag->is_candidate || (tag->point && tag->point->version));
}

/* --- steps ------------------------------------------------------------------------------------ */

static const ReplayPoint *point_at(const ReplayComponent *component, size_t at)
{
        return at < component->n_points ? component->order.items[at] : NULL;
}

/* True if a poll began after the time `from`, and at or before the time `to`. */
static bool pass_began(ReplayComponent *component, usec_t from, usec_t to)
{
        void **passes = component->polls.items;

        while (component->pass < component->n_passes &&
               *(const usec_t *)passes[component->pass] <= from)
                component->pass++;
        return component->pass < component->n_passes &&
               *(const usec_t *)passes[component->pass] <= to;
}

/* Finds the next step: the points that one poll found. Returns its time; USEC_INFINITY: there is no
 * step. */
static usec_t find_step(const Replay *replay, ReplayComponent *component)
{
        const ReplayPoint *first = point_at(component, component->next), *point, *last = first;
        size_t end = component->next;

        if (!first || first->at > replay->until)
                return USEC_INFINITY;
        component->n_steps++;
        component->tags[first->tag].step = component->n_steps;
        while ((point = point_at(component, ++end))) {
                if (point->at > replay->until || point->at - last->at > PASS_PAUSE ||
                    point->at - first->at > PASS_TIME ||
                    pass_began(component, last->at, point->at) ||
                    component->tags[point->tag].step == component->n_steps)
                        break;
                component->tags[point->tag].step = component->n_steps;
                last = point;
        }
        component->end = end;
        return last->at;
}

/* Applies the points of the next step. Sets finds_heads if all heads must be found again. */
static void apply_points(ReplayComponent *component)
{
        void **points = component->order.items;
        bool falls = false;

        for (size_t i = component->next; i < component->end; i++) {
                const ReplayPoint *point = points[i];

                apply_point(component, point);
                falls = falls || may_fall(component, &component->tags[point->tag]);
        }
        for (size_t i = component->next; i < component->end && !falls; i++)
                offer_head(component, &component->tags[((const ReplayPoint *)points[i])->tag]);
        component->finds_heads = falls;
}

/* Applies the next step, and sets *ret_next to the time of the one after it. Works until the
 * monotonic time `until`, and returns 1 if there is more to do. */
static int apply_step(const Replay *replay, ReplayComponent *component, usec_t until,
                      usec_t *ret_next)
{
        if (!component->finds_heads)
                apply_points(component);
        if (component->finds_heads && find_heads(component, until) > 0)
                return 1;
        component->finds_heads = false;
        component->next = component->end;
        *ret_next = find_step(replay, component);
        return 0;
}

/* --- streams ---------------------------------------------------------------------------------- */

static ReplayTag *head_of(const ReplayPart *part)
{
        uintptr_t at = (uintptr_t)map_get(&part->component->channels, part->channel);

        return at > 0 ? part->component->heads[at - 1].tag : NULL;
}

static bool same_pick(const ReplayPick *a, const ReplayPick *b)
{
        return str_equal(a->digest, b->digest) && (a->digest || str_equal(a->tag, b->tag));
}

/* Reads the heads of a stream. Returns whether it can make a release of them. Sets *ret_moved if a
 * pick differs from the one before. */
static bool read_picks(ReplayStream *stream, bool *ret_moved)
{
        bool complete = stream->n_wanted > 0;

        *ret_moved = false;
        for (size_t i = 0; i < stream->n_wanted; i++) {
                const ReplayTag *tag = head_of(&stream->parts[i]);
                ReplayPick pick = { 0 };

                if (tag)
                        pick = (ReplayPick){ .digest = tag->state.digest,
                                             .tag = tag->state.tag,
                                             .version = tag->state.version,
                                             .is_unchecked = tag->point->is_unchecked };
                *ret_moved = *ret_moved || !same_pick(&pick, &stream->picks[i]);
                stream->picks[i] = pick;
                complete = complete && tag &&
                           (!stream->same_version ||
                            str_equal(pick.version, stream->picks[0].version));
        }
        return complete;
}

/* True if the last release has the picks. */
static bool is_current(const ReplayStream *stream)
{
        if (stream->replayed.n == 0)
                return false;
        for (size_t i = 0; i < stream->n_parts; i++)
                if (!same_pick(&stream->replayed.now[i],
                               i < stream->n_wanted ? &stream->picks[i] : &(ReplayPick){ 0 }))
                        return false;
        return true;
}

/* Adds a digest to those that releases have under the tag. */
static int note_digest(const Replay *replay, ReplayTag *tag, const char *digest, usec_t at)
{
        ReplayGuarded *guarded = replay_guarded(replay, tag);
        ReleasedDigest *item;

        if (!guarded)
                return -ENOMEM;
        if (guarded->released && streq(guarded->released->digest, digest) &&
            guarded->released->at >= guarded->allowed_at)
                return 0;
        item = arena_alloc(replay->arena, sizeof(*item));
        if (!item)
                return -ENOMEM;
        *item = (ReleasedDigest){ .digest = digest, .at = at, .next = guarded->released };
        guarded->released = item;
        return 0;
}

/* Adds the tags of a release to those whose moves a person must allow. */
static int note_released(const Replay *replay, ReplayStream *stream, usec_t at)
{
        for (size_t i = 0; i < stream->n_wanted; i++) {
                ReplayTag *head = head_of(&stream->parts[i]), *tag = head;

                if (!head || !head->state.digest)
                        continue;
                /* a release names the tag of an assigned version */
                if (head->state.assigned)
                        tag = replay_find_tag(stream->parts[i].component, head->state.tag);
                if (tag && note_digest(replay, tag, head->state.digest, at) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int make_release(Replay *replay, ReplayStream *stream, usec_t at)
{
        stream->settle_at = USEC_INFINITY;
        stream->pending_since = 0;
        if (note_released(replay, stream, at) < 0)
                return -ENOMEM;
        return replay_releases_add(replay, stream, at);
}

/* Evaluates a stream, as compose/streams.c does. */
static int evaluate(Replay *replay, ReplayStream *stream, usec_t now)
{
        bool moved;

        if (!read_picks(stream, &moved) || is_current(stream)) {
                stream->settle_at = USEC_INFINITY;
                stream->pending_since = 0;
                return 0;
        }
        if (stream->settle == 0)
                return make_release(replay, stream, now);
        if (stream->pending_since == 0)
                stream->pending_since = now;
        if (moved || stream->settle_at == USEC_INFINITY)
                stream->changed_at = now;
        stream->settle_at = MIN(stream->changed_at + stream->settle,
                                stream->pending_since + SETTLE_TIMES_MAX * stream->settle);
        replay->settle_at = MIN(replay->settle_at, stream->settle_at);
        return 0;
}

/* Makes the releases whose settle time ended before a time. */
static int settle(Replay *replay, usec_t before, const ReplayStream **ret_full)
{
        if (replay->settle_at > before)
                return 0;
        replay->settle_at = USEC_INFINITY;
        for (size_t i = 0; i < replay->n_streams; i++) {
                ReplayStream *stream = &replay->streams[i];
                int r = 0;

                *ret_full = stream;
                if (stream->settle_at <= before)
                        r = make_release(replay, stream, stream->settle_at);
                if (r < 0)
                        return r;
                replay->settle_at = MIN(replay->settle_at, stream->settle_at);
        }
        return 0;
}

/* --- all -------------------------------------------------------------------------------------- */

/* Applies the points of a component that are older than the replay. */
static int apply_before(Replay *replay, ReplayComponent *component, usec_t until)
{
        const ReplayPoint *point;

        while ((point = point_at(component, component->next)) && point->at <= replay->since) {
                apply_point(component, point);
                component->next++;
                if (time_is_up(component->next, until))
                        return 1;
        }
        if (find_heads(component, until) > 0)
                return 1;
        replay->next_at[replay->at] = find_step(replay, component);
        return 0;
}

static int before(Replay *replay, usec_t until)
{
        if (!replay->next_at)
                replay->next_at = calloc(replay->n_components + 1, sizeof(*replay->next_at));
        if (!replay->next_at)
                return -ENOMEM;
        while (replay->at < replay->n_components) {
                if (apply_before(replay, replay->components[replay->at], until) > 0)
                        return 1;
                replay->at++;
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}

static int begin(Replay *replay, usec_t until, const ReplayStream **ret_full)
{
        while (replay->at < replay->n_streams) {
                ReplayStream *stream = &replay->streams[replay->at];
                int r;

                *ret_full = stream;
                r = replay_releases_begin(stream);
                if (r >= 0)
                        r = evaluate(replay, stream, replay->since);
                if (r < 0)
                        return r;
                replay->at++;
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}

/* Returns the component with the first of all next steps. */
static size_t next_component(const Replay *replay)
{
        size_t next = 0;

        for (size_t i = 1; i < replay->n_components; i++)
                if (replay->next_at[i] < replay->next_at[next])
                        next = i;
        return next;
}

static int run(Replay *replay, usec_t until, const ReplayStream **ret_full)
{
        while (replay->n_components > 0) {
                size_t next = next_component(replay);
                ReplayComponent *component = replay->components[next];
                usec_t now = replay->next_at[next];
                int r;

                if (now == USEC_INFINITY)
                        return 0;
                r = settle(replay, now, ret_full);
                if (r < 0)
                        return r;
                if (apply_step(replay, component, until, &replay->next_at[next]) > 0)
                        return 1;
                for (size_t i = 0; i < component->n_streams; i++) {
                        *ret_full = &replay->streams[component->streams[i]];
                        r = evaluate(replay, &replay->streams[component->streams[i]], now);
                        if (r < 0)
                                return r;
                }
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}

static int run_stage(Replay *replay, usec_t until, const ReplayStream **ret_full)
{
        switch ((ReplayStage)replay->stage) {
        case REPLAY_BEFORE: return before(replay, until);
        case REPLAY_BEGIN: return begin(replay, until, ret_full);
        case REPLAY_RUN: return run(replay, until, ret_full);
        case REPLAY_REST: return settle(replay, replay->until, ret_full);
        case REPLAY_END: break;
        }
        return 0;
}

int replay_step(Replay *replay, usec_t until, const ReplayStream **ret_full)
{
        while (replay->stage < REPLAY_END) {
                int r = run_stage(replay, until, ret_full);

                if (r != 0)
                        return r;
                replay->stage++;
                replay->at = 0;
        }
        return 0;
}
