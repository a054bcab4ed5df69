#include "plan/plan-versions.h"

#include <errno.h>
#include <stdlib.h>

#include "base/vec.h"

/* True if a is a better name than b for the digest of both. */
static bool names_better(const TagState *a, const TagState *b)
{
        if (tag_state_is_gone(a) != tag_state_is_gone(b))
                return tag_state_is_gone(b);
        if (a->manual != b->manual)
                return a->manual;
        if (a->specificity != b->specificity)
                return a->specificity > b->specificity;
        return tag_state_compare(a, b) > 0;
}

static const TagState *state_of(const VersionPlan *plan, const TagSet *tags, size_t name)
{
        return &tags->items[plan->names[name] & VERSION_NAME_TAG];
}

/* Finds the slot of a digest, or the free slot where it belongs. */
static size_t find_slot(const VersionPlan *plan, const TagSet *tags, const char *digest)
{
        size_t mask = plan->n_slots - 1, i = (size_t)map_hash(digest) & mask;

        while (plan->slots[i] != 0 &&
               !streq(state_of(plan, tags, plan->slots[i] - 1)->digest, digest))
                i = (i + 1) & mask;
        return i;
}

/* Reserves slots for as many digests as tags, so that the table never grows later. At most three
 * quarters of the slots are in use. */
static int reserve_slots(VersionPlan *plan, const TagSet *tags)
{
        size_t n_slots = 16;

        if (tags->n >= VERSION_NAME_TAG)
                return -ENOMEM;
        while (n_slots * 3 < tags->n * 4)
                n_slots *= 2;
        plan->slots = calloc(n_slots, sizeof(*plan->slots));
        plan->n_slots = plan->slots ? n_slots : 0;
        return plan->slots ? 0 : -ENOMEM;
}

static int name_digest(VersionPlan *plan, const TagSet *tags, size_t at)
{
        const TagState *state = &tags->items[at];
        size_t slot;

        if (!state->eligible || !state->digest)
                return 0;
        if (vec_reserve(&plan->names, &plan->capacity, plan->n_names + 1, sizeof(*plan->names)) < 0)
                return -ENOMEM;
        slot = find_slot(plan, tags, state->digest);
        if (plan->slots[slot] == 0) {
                plan->names[plan->n_names++] = (uint32_t)at;
                plan->slots[slot] = (uint32_t)plan->n_names;
        } else if (names_better(state, state_of(plan, tags, plan->slots[slot] - 1)))
                plan->names[plan->slots[slot] - 1] = (uint32_t)at;
        return 0;
}

int plan_versions_names(const TagSet *tags, usec_t until, VersionPlan *plan, Error *err)
{
        if (plan->n_slots == 0 && reserve_slots(plan, tags) < 0)
                return error_oom(err);
        while (plan->n_named < tags->n) {
                if (name_digest(plan, tags, plan->n_named++) < 0)
                        return error_oom(err);
                if (time_is_up(plan->n_named, until))
                        return 1;
        }
        return 0;
}

static bool row_differs(const VersionMap *stored, const TagState *state)
{
        return !streq(stored->tag, state->tag) || !str_equal(stored->semver, state->version) ||
               !streq(stored->channel, state->channel) || stored->prerelease != state->prerelease ||
               !str_equal(stored->build_metadata, tag_state_build_metadata(state)) ||
               sort_key_compare(stored->sort_key, tag_state_key(state)) != 0 ||
               stored->specificity != state->specificity ||
               (stored->source == VERSION_MANUAL) != state->manual ||
               stored->vanished != tag_state_is_gone(state);
}

/* Sorts by channel, and the newest version first. */
static int compare_newest(const void *a, const void *b)
{
        const TagState *s = a, *t = b;
        int c = strcmp(s->channel, t->channel);

        return c != 0 ? c : -tag_state_compare(s, t);
}

static int begin_newest(const TagSet *tags, VersionPlan *plan)
{
        if (sorting_init(&plan->newest, plan->n_names) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < plan->n_names; i++)
                plan->newest.items[i] = &tags->items[plan->names[i] & VERSION_NAME_TAG];
        return 0;
}

