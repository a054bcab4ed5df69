#include "plan/evaluate.h"

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
        const Manifest *manifest = map_get(input->manifests, state->digest);

        return manifest && orders_by_created(input->spec) && manifest->created < 0 ? NULL
                                                                                   : manifest;
}

static int note_lacking(TagSet *set, const TagState *state, const char *platform, Arena *arena)
{
        set->n_lacking++;
        if (set->lacking && tag_state_compare(state, set->lacking) <= 0)
                return 0;
        set->lacking = state;
        set->lacking_reason = arena_printf(arena, "its image lacks platform %s", platform);
        return set->lacking_reason ? 0 : -ENOMEM;
}

/* The version is ordered by when the image was built. */
static int order_by_time(TagState *state, const Manifest *manifest, Arena *arena)
{
        Version version = { .text = state->version, .specificity = state->specificity };
        int r;

        state->ordered = true;
        r = version_key_by_time(tag_state_key(state), (uint64_t)manifest->created, arena,
                                &version.sort_key);
        return r < 0 ? r : tag_state_set_version(state, &version, arena);
}

static int judge_manifest(TagSet *set, TagState *state, const JudgeInput *input, Arena *arena)
{
        const Manifest *manifest = manifest_of(state, input);
        const Strings *platforms = &input->spec->platforms;

        if (!manifest)
                return 0;
        for (size_t i = 0; i < platforms->n; i++)
                if (!has_platform(manifest, platforms->items[i])) {
                        state->eligible = false;
                        return note_lacking(set, state, platforms->items[i], arena);
                }
        if (!orders_by_created(input->spec) || state->ordered)
                return 0;
        return order_by_time(state, manifest, arena);
}

/* --- age -------------------------------------------------------------------------------------- */

static bool is_stored_head(const TagState *state, const Channels *channels)
{
        for (size_t i = 0; i < channels->n; i++)
                if (streq(channels->items[i].name, state->channel) &&
                    streq(channels->items[i].digest, state->digest))
                        return true;
        return false;
}

/* Since when a tag has had its digest: by the registry's clock, unless that is behind ours. */
static usec_t had_since(const TagState *state)
{
        return state->pushed_at > 0 ? MIN(state->pushed_at, state->changed_at) : state->changed_at;
}

/* A digest is as old as the tag that has had it longest. */
static int note_ages(const TagSet *set, Map *oldest)
{
        for (size_t i = 0; i < set->n; i++) {
                TagState *state = &set->items[i], *old;

                if (!state->digest)
                        continue;
                old = map_get(oldest, state->digest);
                if (old && had_since(old) <= had_since(state))
                        continue;
                if (map_put(oldest, state->digest, state, NULL) < 0)
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

                if (!state->eligible || !state->digest || state->assigned)
                        continue;
                first = map_get(&oldest, state->digest);
                until = had_since(first) + input->spec->minimum_age;
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
                int r;

                if (!state->eligible || !state->digest)
                        continue;
                if ((!state->assigned && map_has(&set->by_assigned, state->digest)) ||
                    version_policy_denies(input->policy, state->digest)) {
                        state->eligible = false;
                        continue;
                }
                r = by_manifest ? judge_manifest(set, state, input, arena) : 0;
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
                if (set->items[i].eligible && set->items[i].digest &&
                    !tag_state_is_gone(&set->items[i])) {
                        r = map_put(&wanted, set->items[i].digest, &set->items[i], NULL);
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
