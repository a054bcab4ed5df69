/* Adopts the components of a newly loaded model. A component whose document did not change keeps
 * its state, and its poll continues. */

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "model/image/image.h"
#include "release/tag-guard.h"
#include "sync/state.h"

static void stop_waiting(ComponentState *component)
{
        ComponentState **at = &component->registry->waiting_first, *last = NULL;

        if (!component->waiting)
                return;
        for (; *at != component; at = &(*at)->waiting_next)
                last = *at;
        *at = component->waiting_next;
        if (component->registry->waiting_last == component)
                component->registry->waiting_last = last;
        component->waiting = false;
        component->waiting_next = NULL;
}

static void forget_spec(ComponentState *component)
{
        static const Error changed = {
                .kind = ERROR_CONFLICT,
                .code = -ECANCELED,
                .message = (char *)(uintptr_t) "the component's document has changed; ask again"
        };

        assignings_fail(component, &changed);
        sync_waiters_tell(component, &changed);
        sync_waiters_tell(component, &changed); /* this also ends waiters of a later sync */
        if (component->registry)
                stop_waiting(component);
        schedule_leave(component);
        schedule_leave_turn(component);
        schedule_leave_background(component);
        if (component->in_background)
                sync_cut(component);
        component->sync = sync_free(component->sync);
        component->policy = version_policy_free(component->policy);
        sync_flips_clear(component);
        arena_clear(&component->arena);
}

static ComponentState *component_state_free(ComponentState *component)
{
        if (!component)
                return NULL;
        forget_spec(component);
        component->poller->has_index = false;
        queue_remove(component->poller->control->queue, KEY_COMPONENT, component->id.text);
        arena_done(&component->arena);
        component->kept = model_unref(component->kept);
        free(component);
        return NULL;
}
DEFINE_FREEP(ComponentState, component_state_free)

/* Sets rules_changed if spec has other rules, or another repository, than those of the stored
 * versions. */
static void note_rules(ComponentState *component, const ComponentSpec *spec)
{
        if (!component->spec)
                return; /* the first sync compares the rules with those in the database */
        if (!version_policy_is_same(component->spec, spec))
                component->rules_changed = true;
        if (!streq(component->spec->image_repository, spec->image_repository))
                component->rules_changed = component->force_refresh = true;
}

bool poller_component(const Poller *poller, const char *id, Component *ret)
{
        ComponentState *component = map_get(&poller->components, id);

        if (!component)
                return false;
        *ret = (Component){
                .id = component->id.text,
                .spec = component->spec,
                .repository = component->repository,
                .client = component->registry->client,
                .registry_key = component->registry->key,
                .policy = &component->policy,
                .attempted_at = component->attempted_at,
                .n_failures = component->n_failures,
                .succeeded_at = component->succeeded_at > 0 ? component->succeeded_at
                                                            : component->state.synced_at,
                .versions_are_old = component->rules_changed && !component->spec->suspend,
                .versions_are_pending = component->n_pending > 0 && !component->spec->suspend,
        };
        return true;
}

/* Returns how many versions of a channel are resolved; 0: all. The setting of the component has
 * priority over that of its registry. */
static int64_t resolve_newest(const Model *model, const ComponentSpec *spec)
{
        const RegistrySpec *registry = model_component_registry(model, spec);

        if (spec->resolve.all || spec->resolve.newest > 0)
                return spec->resolve.newest;
        return registry ? registry->resolve.newest : 0;
}

/* Makes a new or changed document active. */
static int take_spec(ComponentState *component, const Model *model, const ComponentSpec *spec,
                     Error *err)
{
        ImageReference image;
        RegistryState *registry = NULL;
        bool is_mutable;
        int r;

        forget_spec(component);
        component->poller->has_index = false;
        r = image_parse(spec->image_repository, &component->arena, &image, err);
        if (r < 0)
                return r;
        r = registry_state_find(component->poller, model, spec, image.host, &registry, err);
        if (r < 0)
                return r;
        is_mutable = component_tags_are_mutable(spec, model_component_registry(model, spec));
        if (component->spec && component->tags_are_mutable != is_mutable)
                component->rules_changed = true;
        component->tags_are_mutable = is_mutable;
        note_rules(component, spec);
        component->spec = spec;
        component->kept = model_unref(component->kept);
        component->id = spec->object.id;
        component->subject = subject_of(&spec->object);
        component->repository = image.repository;
        component->registry = registry;
        component->resolve_newest = resolve_newest(model, spec);
        component->n_failures = 0;
        component->attempted_at = 0; /* drafts and streams wait for a sync by this document */
        return 0;
}

