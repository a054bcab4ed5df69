#include "release/compose.h"

#include <errno.h>
#include <stdlib.h>

#include "version/range.h"
#include "version/version.h"

/* --- what is wanted --------------------------------------------------------------------------- */

static const ReleaseItem *find_item(const ReleaseSpec *spec, const char *name)
{
        for (size_t i = 0; i < spec->components.n; i++)
                if (streq(spec->components.items[i].name, name))
                        return &spec->components.items[i];
        return NULL;
}

bool release_spec_wants(const ReleaseSpec *spec, const ComponentSpec *component)
{
        if (!streq(spec->object.meta.tenant, component->object.meta.tenant))
                return false;
        return ((spec->mode == RELEASE_FULL || spec->mode == RELEASE_CHANNEL) &&
                spec->components.n == 0) ||
               find_item(spec, component->object.meta.name);
}

static Want want_of(const ReleaseSpec *spec, const ReleaseItem *item,
                    const ComponentSpec *component)
{
        Want want = { .type = WANT_HEAD,
                      .component = component,
                      .role = item ? item->role : ROLE_PRIMARY,
                      .place = item ? item->place : spec->object.place };

        if (spec->mode == RELEASE_CHANNEL)
                want.value = spec->channel;
        else if (spec->mode == RELEASE_FULL || !item)
                want.value = component->default_channel;
        else if (item->version)
                want = (Want){ .type = WANT_VERSION,
                               .component = component,
                               .value = item->version,
                               .role = item->role,
                               .place = item->place };
        else if (item->tag)
                want = (Want){ .type = WANT_TAG,
                               .component = component,
                               .value = item->tag,
                               .role = item->role,
                               .place = item->place };
        else if (item->digest)
                want = (Want){ .type = WANT_DIGEST,
                               .component = component,
                               .value = item->digest,
                               .role = item->role,
                               .place = item->place };
        else
                want.value = item->channel;
        return want;
}

/* The digest that a partial release takes over; NULL if it does not. */
static const ReleaseComponent *find_base(const ReleaseSpec *spec, const WantsInput *input,
                                         const ComponentSpec *component)
{
        for (size_t i = 0; input->base && i < input->base->n; i++)
                if (streq(input->base->items[i].component_id, component->object.id.text) &&
                    !find_item(spec, component->object.meta.name))
                        return &input->base->items[i];
        return NULL;
}

int release_wants(const ReleaseSpec *spec, const WantsInput *input, Arena *arena, Wants *ret,
                  Error *err)
{
        const ComponentSpec *const *components = input->components;
        size_t n_components = input->n_components;

        ret->n = 0;
        ret->items = arena_alloc_array(arena, n_components, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 0; i < n_components; i++) {
                const ReleaseComponent *base = find_base(spec, input, components[i]);

                if (release_spec_wants(spec, components[i]))
                        ret->items[ret->n++] =
                                want_of(spec, find_item(spec, components[i]->object.meta.name),
                                        components[i]);
                else if (base)
                        ret->items[ret->n++] = (Want){ .type = WANT_DIGEST,
                                                       .component = components[i],
                                                       .value = base->digest,
                                                       .role = base->role,
                                                       .place = spec->pin_from.place,
                                                       .base = base };
        }
        for (size_t i = 0; i < spec->components.n; i++) {
                const char *name = spec->components.items[i].name;
                bool found = false;

                for (size_t j = 0; j < ret->n; j++)
                        found = found || streq(ret->items[j].component->object.meta.name, name);
                if (!found)
                        return error_set(err, ERROR_INVALID, -ENOENT, "there is no component '%s'",
                                         name);
        }
        for (size_t i = 0; input->base && i < input->base->n; i++) {
                const ReleaseComponent *base = &input->base->items[i];
                bool found = find_item(spec, base->component_name);

                for (size_t j = 0; j < ret->n && !found; j++)
                        found = streq(ret->items[j].component->object.id.text, base->component_id);
                if (!found)
                        return error_set(err, ERROR_INVALID, -ENOENT,
                                         "environment '%s' runs component '%s', which no spec "
                                         "declares any more",
                                         spec->pin_from.environment, base->component_name);
        }
        return 0;
}

/* --- what is picked --------------------------------------------------------------------------- */

static int reason(Picked *picked, const char *text)
{
        picked->reason = text;
        return text ? 0 : -ENOMEM;
}

static int pick_head(const Want *want, const WantKnown *known, Arena *arena, Picked *ret)
{
        for (size_t i = 0; known->channels && i < known->channels->n; i++) {
                const Channel *channel = &known->channels->items[i];

                if (!streq(channel->name, want->value))
                        continue;
                *ret = (Picked){ .digest = channel->digest,
                                 .tag = channel->tag,
                                 .semver = channel->semver,
                                 .channel = channel->name };
                return 0;
        }
        return reason(ret, arena_printf(arena, "component '%s' has no version in channel '%s' yet",
                                        want->component->object.meta.name, want->value));
}

