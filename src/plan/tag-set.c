#include "plan/tag-set.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/vec.h"

#define SCRATCH_KEPT (16 * 1024) /* size in bytes at which the scratch arena is cleared */

_Static_assert(offsetof(TagState, tag) == 0, "TextIndex finds the key there");

/* --- one tag ---------------------------------------------------------------------------------- */

static TagExtra *extra_of(TagState *state, Arena *arena)
{
        if (!state->extra)
                state->extra = arena_alloc(arena, sizeof(*state->extra));
        return state->extra;
}

int tag_state_set_problem(TagState *state, const char *problem, Arena *arena)
{
        if (!problem && !state->extra)
                return 0;
        if (!extra_of(state, arena))
                return -ENOMEM;
        state->extra->problem = problem;
        return 0;
}

int tag_state_keep(TagState *state, const char *digest, Arena *arena)
{
        if (!extra_of(state, arena))
                return -ENOMEM;
        state->extra->moved_to = state->digest;
        state->digest = digest;
        return 0;
}

const char *tag_state_moved_to(const TagState *state)
{
        return state->extra ? state->extra->moved_to : NULL;
}

static void set_record(TagState *state, const TagRecord *record)
{
        state->first_seen_at = record->first_seen_at;
        state->changed_at = record->changed_at;
        state->checked_at = record->checked_at;
        state->pushed_at = record->pushed_at;
        state->missing = MIN(record->missing, (unsigned)TAG_GONE) & 3U;
}

int tag_state_of(const TagRecord *record, Arena *arena, TagState *ret)
{
        *ret = (TagState){ .tag = record->tag, .digest = record->digest };
        set_record(ret, record);
        return tag_state_set_problem(ret, record->problem, arena);
}

static const char *problem_of(const TagState *state)
{
        if (state->extra && state->extra->problem)
                return state->extra->problem;
        return state->not_resolved ? TAG_NOT_RESOLVED : NULL;
}

void tag_state_note_pending(TagState *state)
{
        state->not_resolved = state->eligible && !state->digest;
}

TagRecord tag_state_record(const TagState *state)
{
        return (TagRecord){ .tag = state->tag,
                            .digest = tag_state_moved_to(state) ? tag_state_moved_to(state)
                                                                : state->digest,
                            .problem = problem_of(state),
                            .first_seen_at = state->first_seen_at,
                            .changed_at = state->changed_at,
                            .checked_at = state->checked_at,
                            .pushed_at = state->pushed_at,
                            .missing = state->missing };
}

int tag_state_set_version(TagState *state, const Version *version, Arena *arena)
{
        size_t size = strlen(version->text) + 1;
        char *block;

        if (version->sort_key.size > INT32_MAX)
                return -ENOMEM;
        block = arena_alloc_bytes(arena, size + version->sort_key.size);
        if (!block)
                return -ENOMEM;
        memcpy(block, version->text, size);
        if (version->sort_key.size > 0)
                memcpy(block + size, version->sort_key.data, version->sort_key.size);
        state->version = block;
        state->key_size = (uint32_t)version->sort_key.size & INT32_MAX;
        state->specificity = (uint16_t)MIN(version->specificity, (unsigned)UINT16_MAX);
        if (!version->build_metadata)
                return 0;
        if (!extra_of(state, arena))
                return -ENOMEM;
        state->extra->build_metadata = arena_strdup(arena, version->build_metadata);
        return state->extra->build_metadata ? 0 : -ENOMEM;
}

SortKey tag_state_key(const TagState *state)
{
        if (!state->version)
                return (SortKey){ 0 };
        return (SortKey){ .data = (const uint8_t *)state->version + strlen(state->version) + 1,
                          .size = state->key_size };
}

const char *tag_state_build_metadata(const TagState *state)
{
        return state->extra ? state->extra->build_metadata : NULL;
}

const char *tag_state_take_listed(TagState *state)
{
        bool only_listed = state->only_listed, agrees = state->list_agrees;
        const char *listed = only_listed || agrees ? state->digest
                             : state->extra        ? state->extra->listed_digest
                                                   : NULL;
        bool known = state->digest && !only_listed;

        state->only_listed = false;
        if (!state->eligible && !known) {
                state->digest = NULL;
                state->pushed_at = only_listed ? 0 : state->pushed_at;
                return NULL;
        }
        if (!listed)
                return NULL;
        state->resolve = false;
        state->list_told = true;
        if (agrees && (!state->extra || !state->extra->problem))
                return NULL;
        if (only_listed)
                state->digest = NULL;
        else if (state->extra)
                state->extra->listed_digest = NULL;
        return listed;
}

