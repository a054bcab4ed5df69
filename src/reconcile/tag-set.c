#include "reconcile/tag-set.h"

#include <errno.h>

/* The tags that were there by the last list, gone ones not counted. */
static size_t count_present(const TagRecords *known)
{
        size_t n = 0;

        for (size_t i = 0; i < known->n; i++)
                if (known->items[i].missing == 0)
                        n++;
        return n;
}

_Static_assert(offsetof(TagState, record.tag) == 0, "TextIndex finds the key there");

static int add_known(TagSet *set, const TagSetInput *input)
{
        for (size_t i = 0; i < input->known->n; i++) {
                TagState *state = &set->items[set->n];

                state->record = input->known->items[i];
                state->known = true;
                if (text_index_add(&set->by_tag, state->record.tag, set->n++) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static TextItems tag_items(const TagSet *set)
{
        return (TextItems){ set->items, sizeof(*set->items) };
}

/* Most listed digests are known, and then the known text is as good. */
static const char *listed_digest(const TagState *state, const char *digest)
{
        return digest && str_equal(digest, state->record.digest) ? state->record.digest : digest;
}

/* Lists each tag once: the registry client has left repeated ones out. */
static int add_listed(TagSet *set, const TagSetInput *input)
{
        for (size_t i = 0; i < input->n_listed; i++) {
                const ListedTag *listed = &input->listed[i];
                TagState *state = tag_set_find(set, listed->tag);

                if (!state) {
                        state = &set->items[set->n];
                        state->record =
                                (TagRecord){ .tag = listed->tag, .first_seen_at = input->now };
                        state->dirty = true;
                        if (text_index_add(&set->by_tag, listed->tag, set->n++) < 0)
                                return -ENOMEM;
                } else if (state->record.missing > 0) {
                        state->record.missing = 0;
                        state->dirty = true;
                }
                state->listed_digest = listed_digest(state, listed->digest);
                state->listed_pushed_at = listed->pushed_at;
                state->resolve = true; /* for now: "listed" */
        }
        return 0;
}

static void count_missing(TagSet *set)
{
        for (size_t i = 0; i < set->n; i++) {
                TagState *state = &set->items[i];

                if (state->resolve || state->record.missing >= TAG_GONE)
                        continue;
                state->record.missing++;
                state->dirty = true;
        }
}

/* From "listed" to "must be asked for". */
static int classify_one(TagSet *set, TagState *state, const TagSetInput *input,
                        VersionPolicy *policy, Arena *arena)
{
        bool listed = input->has_list ? state->resolve : state->record.missing == 0;
        const char *problem = NULL;
        int r;

        r = version_policy_classify(policy, state->record.tag, arena, &state->is, &problem);
        if (r < 0)
                return r;
        if (problem && !set->problem)
                set->problem = problem;
        /* one that was a version must not cease to be one because of a slow pattern */
        if (!set->gave_up && problem && (state->record.digest || version_policy_gave_up(policy))) {
                set->gave_up = arena_strdup(arena, version_policy_gave_up(policy)
                                                           ? version_policy_gave_up(policy)
                                                           : problem);
                if (!set->gave_up)
                        return -ENOMEM;
        }
        state->resolve =
                listed && state->is.eligible && (input->resolve_all || !state->record.digest);
        set->n_listed += listed;
        set->n_eligible += listed && state->is.eligible;
        set->n_missing += state->record.missing > 0 && state->record.missing < TAG_GONE;
        set->n_gone += tag_state_is_gone(state);
        return 0;
}

/* They come after the tags. What can no longer be read as a version is left out, and says so. */
static int add_assigned(TagSet *set, const TagSetInput *input, const VersionPolicy *policy,
                        Arena *arena)
{
        for (size_t i = 0; input->assigned && i < input->assigned->n; i++) {
                const Assignment *assignment = &input->assigned->items[i];
                TagState *state = &set->items[set->n];
                const char *reason = NULL;
                int r;

                r = version_policy_assign(policy, assignment->semver, assignment->channel, arena,
                                          &state->is, &reason);
                if (r == -EINVAL && !set->problem)
                        set->problem = arena_printf(
                                arena, "version '%s', assigned to tag '%s' over the API: %s",
                                assignment->semver, assignment->tag, reason);
                if (r == -EINVAL)
                        continue;
                state->assigned = true;
                state->record = (TagRecord){ .tag = assignment->tag,
                                             .digest = assignment->digest,
                                             .first_seen_at = assignment->at,
                                             .changed_at = assignment->at };
                set->n++;
                set->n_eligible++;
                if (r < 0 || map_put(&set->by_assigned, assignment->digest, state, NULL) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int tag_set_begin(TagSet *set, const TagSetInput *input, VersionPolicy *policy, Arena *arena,
                  Error *err)
{
        *set = (TagSet){ 0 };
        version_policy_begin(policy);
        set->items = arena_alloc_array(arena,
                                       input->known->n + input->n_listed +
                                               (input->assigned ? input->assigned->n : 0) + 1,
                                       sizeof(TagState));
        if (!set->items)
                return error_oom(err);
        if (text_index_reserve(&set->by_tag, input->known->n + input->n_listed) < 0 ||
            add_known(set, input) < 0 || add_listed(set, input) < 0)
                return error_oom(err);
        if (input->has_list) {
                set->n_before = count_present(input->known);
                set->held = !input->accept_shrunk && input->n_listed * 2 < set->n_before;
                if (!set->held && !input->stale)
                        count_missing(set);
        }
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
        if (!set->gave_up && add_assigned(set, input, policy, arena) < 0)
                return error_oom(err);
        return 0;
}

void tag_set_done(TagSet *set)
{
        text_index_done(&set->by_tag);
        map_done(&set->by_assigned);
        *set = (TagSet){ 0 };
}

TagState *tag_set_find(const TagSet *set, const char *tag)
{
        size_t at = text_index_find(&set->by_tag, tag_items(set), tag);

        return at == SIZE_MAX ? NULL : &set->items[at];
}

int tag_set_resolved(TagState *state, const char *digest, usec_t now, Arena *arena)
{
        bool moved = state->record.digest && !streq(state->record.digest, digest);

        state->record.checked_at = now;
        state->dirty = true;
        if (state->record.problem)
                state->record.problem = NULL;
        if (state->record.digest && !moved)
                return 0;
        if (moved) {
                state->moved = true;
                state->moved_from = state->record.digest;
                state->moved_from_at = state->record.changed_at;
        }
        state->record.digest =
                digest == state->listed_digest ? digest : arena_strdup(arena, digest);
        state->record.changed_at = now;
        return state->record.digest ? moved : -ENOMEM;
}

bool tag_state_is_gone(const TagState *state)
{
        return state->record.missing >= TAG_GONE;
}

bool tag_state_is_candidate(const TagState *state)
{
        return state->is.eligible && state->record.digest && !tag_state_is_gone(state) &&
               state->held_until == 0;
}

int tag_state_compare(const TagState *a, const TagState *b)
{
        int c = sort_key_compare(a->is.version.sort_key, b->is.version.sort_key);

        if (c != 0)
                return c;
        if (a->is.version.specificity != b->is.version.specificity)
                return a->is.version.specificity > b->is.version.specificity ? 1 : -1;
        return strcmp(a->record.tag, b->record.tag);
}

int tag_set_newest(const TagSet *set, Map *newest)
{
        TagState *last = NULL; /* the newest of the last channel: most tags are of one */

        for (size_t i = 0; i < set->n; i++) {
                TagState *state = &set->items[i], *old;

                if (!tag_state_is_candidate(state))
                        continue;
                old = last && last->is.channel == state->is.channel
                              ? last
                              : map_get(newest, state->is.channel);
                last = old;
                if (old && tag_state_compare(state, old) < 0)
                        continue;
                last = state;
                if (map_put(newest, state->is.channel, state, NULL) < 0)
                        return -ENOMEM;
        }
        return 0;
}
