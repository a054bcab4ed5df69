/* The clients of the registries from which components are polled. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "store/events.h"
#include "sync/state.h"

#define SYNCS_PER_REGISTRY 64

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

/* Reads whether an earlier run has reported the registry as unreachable. */
static int recall_unreachable(Poller *poller, RegistryState *state, Error *err)
{
        _cleanup_(arena_done) Arena arena = { 0 };
        const Condition *ready;
        Conditions conditions;
        int r;

        if (!state->declared)
                return 0;
        arena_init(&arena, 1024 * 1024);
        r = store_conditions(poller->control->store, KIND_REGISTRY, state->id.text, &arena,
                             &conditions, err);
        if (r < 0)
                return r;
        ready = conditions_find(&conditions, CONDITION_READY);
        if (ready)
                state->unreachable = ready->status == CONDITION_FALSE;
        return 0;
}

static int registry_state_new(Poller *poller, const char *key, const RegistrySpec *spec,
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
        state->backgrounds.max = BACKGROUND_PASSES_MAX;
        if (spec) {
                state->declared = true;
                state->id = spec->object.id;
                memcpy(state->digest, spec->object.digest, sizeof(state->digest));
        }
        r = spec ? grants_check(poller->control->options.grants, spec, err) : 0;
        if (r >= 0)
                r = registry_new(poller->control->http, spec, host,
                                 poller->control->options.credentials, &state->client, err);
        if (r < 0)
                return r;
        r = recall_unreachable(poller, state, err);
        if (r < 0)
                return r;
        r = map_put(&poller->registries, state->key, state, NULL);
        if (r < 0)
                return error_oom(err);
        *ret = TAKE(state);
        return 0;
}

/* A client belongs to one version of a Registry document, so the key contains the document's
 * digest. */
int registry_state_find(Poller *poller, const Model *model, const ComponentSpec *spec,
                        const char *host, RegistryState **ret, Error *err)
{
        const RegistrySpec *registry = model_component_registry(model, spec);
        char key[REPOSITORY_MAX + NAME_MAX_ + 2];
        RegistryState *state;

        /* The Registry document may have errors. Then the registry must not be used without its
         * settings, such as a proxy or credentials. */
        if (spec->registry && !registry)
                return error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no valid Registry '%s'",
                                 spec->registry);
        if (registry)
                (void)snprintf(key, sizeof(key), "%s %s", registry->object.id.text,
                               registry->object.digest);
        else
                (void)snprintf(key, sizeof(key), "%s %s", spec->object.meta.tenant, host);
        state = map_get(&poller->registries, key);
        if (state) {
                *ret = state;
                return 0;
        }
        return registry_state_new(poller, key, registry, host, ret, err);
}

void registry_states_sweep(Poller *poller)
{
        map_foreach (&poller->registries, entry) {
                RegistryState *state = entry->value;

                state->used = false;
        }
        map_foreach (&poller->components, entry) {
                ComponentState *component = entry->value;

                component->registry->used = true;
        }
        map_foreach (&poller->registries, entry) {
                RegistryState *state = entry->value;

                if (state->used)
                        continue;
                (void)map_remove(&poller->registries, state->key);
                registry_state_free(state);
        }
}

void registry_states_drop(Poller *poller)
{
        map_foreach (&poller->registries, entry)
                registry_state_free(entry->value);
        map_done(&poller->registries);
}