/* Clears the decision of judge_tags() about the previous digest of the tag. */
static void forget_judgement(TagState *state)
{
        state->eligible = state->eligible || state->ruled_out;
        state->ruled_out = state->unread = false;
}

int tag_set_resolved_by_list(TagState *state, const char *digest, usec_t now, Arena *arena)
{
        bool moved;

        /* judge_tags() decides again whether the version keeps its digest */
        if (tag_state_moved_to(state)) {
                state->digest = state->extra->moved_to;
                state->extra->moved_to = NULL;
        }
        moved = state->digest && !streq(state->digest, digest);
        state->checked_at = now;
        state->dirty = true;
        if (state->extra)
                state->extra->problem = NULL;
        if (state->digest && !moved)
                return 0;
        if (moved) {
                if (!extra_of(state, arena))
                        return -ENOMEM;
                state->moved = true;
                forget_judgement(state);
                state->extra->moved_from = state->digest;
                state->extra->moved_from_at = state->changed_at;
        }
        state->digest = digest;
        state->changed_at = now;
        return moved;
}

int tag_set_resolved(TagState *state, const char *digest, usec_t now, Arena *arena)
{
        if (!str_equal(state->digest, digest))
                digest = arena_strdup(arena, digest);
        return digest ? tag_set_resolved_by_list(state, digest, now, arena) : -ENOMEM;
}

bool tag_state_is_gone(const TagState *state)
{
        return state->missing >= TAG_GONE;
}

bool tag_state_is_candidate(const TagState *state)
{
        return state->eligible && state->digest && !tag_state_is_gone(state) &&
               state->held_until == 0;
}

int tag_state_compare(const TagState *a, const TagState *b)
{
        int c = sort_key_compare(tag_state_key(a), tag_state_key(b));

        if (c != 0)
                return c;
        if (a->specificity != b->specificity)
                return a->specificity > b->specificity ? 1 : -1;
        return strcmp(a->tag, b->tag);
}

/* --- the set ---------------------------------------------------------------------------------- */

static int too_many(const TagSetInput *input, Error *err)
{
        return error_set(err, ERROR_HOSTILE, -EFBIG,
                         "its repository has too many tags: more than %zu, with those that it no "
                         "longer lists; what was known stays; delete old tags from the repository",
                         input->max);
}

static int add(TagSet *set, const TagSetInput *input, TagState **ret, Error *err)
{
        if (set->n >= input->max)
                return too_many(input, err);
        if (vec_reserve(&set->items, &set->capacity, set->n + 1, sizeof(*set->items)) < 0)
                return error_oom(err);
        *ret = &set->items[set->n++];
        **ret = (TagState){ 0 };
        return 0;
}

int tag_set_begin(TagSet *set, const TagSetInput *input, VersionPolicy *policy, Error *err)
{
        *set = (TagSet){ 0 };
        arena_init(&set->scratch, CLASSIFY_ARENA_MAX);
        version_policy_begin(policy);
        if (!input->listed)
                return 0;
        set->listed_known = calloc(input->listed->n / 8 + 1, 1);
        return set->listed_known ? 0 : error_oom(err);
}

/* Returns the entry of a known tag in the list, and marks it as known. NULL: the list lacks it. */
static const ListedTag *find_listed(TagSet *set, const TagSetInput *input, const char *tag)
{
        const ListedTags *listed = input->listed;
        size_t at;

        if (!listed)
                return NULL;
        at = text_index_find(&listed->index, (TextItems){ listed->items, sizeof(*listed->items) },
                             tag);
        if (at == SIZE_MAX)
                return NULL;
        set->listed_known[at / 8] |= (unsigned char)(1U << at % 8);
        return &listed->items[at];
}

/* Copies a digest into the arena. If the previous tag has the same digest, which is frequent,
 * returns that copy. */
static const char *keep_digest(const TagSet *set, const char *digest, Arena *arena)
{
        const char *last = set->n > 1 ? set->items[set->n - 2].digest : NULL;

        return str_equal(last, digest) ? last : arena_strdup(arena, digest);
}

static int note_listed(TagState *state, const ListedTag *listed, Arena *arena)
{
        state->resolve = true; /* before classification, resolve means that the tag is listed */
        if (state->missing > 0) {
                state->missing = 0;
                state->dirty = true;
        }
        if (!listed->digest || (state->list_agrees && !state->extra))
                return 0;
        if (!extra_of(state, arena))
                return -ENOMEM;
        state->extra->listed_digest = listed->digest;
        state->extra->listed_pushed_at = listed->pushed_at;
        return 0;
}

