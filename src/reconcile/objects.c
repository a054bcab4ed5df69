/* The states of components, registries and drafts, brought in line with a newly loaded model. What
 * did not change keeps its state and whatever is under way. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "compose/drafts.h"
#include "compose/streams.h"
#include "deploy/environments.h"
#include "model/image.h"
#include "reconcile/internal.h"
#include "release/compose.h"
#include "release/status.h"
#include "store/events.h"

#define SYNCS_PER_REGISTRY 64

/* --- registries ------------------------------------------------------------------------------- */

static RegistryState *registry_state_free(RegistryState *state)
{
        if (!state)
                return NULL;
        registry_free(state->client);
        free(state->key);
        free(state);
        return NULL;
}
DEFINE_FREEP(RegistryState, registry_state_free)

/* Whether the registry was told to be unreachable before we started. */
static int recall_unreachable(Reconciler *reconciler, RegistryState *state, Error *err)
{
        _cleanup_(arena_done) Arena arena = { 0 };
        Conditions conditions;
        int r;

        if (!state->declared)
                return 0;
        arena_init(&arena, 1024 * 1024);
        r = store_conditions(reconciler->store, KIND_REGISTRY, state->id.text, &arena, &conditions,
                             err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < conditions.n; i++)
                if (conditions.items[i].type == CONDITION_READY)
                        state->unreachable = conditions.items[i].status == CONDITION_FALSE;
        return 0;
}

static int registry_state_new(Reconciler *reconciler, const char *key, const RegistrySpec *spec,
                              const char *host, RegistryState **ret, Error *err)
{
        _cleanup_(registry_state_freep) RegistryState *state = calloc(1, sizeof(*state));
        int r;

        if (!state)
                return error_oom(err);
        state->key = strdup(key);
        if (!state->key)
                return error_oom(err);
        state->max_syncs = SYNCS_PER_REGISTRY;
        if (spec) {
                state->declared = true;
                state->id = spec->object.id;
                memcpy(state->digest, spec->object.digest, sizeof(state->digest));
        }
        r = spec ? grants_check(reconciler->options.grants, spec, err) : 0;
        if (r >= 0)
                r = registry_new(reconciler->http, spec, host, reconciler->options.credentials,
                                 &state->client, err);
        if (r < 0)
                return r;
        r = recall_unreachable(reconciler, state, err);
        if (r < 0)
                return r;
        r = map_put(&reconciler->registries, state->key, state, NULL);
        if (r < 0)
                return error_oom(err);
        *ret = TAKE(state);
        return 0;
}

/* The key tells a changed Registry from the one before: a client is made for one document. */
static int find_registry(Reconciler *reconciler, const Model *model, const ComponentSpec *spec,
                         const char *host, RegistryState **ret, Error *err)
{
        const RegistrySpec *registry = model_component_registry(model, spec);
        char key[REPOSITORY_MAX + NAME_MAX_ + 2];
        RegistryState *state;

        /* its file may be broken from the first load on: then it must not be asked without its
         * settings */
        if (spec->registry && !registry)
                return error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no valid Registry '%s'",
                                 spec->registry);
        if (registry)
                (void)snprintf(key, sizeof(key), "%s %s", registry->object.id.text,
                               registry->object.digest);
        else
                (void)snprintf(key, sizeof(key), "%s %s", spec->object.meta.tenant, host);
        state = map_get(&reconciler->registries, key);
        if (state) {
                *ret = state;
                return 0;
        }
        return registry_state_new(reconciler, key, registry, host, ret, err);
}

static void sweep_registries(Reconciler *reconciler)
{
        map_foreach (&reconciler->registries, entry) {
                RegistryState *state = entry->value;

                state->used = false;
        }
        map_foreach (&reconciler->components, entry) {
                ComponentState *component = entry->value;

                component->registry->used = true;
        }
        for (;;) {
                RegistryState *unused = NULL;

                map_foreach (&reconciler->registries, entry) {
                        RegistryState *state = entry->value;

                        if (!state->used)
                                unused = state;
                }
                if (!unused)
                        return;
                (void)map_remove(&reconciler->registries, unused->key);
                registry_state_free(unused);
        }
}