static int component_state_new(Poller *poller, const Model *model, const ComponentSpec *spec,
                               ComponentState **ret, Error *err)
{
        _cleanup_(component_state_freep) ComponentState *component = calloc(1, sizeof(*component));
        int r;

        if (!component)
                return error_oom(err);
        component->poller = poller;
        arena_init(&component->arena, 64 * 1024);
        r = take_spec(component, model, spec, err);
        if (r < 0)
                return r;
        r = map_put(&poller->components, component->id.text, component, NULL);
        if (r < 0)
                return error_oom(err);
        *ret = TAKE(component);
        return 0;
}

/* Makes the component use another copy of the same document. */
static void use_copy(ComponentState *component, const ComponentSpec *spec)
{
        component->policy = version_policy_free(component->policy);
        component->spec = spec;
        component->subject = subject_of(&spec->object);
        component->kept = model_unref(component->kept);
}

/* Keeps the state of a component whose document did not change. A poll or an assignment in progress
 * points into the old copy of the document, so that copy is kept until the work ends. Returns false
 * if the document changed. */
static bool take_same_spec(ComponentState *component, const ComponentSpec *spec)
{
        if (!streq(component->spec->object.digest, spec->object.digest))
                return false;
        if (component->in_background)
                sync_yield(component); /* the next pass continues with the new copy */
        if (!component->sync && !component->assigning)
                use_copy(component, spec);
        else if (!component->kept)
                component->kept = model_ref(component->poller->control->model);
        return true;
}

void component_state_renew(ComponentState *component)
{
        const Model *model = component->poller->control->model;
        const Object *object;

        if (!component->kept || component->sync || component->assigning)
                return;
        object = map_get(&model->by_id, component->id.text);
        if (object)
                use_copy(component, (const ComponentSpec *)object); /* object is its first member */
}

/* True if both models have the same registries. Then each component has the same registry, too. */
static bool registries_are_same(const Model *before, const Model *model)
{
        const RegistrySpecs *a = &before->registries, *b = &model->registries;

        if (a->n != b->n)
                return false;
        for (size_t i = 0; i < a->n; i++)
                if (!streq(a->items[i]->object.id.text, b->items[i]->object.id.text) ||
                    !streq(a->items[i]->object.digest, b->items[i]->object.digest))
                        return false;
        return true;
}

/* True if the component has another Registry now, or its Registry has other settings. */
static bool registry_changed(const Model *model, const ComponentState *component)
{
        const RegistrySpec *registry = model_component_registry(model, component->spec);
        const RegistryState *before = component->registry;

        if (!registry)
                return before->declared;
        return !before->declared || !streq(registry->object.id.text, before->id.text) ||
               !streq(registry->object.digest, before->digest);
}

/* The state of poller_adopt(). */
typedef struct Adoption {
        Poller *poller;
        const Model *model;
        bool same_registries; /* both models have the same registries */
        Map tenants;          /* tenants that have a changed component */
        Arena arena; /* memory of the names of tenants, since models may be freed meanwhile */
} Adoption;

/* Makes keys due that depend on the component by name. Keys that depend on any component of the
 * tenant follow at the end, once for each tenant. */
static void adoption_changed(Adoption *adoption, const ComponentSpec *spec, const char *cause)
{
        const Control *control = adoption->poller->control;
        const char *tenant = spec->object.meta.tenant, *name;

        control_named_component_changed(control, spec, cause);
        if (map_has(&adoption->tenants, tenant))
                return;
        name = arena_strdup(&adoption->arena, tenant);
        if (!name || map_put(&adoption->tenants, name, adoption, NULL) < 0)
                control_any_component_changed(control, tenant, cause);
}

static void adoption_done(Adoption *adoption)
{
        map_foreach (&adoption->tenants, entry)
                control_any_component_changed(adoption->poller->control, entry->key,
                                              "components changed");
        map_done(&adoption->tenants);
        arena_done(&adoption->arena);
}

static int adopt_component(Adoption *adoption, const ComponentSpec *spec, Error *err)
{
        Poller *poller = adoption->poller;
        const Model *model = adoption->model;
        ComponentState *component = map_get(&poller->components, spec->object.id.text);
        int r;

        if (component && (adoption->same_registries || !registry_changed(model, component)) &&
            (component->spec == spec || take_same_spec(component, spec)))
                return 0;
        if (component)
                r = take_spec(component, model, spec, err);
        else
                r = component_state_new(poller, model, spec, &component, err);
        if (r < 0)
                return r;
        component_state_due(component, 0);
        adoption_changed(adoption, spec, "a component of it changed");
        return 0;
}

/* Frees the state of a component that is not polled any more. Its dependents become due, because
 * they may wait for a poll. The pass of a deleted component is canceled: its rows are deleted, so
 * it could not store answers. */