static int add_known(TagSet *set, const TagSetInput *input, const TagRecord *record, Arena *arena,
                     Error *err)
{
        const ListedTag *listed = find_listed(set, input, record->tag);
        const char *problem = NULL;
        TagState *state;
        int r;

        r = add(set, input, &state, err);
        if (r < 0)
                return r;
        set_record(state, record);
        set->n_before += record->missing == 0;
        state->tag = listed ? listed->tag : arena_strdup(arena, record->tag);
        state->list_agrees = listed && record->digest && str_equal(record->digest, listed->digest);
        if (state->list_agrees)
                state->digest = listed->digest;
        else if (record->digest && !(state->digest = keep_digest(set, record->digest, arena)))
                return error_oom(err);
        state->not_resolved = str_equal(record->problem, TAG_NOT_RESOLVED);
        if (record->problem && !state->not_resolved &&
            !(problem = arena_strdup(arena, record->problem)))
                return error_oom(err);
        if (!state->tag || tag_state_set_problem(state, problem, arena) < 0 ||
            (listed && note_listed(state, listed, arena) < 0))
                return error_oom(err);
        return 0;
}

int tag_set_add_known(TagSet *set, const TagSetInput *input, const TagRecords *page, Arena *arena,
                      Error *err)
{
        int r = 0;

        for (size_t i = 0; i < page->n && r >= 0; i++)
                r = add_known(set, input, &page->items[i], arena, err);
        set->n_known = set->n;
        return r;
}

/* Adds a listed tag. The registry client has removed duplicates. */
static int add_new(TagSet *set, const TagSetInput *input, const ListedTag *listed, Error *err)
{
        TagState *state;
        int r;

        r = add(set, input, &state, err);
        if (r < 0)
                return r;
        state->tag = listed->tag;
        state->first_seen_at = input->now;
        state->dirty = true;
        state->resolve = true; /* before classification, resolve means that the tag is listed */
        state->digest = listed->digest;
        state->only_listed = listed->digest != NULL;
        state->pushed_at = listed->digest ? listed->pushed_at : 0;
        return 0;
}

static int index_tags(TagSet *set, usec_t until, Error *err)
{
        if (text_index_reserve(&set->by_tag, set->n) < 0)
                return error_oom(err);
        while (set->n_indexed < set->n) {
                if (text_index_add(&set->by_tag, set->items[set->n_indexed].tag, set->n_indexed) <
                    0)
                        return error_oom(err);
                set->n_indexed++;
                if (time_is_up(set->n_indexed, until))
                        return 1;
        }
        return 0;
}

int tag_set_add_listed(TagSet *set, const TagSetInput *input, usec_t until, Error *err)
{
        ListedTags *listed = input->listed;
        int r;

        if (listed)
                text_index_done(&listed->index);
        while (listed && set->n_list_seen < listed->n) {
                size_t at = set->n_list_seen++;

                if (set->listed_known[at / 8] & 1U << at % 8)
                        continue;
                r = add_new(set, input, &listed->items[at], err);
                if (r < 0)
                        return r;
                if (time_is_up(set->n_list_seen, until))
                        return 1;
        }
        if (listed) {
                free(listed->items); /* the texts are not freed */
                listed->items = NULL;
                set->held = !input->accept_shrunk && listed->n * 2 < set->n_before;
                set->counts_missing = !set->held && !input->stale;
        }
        return index_tags(set, until, err);
}

/* --- rules ------------------------------------------------------------------------------------ */

static const char *keep_channel(TagSet *set, const char *channel, Arena *arena)
{
        const char *known = map_get(&set->channels, channel);
        char *copy;

        if (known)
                return known;
        copy = arena_strdup(arena, channel);
        return copy && map_put(&set->channels, copy, copy, NULL) >= 0 ? copy : NULL;
}

static int take_classification(TagSet *set, TagState *state, const Classification *is, Arena *arena)
{
        state->eligible = is->eligible;
        state->denied = is->denied;
        if (!is->eligible && !is->denied)
                return 0;
        state->prerelease = is->prerelease;
        state->manual = is->source == VERSION_MANUAL;
        state->channel = keep_channel(set, is->channel, arena);
        return state->channel ? tag_state_set_version(state, &is->version, arena) : -ENOMEM;
}

/* Counts a classified tag. `resolve`, which meant "listed" before, is set if the digest must be
 * requested. */
