#include "release/compose.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/text.h"
#include "model/channel-name.h"
#include "version/range.h"
#include "version/version.h"

/* --- wants ------------------------------------------------------------------------------------ */

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

int stream_follow(const StreamSpec *stream, Arena *arena, ReleaseSpec *ret)
{
        *ret = (ReleaseSpec){
                .object = stream->object,
                .mode = stream->channel ? RELEASE_CHANNEL : RELEASE_FULL,
                .channel = stream->channel,
                .same_version = stream->same_version,
        };
        ret->components.n = stream->components.n;
        ret->components.items =
                arena_alloc_array(arena, stream->components.n + 1, sizeof(*ret->components.items));
        if (!ret->components.items)
                return -ENOMEM;
        for (size_t i = 0; i < stream->components.n; i++)
                ret->components.items[i] = (ReleaseItem){ .name = stream->components.items[i],
                                                          .place = stream->components_place };
        return 0;
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

/* Lookup tables of release_wants(), which otherwise would compare each component with each item. */
typedef struct Lookup {
        const ReleaseSpec *spec;
        const WantsInput *input;
        Map items; /* requested items: name -> ReleaseItem * */
        Map bases; /* components of the base: id -> ReleaseComponent *, removed when used */
} Lookup;

static void lookup_done(Lookup *lookup)
{
        map_done(&lookup->items);
        map_done(&lookup->bases);
}

static int lookup_init(Lookup *lookup)
{
        const ReleaseItems *items = &lookup->spec->components;
        const ReleaseComponents *base = lookup->input->base;

        for (size_t i = 0; i < items->n; i++)
                if (!map_has(&lookup->items, items->items[i].name) &&
                    map_put(&lookup->items, items->items[i].name,
                            (void *)(uintptr_t)&items->items[i], NULL) < 0)
                        return -ENOMEM;
        for (size_t i = 0; base && i < base->n; i++)
                if (map_put(&lookup->bases, base->items[i].component_id,
                            (void *)(uintptr_t)&base->items[i], NULL) < 0)
                        return -ENOMEM;
        return 0;
}

/* Returns the position of the first component at or after this tenant and name. */
static size_t find_place(const WantsInput *input, const char *tenant, const char *name)
{
        size_t low = 0, high = input->n_components;

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const Meta *meta = &input->components[middle]->object.meta;
                int c = strcmp(meta->tenant, tenant);

                if (c < 0 || (c == 0 && strcmp(meta->name, name) < 0))
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static const ComponentSpec *find_component(const Lookup *lookup, const char *name)
{
        const WantsInput *input = lookup->input;
        const char *tenant = lookup->spec->object.meta.tenant;
        size_t at = find_place(input, tenant, name);

        if (at >= input->n_components || !streq(input->components[at]->object.meta.name, name) ||
            !streq(input->components[at]->object.meta.tenant, tenant))
                return NULL;
        return input->components[at];
}

static bool wants_all(const ReleaseSpec *spec)
{
        return (spec->mode == RELEASE_FULL || spec->mode == RELEASE_CHANNEL) &&
               spec->components.n == 0;
}

/* Adds a request for a component of the release's tenant. */
static void add_want(Lookup *lookup, const ComponentSpec *component, Wants *ret)
{
        const ReleaseSpec *spec = lookup->spec;
        const ReleaseItem *item = map_get(&lookup->items, component->object.meta.name);
        const ReleaseComponent *base = map_remove(&lookup->bases, component->object.id.text);

        if (item || wants_all(spec))
                ret->items[ret->n++] = want_of(spec, item, component);
        else if (base)
                ret->items[ret->n++] = (Want){ .type = WANT_DIGEST,
                                               .component = component,
                                               .value = base->digest,
                                               .role = base->role,
                                               .place = spec->pin_from.place,
                                               .base = base };
}

static int compare_wants(const void *a, const void *b)
{
        return strcmp(((const Want *)a)->component->object.meta.name,
                      ((const Want *)b)->component->object.meta.name);
}

/* Adds the components of a release that lists all of them. */
static void add_items(Lookup *lookup, Wants *ret)
{
        const ReleaseItems *items = &lookup->spec->components;

        for (size_t i = 0; i < items->n; i++) {
                const ComponentSpec *component = find_component(lookup, items->items[i].name);

                if (component) /* names are unique: check_object() ensures this */
                        add_want(lookup, component, ret);
        }
        if (ret->n > 1)
                qsort(ret->items, ret->n, sizeof(*ret->items), compare_wants);
}

static int check_wants(const Lookup *lookup, Error *err)
{
        const ReleaseSpec *spec = lookup->spec;
        const ReleaseComponents *base = lookup->input->base;

        for (size_t i = 0; i < spec->components.n; i++)
                if (!find_component(lookup, spec->components.items[i].name))
                        return error_set(err, ERROR_INVALID, -ENOENT, "there is no component '%s'",
                                         spec->components.items[i].name);
        for (size_t i = 0; base && i < base->n; i++)
                if (map_has(&lookup->bases, base->items[i].component_id) &&
                    !map_has(&lookup->items, base->items[i].component_name))
                        return error_set(err, ERROR_INVALID, -ENOENT,
                                         "environment '%s' runs component '%s', which no spec "
                                         "declares any more",
                                         spec->pin_from.environment, base->items[i].component_name);
        return 0;
}

int release_wants(const ReleaseSpec *spec, const WantsInput *input, Arena *arena, Wants *ret,
                  Error *err)
{
        _cleanup_(lookup_done) Lookup lookup = { .spec = spec, .input = input };
        const char *tenant = spec->object.meta.tenant;
        size_t first = find_place(input, tenant, ""), end = first;
        bool named = !wants_all(spec) && !input->base;

        if (lookup_init(&lookup) < 0)
                return error_oom(err);
        while (!named && end < input->n_components &&
               streq(input->components[end]->object.meta.tenant, tenant))
                end++;
        ret->n = 0;
        ret->items = arena_alloc_array(arena, named ? spec->components.n : end - first,
                                       sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        if (named)
                add_items(&lookup, ret);
        for (size_t i = first; i < end; i++)
                add_want(&lookup, input->components[i], ret);
        return check_wants(&lookup, err);
}

/* --- picks ------------------------------------------------------------------------------------ */

static int reason(Picked *picked, const char *text)
{
        picked->reason = text;
        return text ? 0 : -ENOMEM;
}

static int pick_head(const Want *want, const WantKnown *known, Arena *arena, Picked *ret)
{
        _cleanup_(error_done) Error error = { 0 };

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
        if (channel_name_check(want->component, known->channels, want->value, &error) < 0)
                return reason(ret, arena_strdup(arena, error_message(&error)));
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

/* Build metadata has no order, so several tags may have the same version. Picks the tag with the
 * requested build metadata, or else the first. */
static int pick_exact(const Want *want, const Version *wanted, const WantKnown *known, Arena *arena,
                      Picked *ret)
{
        const VersionMap *first = NULL, *same = NULL;

        for (size_t i = 0; i < known->versions->n && !same; i++) {
                const VersionMap *version = &known->versions->items[i];

                if (sort_key_compare(version->sort_key, wanted->sort_key) != 0)
                        continue;
                if (!first)
                        first = version;
                if (!wanted->build_metadata ||
                    str_equal(version->build_metadata, wanted->build_metadata))
                        same = version;
        }
        if (first) {
                *ret = picked_of(same ? same : first);
                return 0;
        }
        return reason(ret, arena_printf(arena,
                                        "component '%s' has no version %s; it has %zu other%s: "
                                        "relmanctl get versions %s",
                                        want->component->object.meta.name, wanted->text,
                                        known->versions->n, text_plural(known->versions->n),
                                        want->component->object.meta.name));
}

/* Finds a version by its tag. Tag and version can differ, because a rule may extract the version
 * from the tag. */
static const VersionMap *find_tagged(const Want *want, const WantKnown *known)
{
        for (size_t i = 0; i < known->versions->n; i++)
                if (streq(known->versions->items[i].tag, want->value))
                        return &known->versions->items[i];
        return NULL;
}

static int pick_range(const Want *want, const Range *range, const WantKnown *known, Arena *arena,
                      Picked *ret)
{
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

/* Picks the version that the text requests. Under semver a partial version ("2.3") is a range.
 * Under the other strategies the text is one version if it is valid, otherwise a range. */
static int pick_version(const Want *want, const WantKnown *known, Arena *arena, Picked *ret)
{
        _cleanup_(error_done) Error error = { 0 };
        const VersionMap *tagged;
        VersionWish wish = { 0 };
        int r;

        r = version_wish_parse(&want->component->versioning_strategy, want->value, arena, &wish,
                               &error);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                (void)reason(ret, arena_printf(arena, "component '%s': %s",
                                               want->component->object.meta.name,
                                               error_message(&error)));
        else if (wish.range)
                r = pick_range(want, wish.range, known, arena, ret);
        else
                r = pick_exact(want, &wish.version, known, arena, ret);
        tagged = ret->digest ? NULL : find_tagged(want, known);
        if (tagged)
                *ret = picked_of(tagged);
        else if (!ret->digest && !ret->reason)
                return -ENOMEM;
        return 0;
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

/* Returns the head with this digest; NULL if the digest is no head. If it is the head of several
 * channels, returns the head whose version comes first in the order of the version map. */
static const Channel *find_head(const Channels *channels, const char *digest)
{
        const Channel *best = NULL;

        for (size_t i = 0; channels && i < channels->n; i++) {
                const Channel *head = &channels->items[i];
                int c = 1;

                if (!streq(head->digest, digest))
                        continue;
                if (best && head->specificity != best->specificity)
                        c = head->specificity > best->specificity ? 1 : -1;
                else if (best)
                        c = sort_key_compare(head->sort_key, best->sort_key);
                if (c > 0)
                        best = head;
        }
        return best;
}

static Picked pick_digest(const Want *want, const WantKnown *known)
{
        const Channel *head = find_head(known->channels, want->value);
        Picked picked = { 0 };

        if (want->base)
                picked = (Picked){ .tag = want->base->tag,
                                   .semver = want->base->semver,
                                   .channel = want->base->channel };
        else if (head)
                picked =
                        (Picked){ .tag = head->tag, .semver = head->semver, .channel = head->name };
        else if (known->versions->n > 0)
                picked = picked_of(&known->versions->items[0]);
        picked.digest = want->value;
        return picked;
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
        case WANT_DIGEST: *ret = pick_digest(want, &all); return 0;
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
