/* The heads and versions of a component by rules that a tree changes. The rules are applied in
 * slices of the loop. */

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "plan/evaluate.h"
#include "plan/tag-load.h"
#include "preview/preview-internal.h"

/* A component whose rules are being applied. */
struct PreviewHeads {
        VersionPolicy *policy;
        TagSet tags;
        TagSetInput input;
        Assignments assigned;
};

void preview_heads_done(Previewer *previewer)
{
        struct PreviewHeads *heads = previewer->heads;

        if (!heads)
                return;
        tag_set_done(&heads->tags);
        version_policy_free(heads->policy);
        free(heads);
        previewer->heads = NULL;
}

/* The tags as they are known. */
static int begin(Previewer *previewer, PreviewComponent *component, Error *err)
{
        Store *store = previewer->control->store;
        const char *id = component->spec->object.id.text;
        struct PreviewHeads *heads = calloc(1, sizeof(*heads));
        int r;

        if (!heads)
                return error_oom(err);
        previewer->heads = heads;
        heads->input = (TagSetInput){ .max = PREVIEW_TAGS_MAX,
                                      .assigned = &heads->assigned,
                                      .now = time_wall() };
        r = store_channels(store, id, previewer->arena, &component->channels, err);
        if (r >= 0)
                r = version_policy_new(component->spec, &heads->policy, err);
        if (r >= 0)
                r = store_assignments(store, id, previewer->arena, &heads->assigned, err);
        if (r >= 0)
                r = tag_set_begin(&heads->tags, &heads->input, heads->policy, err);
        if (r >= 0)
                r = tag_set_load(&heads->tags, &heads->input, (TagSource){ store, id },
                                 USEC_INFINITY, previewer->arena, err);
        return r < 0 ? r : tag_set_add_listed(&heads->tags, &heads->input, USEC_INFINITY, err);
}

/* What digests and manifests say against tags, as far as they are known. */
static int judge(Previewer *previewer, const PreviewComponent *component, Error *err)
{
        struct PreviewHeads *heads = previewer->heads;
        _cleanup_(map_done) Map manifests = { 0 };
        Manifests known = { 0 };
        JudgeInput input = { .spec = component->spec,
                             .policy = heads->policy,
                             .manifests = &manifests,
                             .channels = &component->channels,
                             .now = time_wall() };
        int r;

        r = store_manifests(previewer->control->store, component->spec->object.id.text,
                            previewer->arena, &known, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < known.n; i++)
                if (map_put(&manifests, known.items[i].digest, &known.items[i], NULL) < 0)
                        return error_oom(err);
        return judge_tags(&heads->tags, &input, previewer->arena) < 0 ? error_oom(err) : 0;
}

/* Newest first, as the database gives them. */
static int compare_versions(const void *a, const void *b)
{
        return -version_map_compare(a, b);
}

static int take_versions(Previewer *previewer, PreviewComponent *component, const TagSet *tags)
{
        VersionMaps *versions = &component->versions;

        versions->n = 0;
        versions->items = arena_alloc_array(previewer->arena, tags->n + 1, sizeof(VersionMap));
        if (!versions->items)
                return -ENOMEM;
        for (size_t i = 0; i < tags->n; i++)
                if (tag_state_is_candidate(&tags->items[i]))
                        versions->items[versions->n++] =
                                version_map_of(&tags->items[i], component->spec->object.id.text);
        if (versions->n > 1)
                qsort(versions->items, versions->n, sizeof(VersionMap), compare_versions);
        return 0;
}

static void tell_head(Previewer *previewer, const PreviewComponent *component, const HeadMove *move)
{
        Preview *preview = previewer->preview;

        preview->heads[preview->n_heads++] =
                (PreviewHead){ .tenant = component->spec->object.meta.tenant,
                               .component = component->spec->object.meta.name,
                               .channel = move->channel,
                               .from = move->from ? move->from->tag : NULL,
                               .from_digest = move->from ? move->from->digest : NULL,
                               .to = move->to ? move->to->tag : NULL,
                               .to_digest = move->to ? move->to->digest : NULL };
}