/* --- components ------------------------------------------------------------------------------- */

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
        sync_waiters_tell(component, &changed); /* those that waited for a later one, too */
        if (component->registry)
                stop_waiting(component);
        if (component->sync)
                schedule_leave(component->registry);
        schedule_leave_turn(component);
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
        due_heap_remove(&component->reconciler->due, &component->due);
        arena_done(&component->arena);
        free(component);
        return NULL;
}
DEFINE_FREEP(ComponentState, component_state_free)

/* What the stored versions were made by is no longer what spec says. */
static void note_rules(ComponentState *component, const ComponentSpec *spec)
{
        char before[DIGEST_SIZE_MAX], now[DIGEST_SIZE_MAX];

        if (!component->spec)
                return; /* the first sync compares with the database */
        version_policy_digest(component->spec, before);
        version_policy_digest(spec, now);
        if (!streq(before, now))
                component->rules_changed = true;
        if (!streq(component->spec->image_repository, spec->image_repository))
                component->rules_changed = component->force_refresh = true;
}

bool component_versions_are_old(const ComponentState *component)
{
        return component->rules_changed && !component->spec->suspend;
}

/* Puts a new or changed document into force. */
static int take_spec(ComponentState *component, const Model *model, const ComponentSpec *spec,
                     Error *err)
{
        ImageReference image;
        RegistryState *registry = NULL;
        int r;

        forget_spec(component);
        r = image_parse(spec->image_repository, &component->arena, &image, err);
        if (r < 0)
                return r;
        r = find_registry(component->reconciler, model, spec, image.host, &registry, err);
        if (r < 0)
                return r;
        note_rules(component, spec);
        component->spec = spec;
        component->id = spec->object.id;
        component->subject = subject_of(&spec->object);
        component->repository = image.repository;
        component->registry = registry;
        component->n_failures = 0;
        component->attempted_at = 0; /* drafts and streams wait for a sync by this document */
        return 0;
}

void component_state_due(ComponentState *component, usec_t at)
{
        if (component->sync) {
                component->again = true;
                return;
        }
        if (component->waiting)
                return;
        if (due_heap_set(&component->reconciler->due, &component->due, at) < 0)
                log_error("out of memory: component '%s' is not polled", component->subject.name);
        reconciler_kick(component->reconciler);
}

static int component_state_new(Reconciler *reconciler, const Model *model,
                               const ComponentSpec *spec, ComponentState **ret, Error *err)
{
        _cleanup_(component_state_freep) ComponentState *component = calloc(1, sizeof(*component));
        int r;

        if (!component)
                return error_oom(err);
        component->reconciler = reconciler;
        arena_init(&component->arena, 64 * 1024);
        r = take_spec(component, model, spec, err);
        if (r < 0)
                return r;
        r = map_put(&reconciler->components, component->id.text, component, NULL);
        if (r < 0)
                return error_oom(err);
        *ret = TAKE(component);
        return 0;
}

/* True if the component would ask another registry now, or the same with other settings. */
static bool registry_changed(const Model *model, const ComponentState *component)
{
        const RegistrySpec *registry = model_component_registry(model, component->spec);
        const RegistryState *before = component->registry;

        if (!registry)
                return before->declared;
        return !before->declared || !streq(registry->object.id.text, before->id.text) ||
               !streq(registry->object.digest, before->digest);
}

static int adopt_component(Reconciler *reconciler, const Model *model, const ComponentSpec *spec,
                           Error *err)
{
        ComponentState *component = map_get(&reconciler->components, spec->object.id.text);
        int r;

        if (component && component->spec == spec && !registry_changed(model, component))
                return 0;
        if (component)
                r = take_spec(component, model, spec, err);
        else
                r = component_state_new(reconciler, model, spec, &component, err);
        if (r < 0)
                return r;
        component_state_due(component, 0);
        return 0;
}