static void count_one(TagSet *set, TagState *state, const TagSetInput *input)
{
        bool listed = input->listed ? state->resolve : state->missing == 0;
        bool known = state->digest && !state->only_listed;

        if (set->counts_missing && !listed && state->missing < TAG_GONE) {
                state->missing = (state->missing + 1U) & 3U;
                state->dirty = true;
        }
        state->resolve = listed && state->eligible && (input->resolve_all || !known);
        if (state->not_resolved && !state->eligible)
                state->dirty = true;
        set->n_listed += listed;
        set->n_eligible += listed && state->eligible;
        set->n_missing += state->missing > 0 && state->missing < TAG_GONE;
        set->n_gone += tag_state_is_gone(state);
}

static int classify_one(TagSet *set, TagState *state, const TagSetInput *input,
                        VersionPolicy *policy, Arena *arena)
{
        bool known = state->digest && !state->only_listed;
        const char *problem = NULL;
        Classification is;
        int r;

        if (set->scratch.used > SCRATCH_KEPT)
                arena_clear(&set->scratch);
        r = version_policy_classify(policy, state->tag, &set->scratch, &is, &problem);
        if (r >= 0)
                r = take_classification(set, state, &is, arena);
        if (r < 0)
                return r;
        if (problem && !set->problem && !(set->problem = arena_strdup(arena, problem)))
                return -ENOMEM;
        /* a pattern that is too slow must not remove an existing version */
        if (!set->gave_up && problem && (known || version_policy_gave_up(policy))) {
                set->gave_up = arena_strdup(arena, version_policy_gave_up(policy)
                                                           ? version_policy_gave_up(policy)
                                                           : problem);
                if (!set->gave_up)
                        return -ENOMEM;
        }
        count_one(set, state, input);
        if (is.counter && state->missing == 0) {
                if (!set->counter || strcmp(state->tag, set->counter) > 0)
                        set->counter = state->tag;
                set->n_counters++;
        }
        return 0;
}

/* Appends assigned versions after the tags. Skips a version that can no longer be read, and records
 * the reason. */
static int add_assigned(TagSet *set, const TagSetInput *input, const VersionPolicy *policy,
                        Arena *arena)
{
        size_t n = input->assigned ? input->assigned->n : 0;
        size_t first = set->n;

        if (vec_reserve(&set->items, &set->capacity, set->n + n, sizeof(*set->items)) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                const Assignment *assignment = &input->assigned->items[i];
                TagState *state = &set->items[set->n];
                const char *reason = NULL;
                Classification is;
                int r;

                r = version_policy_assign(policy, assignment->semver, assignment->channel, arena,
                                          &is, &reason);
                if (r == -EINVAL && !set->problem)
                        set->problem = arena_printf(
                                arena, "version '%s', assigned to tag '%s' over the API: %s",
                                assignment->semver, assignment->tag, reason);
                if (r == -EINVAL)
                        continue;
                *state = (TagState){ .tag = assignment->tag,
                                     .digest = assignment->digest,
                                     .first_seen_at = assignment->at,
                                     .changed_at = assignment->at,
                                     .assigned = true };
                if (r < 0 || take_classification(set, state, &is, arena) < 0)
                        return -ENOMEM;
                set->n++;
                set->n_eligible++;
        }
        for (size_t i = first; i < set->n;
             i++) /* items no longer move, so maps may point to them */
                if (map_put(&set->by_assigned, set->items[i].digest, &set->items[i], NULL) < 0)
                        return -ENOMEM;
        return 0;
}

int tag_set_classify(TagSet *set, const TagSetInput *input, VersionPolicy *policy, usec_t until,
                     Arena *arena, Error *err)
{
        while (set->n_classified < set->n && !set->gave_up) {
                TagState *state = &set->items[set->n_classified++];

                if (classify_one(set, state, input, policy, arena) < 0)
                        return error_oom(err);
                if (!set->gave_up && time_monotonic() >= until)
                        return 1;
        }
        arena_clear(&set->scratch);
        if (!set->gave_up && add_assigned(set, input, policy, arena) < 0)
                return error_oom(err);
        return 0;
}

void tag_set_done(TagSet *set)
{
        free(set->items);
        free(set->listed_known);
        arena_done(&set->scratch);
        map_done(&set->channels);
        text_index_done(&set->by_tag);
        map_done(&set->by_assigned);
        *set = (TagSet){ 0 };
}

size_t tag_set_memory(const TagSet *set)
{
        return set->capacity * sizeof(*set->items) +
               set->by_tag.n_slots * sizeof(*set->by_tag.slots) + map_memory(&set->channels) +
               map_memory(&set->by_assigned) + set->scratch.used;
}

TagState *tag_set_find(const TagSet *set, const char *tag)
{
        size_t at =
                text_index_find(&set->by_tag, (TextItems){ set->items, sizeof(*set->items) }, tag);

        return at == SIZE_MAX ? NULL : &set->items[at];
}