static Picked picked_of(const VersionMap *version)
{
        return (Picked){ .digest = version->digest,
                         .tag = version->tag,
                         .semver = version->semver,
                         .channel = version->channel };
}

static int pick_exact(const Want *want, const Version *wanted, const WantKnown *known, Arena *arena,
                      Picked *ret)
{
        for (size_t i = 0; i < known->versions->n; i++) {
                const VersionMap *version = &known->versions->items[i];

                if (sort_key_compare(version->sort_key, wanted->sort_key) != 0)
                        continue;
                *ret = picked_of(version);
                return 0;
        }
        return reason(ret,
                      arena_printf(arena, "component '%s' has no version %s; it has %zu other%s",
                                   want->component->object.meta.name, wanted->text,
                                   known->versions->n, known->versions->n == 1 ? "" : "s"));
}

static int pick_range(const Want *want, const WantKnown *known, Arena *arena, Picked *ret)
{
        _cleanup_(error_done) Error error = { 0 };
        Range *range;

        if (range_parse(want->value, arena, &range, &error) < 0)
                return reason(ret, arena_printf(arena, "component '%s': %s",
                                                want->component->object.meta.name,
                                                error_message(&error)));
        for (size_t i = 0; i < known->versions->n; i++) {
                const VersionMap *version = &known->versions->items[i];

                if (!version->semver || !range_matches(range, version->semver, false))
                        continue;
                *ret = picked_of(version);
                return 0;
        }
        return reason(ret, arena_printf(arena,
                                        "none of %zu versions of component '%s' is in the range %s",
                                        known->versions->n, want->component->object.meta.name,
                                        want->value));
}

static int pick_version(const Want *want, const WantKnown *known, Arena *arena, Picked *ret)
{
        StrategyType strategy = want->component->versioning_strategy.type;
        const char *why = NULL;
        Version wanted;
        bool semver = strategy == STRATEGY_SEMVER || strategy == STRATEGY_MANUAL;

        /* under semver a partial version ("2.3") is a range; elsewhere a word is one version */
        if ((!semver || range_is_exact(want->value)) &&
            version_parse_assigned(strategy, want->value, arena, &wanted, &why) >= 0)
                return pick_exact(want, &wanted, known, arena, ret);
        return pick_range(want, known, arena, ret);
}

static int pick_tag(const Want *want, const WantKnown *known, Arena *arena, Picked *ret)
{
        const char *name = want->component->object.meta.name;

        if (!known->tag || known->tag->missing >= TAG_GONE)
                return reason(ret, arena_printf(arena,
                                                "the registry lists no tag '%s' of component '%s'",
                                                want->value, name));
        if (!known->tag->digest)
                return reason(ret,
                              arena_printf(arena, "tag '%s' of component '%s' is not resolved: %s",
                                           want->value, name,
                                           known->tag->problem
                                                   ? known->tag->problem
                                                   : "no rule of the component takes it"));
        *ret = (Picked){ .digest = known->tag->digest, .tag = want->value };
        if (known->versions && known->versions->n > 0) {
                ret->semver = known->versions->items[0].semver;
                ret->channel = known->versions->items[0].channel;
        }
        return 0;
}

int release_pick(const Want *want, const WantKnown *known, Arena *arena, Picked *ret)
{
        static const VersionMaps none = { 0 };
        WantKnown all = *known;

        *ret = (Picked){ 0 };
        if (!all.versions)
                all.versions = &none;
        switch (want->type) {
        case WANT_HEAD: return pick_head(want, &all, arena, ret);
        case WANT_VERSION: return pick_version(want, &all, arena, ret);
        case WANT_TAG: return pick_tag(want, &all, arena, ret);
        case WANT_DIGEST:
                if (want->base)
                        *ret = (Picked){ .tag = want->base->tag,
                                         .semver = want->base->semver,
                                         .channel = want->base->channel };
                else if (all.versions->n > 0)
                        *ret = picked_of(&all.versions->items[0]);
                ret->digest = want->value;
                return 0;
        }
        return 0;
}

const char *release_check_same_version(const Wants *wants, const Picked *picks, Arena *arena)
{
        for (size_t i = 1; i < wants->n; i++)
                if (!str_equal(picks[i].semver, picks[0].semver))
                        return arena_printf(
                                arena, "sameVersion: component '%s' is at %s, component '%s' at %s",
                                wants->items[0].component->object.meta.name,
                                picks[0].semver ? picks[0].semver : "no version",
                                wants->items[i].component->object.meta.name,
                                picks[i].semver ? picks[i].semver : "no version");
        return NULL;
}