/* Drops the next version, unless it is one of the newest of its channel, in a release, or assigned.
 * Marks the name of a dropped version as settled, so that a stored row is deleted. */
static void drop_next(const TagSet *tags, const VersionKeep *keep, VersionPlan *plan)
{
        void **items = plan->newest.items;
        const TagState *state = items[plan->next_newest];
        const TagState *before = plan->next_newest > 0 ? items[plan->next_newest - 1] : NULL;

        plan->next_newest++;
        if (!before || !streq(before->channel, state->channel))
                plan->n_kept = 0;
        if (plan->n_kept++ >= keep->max && !state->manual && !map_has(keep->used, state->digest))
                plan->names[plan->slots[find_slot(plan, tags, state->digest)] - 1] |=
                        VERSION_NAME_SETTLED;
}

int plan_versions_drop(const TagSet *tags, const VersionKeep *keep, usec_t until, VersionPlan *plan,
                       Error *err)
{
        if (keep->max == 0 || plan->n_names == 0)
                return 0;
        if (!plan->newest.items && begin_newest(tags, plan) < 0)
                return error_oom(err);
        if (sorting_step(&plan->newest, compare_newest, until) > 0)
                return 1;
        while (plan->next_newest < plan->n_names) {
                drop_next(tags, keep, plan);
                if (time_is_up(plan->next_newest, until))
                        return 1;
        }
        sorting_done(&plan->newest);
        return 0;
}

static int compare_row(const TagSet *tags, const VersionMap *row, Arena *arena, VersionPlan *plan)
{
        size_t slot = find_slot(plan, tags, row->digest);
        uint32_t *name = plan->slots[slot] != 0 ? &plan->names[plan->slots[slot] - 1] : NULL;

        if (name && !(*name & VERSION_NAME_SETTLED)) {
                *name |= VERSION_NAME_STORED;
                if (!row_differs(row, &tags->items[*name & VERSION_NAME_TAG]))
                        *name |= VERSION_NAME_SETTLED;
                return 0;
        }
        if (vec_reserve(&plan->delete, &plan->delete_capacity, plan->n_delete + 1,
                        sizeof(*plan->delete)) < 0)
                return -ENOMEM;
        plan->delete[plan->n_delete] = arena_strdup(arena, row->digest);
        return plan->delete[plan->n_delete++] ? 0 : -ENOMEM;
}

int plan_versions_compare(const TagSet *tags, const VersionMaps *page, Arena *arena,
                          VersionPlan *plan, Error *err)
{
        for (size_t i = 0; i < page->n; i++)
                if (compare_row(tags, &page->items[i], arena, plan) < 0)
                        return error_oom(err);
        return 0;
}

int plan_versions_choose(const TagSet *tags, const char *digest, const VersionMap *row,
                         Arena *arena, VersionPlan *plan, Error *err)
{
        uint32_t slot = plan->slots[find_slot(plan, tags, digest)];

        if (slot != 0 && (plan->names[slot - 1] & VERSION_NAME_CHOSEN))
                return 0; /* its row was compared before */
        if (slot != 0)
                plan->names[slot - 1] |= VERSION_NAME_CHOSEN;
        return row && compare_row(tags, row, arena, plan) < 0 ? error_oom(err) : 0;
}

void plan_versions_settle_others(VersionPlan *plan)
{
        for (size_t i = 0; i < plan->n_names; i++)
                if (!(plan->names[i] & VERSION_NAME_CHOSEN))
                        plan->names[i] |= VERSION_NAME_SETTLED;
}

const TagState *version_plan_next(const VersionPlan *plan, const TagSet *tags, size_t *next,
                                  bool *ret_is_new)
{
        while (*next < plan->n_names) {
                uint32_t name = plan->names[(*next)++];

                if (name & VERSION_NAME_SETTLED)
                        continue;
                *ret_is_new = !(name & VERSION_NAME_STORED);
                return &tags->items[name & VERSION_NAME_TAG];
        }
        return NULL;
}