static ComponentState *component_state_gone(Adoption *adoption, ComponentState *component,
                                            bool is_deleted)
{
        if (component && is_deleted)
                component->sync = sync_free(component->sync);
        if (component) {
                adoption_changed(adoption, component->spec,
                                 "a component of it is not served any more");
                control_changed(adoption->poller->control, component->id.text,
                                "it is not served any more");
        }
        return component_state_free(component);
}

/* Reports that a component cannot be polled. The next successful sync removes the condition. */
static void unusable_component(Poller *poller, const ComponentSpec *spec, const Error *error,
                               Changes *changes)
{
        poller->n_unusable++;
        log_error("component '%s': %s", spec->object.meta.name, error_message(error));
        report_condition(
                changes, subject_of(&spec->object),
                (Told){ CONDITION_READY, CONDITION_FALSE, report_reason(error->kind), time_wall() },
                "%s", error_message(error));
        if (error->kind == ERROR_INTERNAL)
                poller->control->calls->load_later(poller->control->userdata);
}

/* Adopts each component. Reports a component that cannot be polled, and continues with the others.
 */
static void adopt_components(Adoption *adoption)
{
        Poller *poller = adoption->poller;
        const Model *model = adoption->model;
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error failed = { 0 };

        changes_init(&changes);
        poller->n_unusable = 0;
        for (size_t i = 0; i < model->components.n; i++) {
                const ComponentSpec *spec = model->components.items[i];
                _cleanup_(error_done) Error error = { 0 };
                ComponentState *component;

                if (adopt_component(adoption, spec, &error) >= 0)
                        continue;
                unusable_component(poller, spec, &error, &changes);
                component = map_remove(&poller->components, spec->object.id.text);
                component_state_gone(adoption, component, false);
        }
        if (poller->n_unusable > 0 && control_apply(poller->control, &changes, &failed) < 0)
                control_adopt_later(poller->control, "conditions of components",
                                    error_message(&failed));
}

/* True if the new model lacks a component of the old one. Components with a state are in the old
 * model. */
static bool lacks_component(const Model *before, const Model *model)
{
        const ComponentSpecs *old = &before->components, *after = &model->components;
        size_t j = 0;

        for (size_t i = 0; i < old->n; i++) {
                const Object *object = &old->items[i]->object, *found = NULL;

                while (j < after->n && !found) {
                        const Object *next = &after->items[j++]->object;

                        if (next == object || object_compare(next, object) >= 0)
                                found = next;
                }
                /* a component of another id is another one, although it has the name */
                if (!found || !streq(found->id.text, object->id.text))
                        return true;
        }
        return false;
}

/* Drops the components that the model no longer has. */
static void drop_components(Adoption *adoption)
{
        Poller *poller = adoption->poller;

        map_foreach (&poller->components, entry) {
                ComponentState *gone = entry->value;

                if (map_has(&adoption->model->by_id, entry->key))
                        continue;
                (void)map_remove(&poller->components, gone->id.text);
                component_state_gone(adoption, gone, true);
        }
}

/* --- the poller ------------------------------------------------------------------------------- */

void poller_init(Poller *poller, const Control *control)
{
        *poller = (Poller){ .control = control };
        poller->large_turns.max = 1;
        poller->shares.max = SYNC_TOGETHER;
        arena_init(&poller->index_arena, POLL_INDEX_ARENA_MAX);
}

void poller_adopt(Poller *poller, const Model *model)
{
        const Model *before = poller->control->model;
        Adoption adoption = { .poller = poller,
                              .model = model,
                              .same_registries = before && registries_are_same(before, model) };

        arena_init(&adoption.arena, CHANGES_MAX);
        if (!before || lacks_component(before, model))
                drop_components(&adoption);
        adopt_components(&adoption);
        adoption_done(&adoption);
        registry_states_sweep(poller);
        schedule_let_in(poller);
        if (poll_index_make(poller) < 0)
                control_adopt_later(poller->control, "hooks", "out of memory");
}

void poller_done(Poller *poller)
{
        map_foreach (&poller->components, entry)
                component_state_free(entry->value);
        sd_event_source_disable_unref(poller->shares_timer);
        map_done(&poller->components);
        map_done(&poller->by_repository);
        arena_done(&poller->index_arena);
        registry_states_drop(poller);
}

void poller_evaluate_again(Poller *poller, const char *component_id)
{
        ComponentState *component = map_get(&poller->components, component_id);

        if (!component)
                return;
        component->rules_changed = true;
        component_state_due(component, 0);
}

bool poller_is_idle(const Poller *poller)
{
        map_foreach (&poller->components, entry) {
                const ComponentState *component = entry->value;

                if (component->sync || component->waiting || component->turn.waiting ||
                    component->share.waiting || component->background.waiting)
                        return false;
        }
        return true;
}
