/* Predicts the heads and versions of a component whose rules a tree changes. */

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/sort.h"
#include "base/vec.h"
#include "plan/stored-tags.h"
#include "preview/preview-internal.h"
#include "verify/policy.h"

typedef enum HeadsStage {
        HEADS_CLASSIFY, /* apply the new rules to the known tags */
        HEADS_EVALUATE, /* evaluate the known digests and manifests */
        HEADS_SORT,     /* sort the versions */
        HEADS_SURVEY,   /* find the newest version of each channel */
        HEADS_MOVE,
        HEADS_END,
} HeadsStage;

/* The state of applying new rules to a component. */
struct PreviewHeads {
        HeadsStage stage;
        StoredTags stored;
        Sorting newest; /* of TagState */
        TagSurvey survey;
        char signature_policy[DIGEST_SIZE_MAX];
};

void preview_heads_done(Previewer *previewer)
{
        struct PreviewHeads *heads = previewer->heads;

        if (!heads)
                return;
        stored_tags_done(&heads->stored);
        sorting_done(&heads->newest);
        tag_survey_done(&heads->survey);
        free(heads);
        previewer->heads = NULL;
}

size_t preview_heads_memory(const Previewer *previewer)
{
        const struct PreviewHeads *heads = previewer->heads;

        return heads ? sizeof(*heads) + stored_tags_memory(&heads->stored) +
                               heads->newest.n * 2 * sizeof(void *)
                     : 0;
}

static int begin(Previewer *previewer, PreviewComponent *component, Error *err)
{
        struct PreviewHeads *heads = calloc(1, sizeof(*heads));
        int r;

        if (!heads)
                return error_oom(err);
        previewer->heads = heads;
        heads->stored = (StoredTags){ .store = previewer->control->store,
                                      .spec = component->spec,
                                      .registry = model_component_registry(previewer->model,
                                                                           component->spec),
                                      .arena = previewer->arena,
                                      .signature_policy = heads->signature_policy };
        verify_policy_digest(component->spec,
                             component_verify(component->spec, heads->stored.registry),
                             heads->signature_policy);
        r = stored_tags_begin(&heads->stored, err);
        component->has_channels = true;
        component->channels = heads->stored.channels;
        return r;
}

/* --- evaluation ------------------------------------------------------------------------------- */

static int evaluate(Previewer *previewer, Error *err)
{
        struct PreviewHeads *heads = previewer->heads;
        const TagSet *tags = &heads->stored.tags;
        size_t n = 0;
        int r;

        r = stored_tags_judge(&heads->stored, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < tags->n; i++)
                n += tag_state_is_candidate(&tags->items[i]);
        if (sorting_init(&heads->newest, n) < 0)
                return error_oom(err);
        n = 0;
        for (size_t i = 0; i < tags->n; i++)
                if (tag_state_is_candidate(&tags->items[i]))
                        heads->newest.items[n++] = &tags->items[i];
        return 0;
}

/* Orders the newest version first, as the database does. */
static int compare_newest(const void *a, const void *b)
{
        return -tag_state_compare(a, b);
}

/* --- new versions and heads ------------------------------------------------------------------- */

static int take_versions(Previewer *previewer, PreviewComponent *component)
{
        const Sorting *newest = &previewer->heads->newest;
        VersionMaps *versions = &component->versions;

        versions->n = 0;
        versions->items = arena_alloc_array(previewer->arena, newest->n + 1, sizeof(VersionMap));
        if (!versions->items)
                return -ENOMEM;
        for (size_t i = 0; i < newest->n; i++)
                versions->items[versions->n++] =
                        version_map_of(newest->items[i], component->spec->object.id.text);
        return 0;
}

static int add_head(Previewer *previewer, const PreviewComponent *component, const HeadMove *move)
{
        Preview *preview = previewer->preview;

        if (vec_reserve(&preview->heads, &previewer->heads_capacity, preview->n_heads + 1,
                        sizeof(*preview->heads)) < 0)
                return -ENOMEM;
        preview->heads[preview->n_heads++] =
                (PreviewHead){ .tenant = component->spec->object.meta.tenant,
                               .component = component->spec->object.meta.name,
                               .component_id = component->spec->object.id.text,
                               .default_channel = component->spec->default_channel,
                               .channel = move->channel,
                               .from = move->from ? move->from->tag : NULL,
                               .from_digest = move->from ? move->from->digest : NULL,
                               .to = move->to ? move->to->tag : NULL,
                               .to_digest = move->to ? move->to->digest : NULL };
        return 0;
}