void version_plan_done(VersionPlan *plan)
{
        free(plan->names);
        free(plan->slots);
        free(plan->delete);
        sorting_done(&plan->newest);
        *plan = (VersionPlan){ 0 };
}

VersionMap version_map_of(const TagState *state, const char *component_id)
{
        return (VersionMap){
                .id = version_map_id(component_id, state->digest),
                .tag = state->tag,
                .digest = state->digest,
                .semver = state->version,
                .channel = state->channel,
                .prerelease = state->prerelease,
                .build_metadata = tag_state_build_metadata(state),
                .sort_key = tag_state_key(state),
                .specificity = state->specificity,
                .resolved_at = state->changed_at,
                .source = state->manual ? VERSION_MANUAL : VERSION_AUTO,
                .vanished = tag_state_is_gone(state),
        };
}

/* --- heads ------------------------------------------------------------------------------------ */

/* Returns the tag of the stored head if the head stays although this tag was deleted. It stays if
 * the tag is still a version of this channel, and newer than all others. */
static const TagState *head_that_stays(const TagSet *tags, const Channel *stored,
                                       const TagState *newest)
{
        const TagState *state = tag_set_find(tags, stored->tag);

        if (!state || !tag_state_is_gone(state) || !state->eligible || !state->digest ||
            !streq(state->channel, stored->name))
                return NULL;
        return newest && tag_state_compare(newest, state) > 0 ? NULL : state;
}

/* True if the tag of the head has a digest that is too young. The head is unchanged until the
 * digest is old enough. */
static bool waits_for_age(const TagSet *tags, const Channel *stored, const TagState *newest)
{
        const TagState *state = tag_set_find(tags, stored->tag);

        return state && state->held_until > 0 && state->eligible &&
               streq(state->channel, stored->name) &&
               (!newest || tag_state_compare(newest, state) < 0);
}

static bool head_differs(const Channel *from, const TagState *to)
{
        return !streq(from->tag, to->tag) || !streq(from->digest, to->digest) ||
               !str_equal(from->semver, to->version) ||
               sort_key_compare(from->sort_key, tag_state_key(to)) != 0 ||
               from->specificity != to->specificity;
}

static int compare_moves(const void *a, const void *b)
{
        return strcmp(((const HeadMove *)a)->channel, ((const HeadMove *)b)->channel);
}

static void plan_stored_head(const TagSet *tags, const Channel *channel, Map *newest,
                             bool allow_downgrade, HeadPlan *plan)
{
        const TagState *to = map_remove(newest, channel->name);
        const TagState *stays = head_that_stays(tags, channel, to);

        if (waits_for_age(tags, channel, to))
                return;
        if (stays && !allow_downgrade) {
                plan->missing[plan->n_missing++] = channel->name;
                to = stays;
        }
        if (!to || head_differs(channel, to))
                plan->moves[plan->n_moves++] =
                        (HeadMove){ .from = channel, .to = to, .channel = channel->name };
}

int plan_heads(const TagSet *tags, const Channels *stored, bool allow_downgrade, TagSurvey *survey,
               Arena *arena, HeadPlan *ret)
{
        Map *newest = &survey->newest.channels;
        size_t n_max = stored->n + newest->n + 1;

        *ret = (HeadPlan){ 0 };
        ret->moves = arena_alloc_array(arena, n_max, sizeof(*ret->moves));
        ret->missing = arena_alloc_array(arena, n_max, sizeof(*ret->missing));
        if (!ret->moves || !ret->missing)
                return -ENOMEM;
        for (size_t i = 0; i < stored->n; i++)
                plan_stored_head(tags, &stored->items[i], newest, allow_downgrade, ret);
        map_foreach (newest, entry) {
                const TagState *to = entry->value;

                ret->moves[ret->n_moves++] = (HeadMove){ .to = to, .channel = to->channel };
        }
        qsort(ret->moves, ret->n_moves, sizeof(*ret->moves), compare_moves);
        return 0;
}