/* The heads once those moves are made. */
static int move_heads(Previewer *previewer, PreviewComponent *component, const HeadPlan *plan)
{
        Preview *preview = previewer->preview;
        Channels after = { 0 };
        PreviewHead *heads;

        after.items = arena_alloc_array(previewer->arena, component->channels.n + plan->n_moves + 1,
                                        sizeof(Channel));
        heads = arena_alloc_array(previewer->arena, preview->n_heads + plan->n_moves + 1,
                                  sizeof(*heads));
        if (!after.items || !heads)
                return -ENOMEM;
        if (preview->n_heads > 0)
                memcpy(heads, preview->heads, preview->n_heads * sizeof(*heads));
        preview->heads = heads;
        for (size_t i = 0; i < component->channels.n; i++) {
                bool moved = false;

                for (size_t j = 0; j < plan->n_moves; j++)
                        moved = moved ||
                                streq(plan->moves[j].channel, component->channels.items[i].name);
                if (!moved)
                        after.items[after.n++] = component->channels.items[i];
        }
        for (size_t j = 0; j < plan->n_moves; j++) {
                const TagState *to = plan->moves[j].to;

                tell_head(previewer, component, &plan->moves[j]);
                if (to)
                        after.items[after.n++] = (Channel){ .name = plan->moves[j].channel,
                                                            .tag = to->tag,
                                                            .digest = to->digest,
                                                            .semver = to->version };
        }
        component->channels = after;
        return 0;
}

/* The component would keep what it has. */
static int tell_too_slow(Previewer *previewer, const PreviewComponent *component, Error *err)
{
        const Object *of = &component->spec->object;

        for (size_t i = 0; i < previewer->preview->n_objects; i++) {
                PreviewObject *object = &previewer->preview->objects[i];

                if (object->kind != KIND_COMPONENT || !streq(object->name, of->meta.name) ||
                    !streq(object->tenant, of->meta.tenant))
                        continue;
                object->message = arena_printf(previewer->arena,
                                               "%s; until then nothing that is known of this "
                                               "component would change",
                                               previewer->heads->tags.gave_up);
                return object->message ? 0 : error_oom(err);
        }
        return 0;
}

static int finish(Previewer *previewer, PreviewComponent *component, Error *err)
{
        const TagSet *tags = &previewer->heads->tags;
        HeadPlan plan;
        int r;

        if (tags->gave_up)
                return tell_too_slow(previewer, component, err);
        r = judge(previewer, component, err);
        if (r >= 0)
                r = plan_heads(tags, &component->channels, component->spec->allow_downgrade,
                               previewer->arena, &plan, err);
        if (r < 0)
                return r;
        if (take_versions(previewer, component, tags) < 0 ||
            move_heads(previewer, component, &plan) < 0)
                return error_oom(err);
        component->replanned = component->known = true;
        return 0;
}

int preview_heads(Previewer *previewer, PreviewComponent *component, usec_t until, Error *err)
{
        struct PreviewHeads *heads;
        int r;

        if (!previewer->heads) {
                r = begin(previewer, component, err);
                if (r < 0)
                        return r;
        }
        heads = previewer->heads;
        r = tag_set_classify(&heads->tags, &heads->input, heads->policy, until, previewer->arena,
                             err);
        if (r != 0)
                return r;
        r = finish(previewer, component, err);
        preview_heads_done(previewer);
        return r;
}

int preview_know(Previewer *previewer, PreviewComponent *component, Error *err)
{
        Store *store = previewer->control->store;
        const VersionFilter all = { 0 };
        const char *id = component->spec->object.id.text;
        int r;

        if (component->known)
                return 0;
        component->known = true;
        r = store_channels(store, id, previewer->arena, &component->channels, err);
        return r < 0 ? r
                     : store_versions(store, id, &all, previewer->arena, &component->versions, err);
}
