#include "reconcile/plan-versions.h"

#include <errno.h>
#include <stdlib.h>

/* True if a names their common digest better than b. */
static bool names_better(const TagState *a, const TagState *b)
{
        if (tag_state_is_gone(a) != tag_state_is_gone(b))
                return tag_state_is_gone(b);
        if (a->is.source != b->is.source)
                return a->is.source == VERSION_MANUAL;
        if (a->is.version.specificity != b->is.version.specificity)
                return a->is.version.specificity > b->is.version.specificity;
        return tag_state_compare(a, b) > 0;
}

static int name_digest(TagState *state, Map *names)
{
        TagState *old;

        if (!state->is.eligible || !state->record.digest)
                return 0;
        old = map_get(names, state->record.digest);
        if (old && !names_better(state, old))
                return 0;
        return map_put(names, state->record.digest, state, NULL);
}

int plan_versions_names(const TagSet *tags, usec_t until, VersionPlan *plan, Error *err)
{
        while (plan->n_named < tags->n) {
                if (name_digest(&tags->items[plan->n_named++], &plan->names) < 0)
                        return error_oom(err);
                if (plan->n_named % 256 == 0 && time_monotonic() >= until)
                        return 1;
        }
        return 0;
}

static bool row_differs(const VersionMap *stored, const TagState *state)
{
        return !streq(stored->tag, state->record.tag) ||
               !str_equal(stored->semver, state->is.version.text) ||
               !streq(stored->channel, state->is.channel) ||
               stored->prerelease != state->is.prerelease ||
               !str_equal(stored->build_metadata, state->is.version.build_metadata) ||
               sort_key_compare(stored->sort_key, state->is.version.sort_key) != 0 ||
               stored->specificity != state->is.version.specificity ||
               stored->source != state->is.source || stored->vanished != tag_state_is_gone(state);
}

static int compare_kept(const void *a, const void *b)
{
        const MapEntry *x = *(const MapEntry *const *)a, *y = *(const MapEntry *const *)b;
        const TagState *s = x->value, *t = y->value;
        int c = strcmp(s->is.channel, t->is.channel);

        return c != 0 ? c : -tag_state_compare(s, t);
}

/* Of each channel the newest stay, what a release uses, and what people assigned. */
static int drop_old(Map *names, const VersionKeep *keep, Arena *arena)
{
        const char *channel = NULL;
        MapEntry **entries;
        size_t n = 0;
        int64_t n_kept = 0;

        if (keep->max == 0)
                return 0;
        entries = arena_alloc_array(arena, names->n + 1, sizeof(MapEntry *));
        if (!entries)
                return -ENOMEM;
        map_foreach (names, entry)
                entries[n++] = entry;
        if (n > 1)
                qsort(entries, n, sizeof(MapEntry *), compare_kept);
        for (size_t i = 0; i < n; i++) {
                const TagState *state = entries[i]->value;

                if (!channel || !streq(channel, state->is.channel)) {
                        channel = state->is.channel;
                        n_kept = 0;
                }
                if (n_kept++ >= keep->max && state->is.source == VERSION_AUTO &&
                    !map_has(keep->used, entries[i]->key))
                        (void)map_remove(names, entries[i]->key);
        }
        return 0;
}

int plan_versions_rows(const TagSet *tags, const VersionMaps *stored, const VersionKeep *keep,
                       Arena *arena, VersionPlan *plan, Error *err)
{
        if (drop_old(&plan->names, keep, arena) < 0)
                return error_oom(err);
        plan->put = arena_alloc_array(arena, MIN(tags->n, plan->names.n) + 1, sizeof(*plan->put));
        plan->delete = arena_alloc_array(arena, stored->n + 1, sizeof(*plan->delete));
        if (!plan->put || !plan->delete)
                return error_oom(err);
        for (size_t i = 0; i < stored->n; i++) {
                VersionMap *row = &stored->items[i];

                if (map_put(&plan->stored, row->digest, row, NULL) < 0)
                        return error_oom(err);
                if (!map_has(&plan->names, row->digest))
                        plan->delete[plan->n_delete++] = row->digest;
        }
        map_foreach (&plan->names, entry) {
                const VersionMap *row = map_get(&plan->stored, entry->key);

                if (!row || row_differs(row, entry->value))
                        plan->put[plan->n_put++] = entry->value;
        }
        map_done(&plan->names);
        return 0;
}

int plan_versions(const TagSet *tags, const VersionMaps *stored, const VersionKeep *keep,
                  Arena *arena, VersionPlan *ret, Error *err)
{
        int r;

        *ret = (VersionPlan){ 0 };
        r = plan_versions_names(tags, USEC_INFINITY, ret, err);
        return r < 0 ? r : plan_versions_rows(tags, stored, keep, arena, ret, err);
}