/* Not all of it is in force, for lack of memory or of the database. */
static void adopt_later(Reconciler *reconciler, const char *what, const char *why)
{
        log_error("%s: %s; the specs are read again soon", what, why);
        reconciler_load_later(reconciler);
}

/* The next sync takes it back. */
static void unusable_component(Reconciler *reconciler, const ComponentSpec *spec,
                               const Error *error, Changes *changes)
{
        reconciler->report.n_unusable++;
        log_error("component '%s': %s", spec->object.meta.name, error_message(error));
        report_condition(
                changes, subject_of(&spec->object),
                (Told){ CONDITION_READY, CONDITION_FALSE, report_reason(error->kind), time_wall() },
                "%s", error_message(error));
        if (error->kind == ERROR_INTERNAL)
                reconciler_load_later(reconciler);
}

/* A component that cannot be served says so and spoils no other. */
static void adopt_components(Reconciler *reconciler, const Model *model)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(error_done) Error failed = { 0 };

        changes_init(&changes);
        reconciler->report.n_unusable = 0;
        for (size_t i = 0; i < model->components.n; i++) {
                const ComponentSpec *spec = model->components.items[i];
                _cleanup_(error_done) Error error = { 0 };
                ComponentState *component;

                if (adopt_component(reconciler, model, spec, &error) >= 0)
                        continue;
                unusable_component(reconciler, spec, &error, &changes);
                component = map_remove(&reconciler->components, spec->object.id.text);
                component_state_free(component);
        }
        if (reconciler->report.n_unusable > 0 &&
            store_apply(reconciler->store, &changes, &failed) < 0)
                adopt_later(reconciler, "conditions of components", error_message(&failed));
}

/* Components the model no longer has. */
static void drop_components(Reconciler *reconciler, const Model *model)
{
        for (;;) {
                ComponentState *gone = NULL;

                map_foreach (&reconciler->components, entry) {
                        if (!map_has(&model->by_id, entry->key)) {
                                gone = entry->value;
                                break;
                        }
                }
                if (!gone)
                        return;
                (void)map_remove(&reconciler->components, gone->id.text);
                component_state_free(gone);
        }
}

/* --- all -------------------------------------------------------------------------------------- */

void reconciler_adopt_model(Reconciler *reconciler, Model *model, const StoredObjects *stored)
{
        _cleanup_(error_done) Error error = { 0 };
        Model *old = reconciler->model;
        bool is_whole = true;

        drop_components(reconciler, model);
        adopt_components(reconciler, model);
        sweep_registries(reconciler);
        schedule_let_in(reconciler);
        drafts_restart(reconciler, model);
        if (look_index(reconciler) < 0)
                adopt_later(reconciler, "hooks", "out of memory");
        if (drafts_adopt(reconciler, model, stored, &error) < 0) {
                adopt_later(reconciler, "releases", error_message(&error));
                is_whole = false;
        }
        error_done(&error);
        reconciler->model = model_ref(model);
        if (streams_adopt(reconciler, model, &error) < 0 ||
            environments_adopt(reconciler, model, &error) < 0) {
                adopt_later(reconciler, "streams and environments", error_message(&error));
                is_whole = false;
        }
        if (is_whole)
                model_unref(old);
        else
                model_keep(model, old); /* what was not reached still points into it */
}

void reconciler_drop_states(Reconciler *reconciler)
{
        environments_drop(reconciler);
        streams_drop(reconciler);
        drafts_drop(reconciler);
        map_foreach (&reconciler->components, entry)
                component_state_free(entry->value);
        map_done(&reconciler->components);
        map_done(&reconciler->by_repository);
        arena_done(&reconciler->look_arena);
        map_foreach (&reconciler->registries, entry)
                registry_state_free(entry->value);
        map_done(&reconciler->registries);
        due_heap_done(&reconciler->due);
}
