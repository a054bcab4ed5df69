#include "sync/figures.h"

#include <errno.h>
#include <string.h>

#include "store/store.h"
#include "sync/state.h"

/* Returns the tenant of a registry. If no document declares the registry, the tenant is the first
 * word of its key. */
static const char *registry_tenant(const Poller *poller, const RegistryState *state, Arena *arena)
{
        const Object *object = map_get(&poller->control->model->by_id, state->id.text);

        return object ? object->meta.tenant
                      : arena_strndup(arena, state->key, strcspn(state->key, " "));
}

int poller_registry_figures(const Poller *poller, Arena *arena, RegistryFiguresList *ret)
{
        usec_t now = time_monotonic();

        ret->n = 0;
        ret->items = arena_alloc_array(arena, poller->registries.n + 1, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        map_foreach (&poller->registries, entry) {
                const RegistryState *state = entry->value;
                HttpPoolStats stats;

                registry_stats(state->client, &stats);
                ret->items[ret->n] = (RegistryFigures){
                        .tenant = registry_tenant(poller, state, arena),
                        .name = registry_name(state->client),
                        .n_requests = stats.n_requests,
                        .n_failures = stats.n_failures,
                        .n_active = stats.n_active,
                        .paused_seconds = stats.paused_until > now
                                                  ? (stats.paused_until - now) / USEC_PER_SEC
                                                  : 0,
                        .unreachable = state->unreachable,
                        .remaining = stats.remaining,
                        .latency = stats.latency,
                };
                if (!ret->items[ret->n++].tenant)
                        return -ENOMEM;
        }
        return 0;
}

static int count_drift(const Poller *poller, Arena *arena, Map *ret, uint64_t *ret_n, Error *err)
{
        DriftCounts counts;
        int r;

        *ret_n = 0;
        r = store_drift_counts(poller->control->store, arena, &counts, err);
        for (size_t i = 0; r >= 0 && i < counts.n; i++) {
                *ret_n += (uint64_t)counts.items[i].n;
                r = map_put(ret, counts.items[i].component_id, &counts.items[i], NULL);
                if (r < 0)
                        r = error_oom(err);
        }
        return MIN(r, 0);
}

int poller_component_figures(const Poller *poller, Arena *arena, ComponentFiguresList *ret,
                             Error *err)
{
        _cleanup_(map_done) Map drift = { 0 };
        int r;

        ret->n = 0;
        r = count_drift(poller, arena, &drift, &ret->n_drift, err);
        if (r < 0)
                return r;
        ret->items = arena_alloc_array(arena, poller->components.n + 1, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        map_foreach (&poller->components, entry) {
                const ComponentState *component = entry->value;
                const DriftCount *count = map_get(&drift, component->id.text);

                ret->items[ret->n++] = (ComponentFigures){
                        .tenant = component->subject.tenant,
                        .name = component->subject.name,
                        .succeeded_at = component->succeeded_at > 0 ? component->succeeded_at
                                                                    : component->state.synced_at,
                        .n_drift = count ? (uint64_t)count->n : 0,
                };
        }
        return 0;
}