void version_plan_done(VersionPlan *plan)
{
        map_done(&plan->names);
        map_done(&plan->stored);
        *plan = (VersionPlan){ 0 };
}

VersionMap version_map_of(const TagState *state, const char *component_id)
{
        return (VersionMap){
                .id = version_map_id(component_id, state->record.digest),
                .tag = state->record.tag,
                .digest = state->record.digest,
                .semver = state->is.version.text,
                .channel = state->is.channel,
                .prerelease = state->is.prerelease,
                .build_metadata = state->is.version.build_metadata,
                .sort_key = state->is.version.sort_key,
                .specificity = state->is.version.specificity,
                .resolved_at = state->record.changed_at,
                .source = state->is.source,
                .vanished = tag_state_is_gone(state),
        };
}

/* --- heads ------------------------------------------------------------------------------------ */

/* The stored head, if it must stay although its tag is gone: still a version of this channel, and
 * newer than all that is there. */
static const TagState *head_that_stays(const TagSet *tags, const Channel *stored,
                                       const TagState *newest)
{
        const TagState *state = tag_set_find(tags, stored->tag);

        if (!state || !tag_state_is_gone(state) || !state->is.eligible || !state->record.digest ||
            !streq(state->is.channel, stored->name))
                return NULL;
        return newest && tag_state_compare(newest, state) > 0 ? NULL : state;
}

/* The head's own tag has moved to a digest that is too young: until then the head stays as it is.
 */
static bool waits_for_age(const TagSet *tags, const Channel *stored, const TagState *newest)
{
        const TagState *state = tag_set_find(tags, stored->tag);

        return state && state->held_until > 0 && state->is.eligible &&
               streq(state->is.channel, stored->name) &&
               (!newest || tag_state_compare(newest, state) < 0);
}

static bool head_differs(const Channel *from, const TagState *to)
{
        return !streq(from->tag, to->record.tag) || !streq(from->digest, to->record.digest) ||
               !str_equal(from->semver, to->is.version.text) ||
               sort_key_compare(from->sort_key, to->is.version.sort_key) != 0 ||
               from->specificity != to->is.version.specificity;
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

static int compare_held(const void *a, const void *b)
{
        const TagState *x = *(const TagState *const *)a, *y = *(const TagState *const *)b;
        int c = strcmp(x->is.channel, y->is.channel);

        return c != 0 ? c : -tag_state_compare(x, y);
}

/* Versions that would head their channel were they old enough. */
static int plan_held(const TagSet *tags, const Map *newest, Arena *arena, HeadPlan *plan)
{
        size_t n = 0;

        for (size_t i = 0; i < tags->n; i++)
                n += tags->items[i].held_until > 0;
        plan->held = arena_alloc_array(arena, n + 1, sizeof(*plan->held));
        if (!plan->held)
                return -ENOMEM;
        for (size_t i = 0; i < tags->n && n > 0; i++) {
                const TagState *state = &tags->items[i], *head;

                if (state->held_until == 0 || !state->is.eligible || tag_state_is_gone(state))
                        continue;
                head = map_get(newest, state->is.channel);
                if (!head || tag_state_compare(state, head) > 0)
                        plan->held[plan->n_held++] = state;
        }
        if (plan->n_held > 1)
                qsort(plan->held, plan->n_held, sizeof(*plan->held), compare_held);
        return 0;
}

int plan_heads(const TagSet *tags, const Channels *stored, bool allow_downgrade, Arena *arena,
               HeadPlan *ret, Error *err)
{
        _cleanup_(map_done) Map newest = { 0 };
        size_t n_max;

        *ret = (HeadPlan){ 0 };
        if (tag_set_newest(tags, &newest) < 0)
                return error_oom(err);
        n_max = stored->n + newest.n + 1;
        ret->moves = arena_alloc_array(arena, n_max, sizeof(*ret->moves));
        ret->missing = arena_alloc_array(arena, n_max, sizeof(*ret->missing));
        if (!ret->moves || !ret->missing || plan_held(tags, &newest, arena, ret) < 0)
                return error_oom(err);
        for (size_t i = 0; i < stored->n; i++)
                plan_stored_head(tags, &stored->items[i], &newest, allow_downgrade, ret);
        map_foreach (&newest, entry) {
                const TagState *to = entry->value;

                ret->moves[ret->n_moves++] = (HeadMove){ .to = to, .channel = to->is.channel };
        }
        qsort(ret->moves, ret->n_moves, sizeof(*ret->moves), compare_moves);
        return 0;
}
