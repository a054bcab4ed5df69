#include "reconcile/judge.h"

#include <errno.h>

#include "model/image.h"
#include "version/version.h"

static bool orders_by_created(const ComponentSpec *spec)
{
        return spec->versioning_strategy.order_by == ORDER_BY_CREATED;
}

bool judge_needs_manifests(const ComponentSpec *spec)
{
        return spec->platforms.n > 0 || orders_by_created(spec);
}

static int shut_out(TagState *state, const char *reason)
{
        state->is.eligible = false;
        state->is.reason = reason;
        return reason ? 0 : -ENOMEM;
}

/* --- what the manifest says ------------------------------------------------------------------- */

static bool has_platform(const Manifest *manifest, const char *wanted)
{
        for (size_t i = 0; i < manifest->platforms.n; i++)
                if (platform_matches(wanted, manifest->platforms.items[i].platform))
                        return true;
        return false;
}

static const Manifest *manifest_of(const TagState *state, const JudgeInput *input)
{
        const Manifest *manifest = map_get(input->manifests, state->record.digest);

        return manifest && orders_by_created(input->spec) && manifest->created < 0 ? NULL
                                                                                   : manifest;
}

static void note_lacking(TagSet *set, const TagState *state)
{
        set->n_lacking++;
        if (!set->lacking || tag_state_compare(state, set->lacking) > 0)
                set->lacking = state;
}

static int judge_manifest(TagSet *set, TagState *state, const JudgeInput *input, Arena *arena)
{
        const Manifest *manifest = manifest_of(state, input);
        const Strings *platforms = &input->spec->platforms;

        if (!manifest)
                return 0;
        for (size_t i = 0; i < platforms->n; i++)
                if (!has_platform(manifest, platforms->items[i])) {
                        note_lacking(set, state);
                        return shut_out(state, arena_printf(arena, "its image lacks platform %s",
                                                            platforms->items[i]));
                }
        if (!orders_by_created(input->spec) || state->ordered)
                return 0;
        state->ordered = true;
        return version_key_by_time(state->is.version.sort_key, (uint64_t)manifest->created, arena,
                                   &state->is.version.sort_key);
}

/* --- age -------------------------------------------------------------------------------------- */

static bool is_stored_head(const TagState *state, const Channels *channels)
{
        for (size_t i = 0; i < channels->n; i++)
                if (streq(channels->items[i].name, state->is.channel) &&
                    streq(channels->items[i].digest, state->record.digest))
                        return true;
        return false;
}

/* Since when a tag has had its digest: by the registry's clock, unless that is behind ours. */
static usec_t had_since(const TagRecord *record)
{
        return record->pushed_at > 0 ? MIN(record->pushed_at, record->changed_at)
                                     : record->changed_at;
}

/* A digest is as old as the tag that has had it longest. */
static int note_ages(const TagSet *set, Map *oldest)
{
        for (size_t i = 0; i < set->n; i++) {
                TagState *state = &set->items[i], *old;

                if (!state->record.digest)
                        continue;
                old = map_get(oldest, state->record.digest);
                if (old && had_since(&old->record) <= had_since(&state->record))
                        continue;
                if (map_put(oldest, state->record.digest, state, NULL) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int judge_ages(TagSet *set, const JudgeInput *input)
{
        _cleanup_(map_done) Map oldest = { 0 };

        if (input->spec->minimum_age == 0)
                return 0;
        if (note_ages(set, &oldest) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < set->n; i++) {
                TagState *state = &set->items[i];
                const TagState *first;
                usec_t until;

                if (!state->is.eligible || !state->record.digest || state->assigned)
                        continue;
                first = map_get(&oldest, state->record.digest);
                until = had_since(&first->record) + input->spec->minimum_age;
                state->held_until =
                        until > input->now && !is_stored_head(state, input->channels) ? until : 0;
        }
        return 0;
}

/* --- all -------------------------------------------------------------------------------------- */

int judge_tags(TagSet *set, const JudgeInput *input, Arena *arena)
{
        bool by_manifest = judge_needs_manifests(input->spec);

        for (size_t i = 0; i < set->n; i++) {
                TagState *state = &set->items[i];
                const char *denied;
                int r = 0;

                if (!state->is.eligible || !state->record.digest)
                        continue;
                if (!state->assigned && map_has(&set->by_assigned, state->record.digest)) {
                        (void)shut_out(state, "its digest was assigned over the API");
                        continue;
                }
                denied = version_policy_denies(input->policy, state->record.digest);
                if (denied)
                        r = shut_out(state, arena_strdup(arena, denied));
                else if (by_manifest)
                        r = judge_manifest(set, state, input, arena);
                if (r < 0)
                        return r;
        }
        return judge_ages(set, input);
}

/* All, if the order hangs on them; else of each channel the newest: another is looked at only if
 * that one is not good. */
int judge_wants(const TagSet *set, const JudgeInput *input, Arena *arena, JudgeWants *ret)
{
        _cleanup_(map_done) Map wanted = { 0 };
        bool all = orders_by_created(input->spec);
        int r;

        *ret = (JudgeWants){ 0 };
        if (!all && tag_set_newest(set, &wanted) < 0)
                return -ENOMEM;
        for (size_t i = 0; all && i < set->n; i++)
                if (set->items[i].is.eligible && set->items[i].record.digest &&
                    !tag_state_is_gone(&set->items[i])) {
                        r = map_put(&wanted, set->items[i].record.digest, &set->items[i], NULL);
                        if (r < 0)
                                return r;
                }
        ret->items = arena_alloc_array(arena, wanted.n + 1, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        map_foreach (&wanted, entry)
                if (!manifest_of(entry->value, input))
                        ret->items[ret->n++] = entry->value;
        return 0;
}