/* Applies the planned moves to the heads. */
static int move_heads(Previewer *previewer, PreviewComponent *component, const HeadPlan *plan)
{
        Channels after = { 0 };

        after.items = arena_alloc_array(previewer->arena, component->channels.n + plan->n_moves + 1,
                                        sizeof(Channel));
        if (!after.items)
                return -ENOMEM;
        for (size_t i = 0; i < component->channels.n; i++) {
                bool moved = false;

                for (size_t j = 0; j < plan->n_moves; j++)
                        moved = moved ||
                                streq(plan->moves[j].channel, component->channels.items[i].name);
                if (!moved)
                        after.items[after.n++] = component->channels.items[i];
        }
        component->first_head = previewer->preview->n_heads;
        component->n_heads = plan->n_moves;
        for (size_t j = 0; j < plan->n_moves; j++) {
                const TagState *to = plan->moves[j].to;

                if (add_head(previewer, component, &plan->moves[j]) < 0)
                        return -ENOMEM;
                if (to)
                        after.items[after.n++] = (Channel){ .name = plan->moves[j].channel,
                                                            .tag = to->tag,
                                                            .digest = to->digest,
                                                            .semver = to->version };
        }
        component->channels = after;
        return 0;
}

/* Records that the rules take too long, so that the component would keep its versions and heads. */
static int note_too_slow(Previewer *previewer, const PreviewComponent *component, Error *err)
{
        PreviewObject *object = preview_object(previewer, &component->spec->object);

        if (!object)
                return 0;
        object->message = arena_printf(previewer->arena,
                                       "%s; until then nothing that is known of this component "
                                       "would change",
                                       previewer->heads->stored.tags.gave_up);
        return object->message ? 0 : error_oom(err);
}

static int finish(Previewer *previewer, PreviewComponent *component, Error *err)
{
        HeadPlan plan;

        if (plan_heads(&previewer->heads->stored.tags, &component->channels,
                       component->spec->allow_downgrade, &previewer->heads->survey,
                       previewer->arena, &plan) < 0 ||
            take_versions(previewer, component) < 0 || move_heads(previewer, component, &plan) < 0)
                return error_oom(err);
        component->replanned = true;
        return 0;
}

/* --- all -------------------------------------------------------------------------------------- */

static int run_stage(Previewer *previewer, PreviewComponent *component, usec_t until, Error *err)
{
        struct PreviewHeads *heads = previewer->heads;
        int r;

        switch (heads->stage) {
        case HEADS_CLASSIFY:
                r = stored_tags_step(&heads->stored, until, err);
                if (r != 0 || !heads->stored.tags.gave_up)
                        return r;
                heads->stage = HEADS_MOVE; /* skip to the last stage */
                return note_too_slow(previewer, component, err);
        case HEADS_EVALUATE: return evaluate(previewer, err);
        case HEADS_SORT: return sorting_step(&heads->newest, compare_newest, until);
        case HEADS_SURVEY:
                r = tag_survey_step(&heads->survey, &heads->stored.tags, until);
                return r < 0 ? error_oom(err) : r;
        case HEADS_MOVE: return finish(previewer, component, err);
        case HEADS_END: break;
        }
        return 0;
}

static int replan(Previewer *previewer, PreviewComponent *component, usec_t until, Error *err)
{
        int r;

        if (!previewer->heads) {
                r = begin(previewer, component, err);
                if (r < 0)
                        return r;
        }
        while (previewer->heads->stage < HEADS_END) {
                r = run_stage(previewer, component, until, err);
                if (r != 0)
                        return r;
                previewer->heads->stage++;
                if (time_monotonic() >= until)
                        return 1;
        }
        preview_heads_done(previewer);
        return 0;
}

int preview_heads(Previewer *previewer, usec_t until, Error *err)
{
        while (previewer->at < previewer->model->components.n) {
                PreviewComponent *component = &previewer->all[previewer->at];
                int r = component->is_changed ? replan(previewer, component, until, err) : 0;

                if (r != 0)
                        return r;
                previewer->at++;
                if (time_monotonic() >= until)
                        return 1;
        }
        return 0;
}
