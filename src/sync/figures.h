#pragma once

/* Figures of components and registries, for metrics and the status. */

#include "base/arena.h"
#include "registry/registry.h"
#include "sync/poller.h"

/* Counters of the client of a registry, since the client was created. */
typedef struct RegistryFigures {
        const char *tenant, *name;
        uint64_t n_requests, n_failures, n_active, paused_seconds, unreachable;
        int64_t remaining; /* requests that the registry's rate limit still allows; -1: unknown */
        HttpLatency latency;
} RegistryFigures;
typedef struct RegistryFiguresList {
        RegistryFigures *items;
        size_t n;
} RegistryFiguresList;
int poller_registry_figures(const Poller *poller, Arena *arena, RegistryFiguresList *ret);

/* Metrics of one component. */
typedef struct ComponentFigures {
        const char *tenant, *name;
        usec_t succeeded_at; /* wall clock time of the last successful poll; 0: none */
        uint64_t n_drift;    /* number of digests in live releases that their tags no longer have */
} ComponentFigures;
typedef struct ComponentFiguresList { /* not sorted */
        ComponentFigures *items;
        size_t n;
        uint64_t n_drift; /* sum over all components */
} ComponentFiguresList;
int poller_component_figures(const Poller *poller, Arena *arena, ComponentFiguresList *ret,
                             Error *err);
