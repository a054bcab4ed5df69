#pragma once

/* What the API asks of several folders at once. Reading only. */

#include "deploy/deployer.h"
#include "deploy/environment-gates.h"
#include "model/model.h"
#include "preview/preview.h"
#include "reconcile/reconcile.h"
#include "release/diff.h"
#include "store/releases.h"
#include "why/why.h"

const Model *reconciler_model(const Reconciler *reconciler);

/* What a registry's client has done since it was made. */
typedef struct RegistryFigures {
        const char *tenant, *name;
        uint64_t n_requests, n_failures, n_active, paused_seconds, unreachable;
        int64_t remaining; /* of its rate limit; -1: it does not say */
        HttpLatency latency;
} RegistryFigures;
typedef struct RegistryFiguresList {
        RegistryFigures *items;
        size_t n;
} RegistryFiguresList;
int reconciler_registry_figures(const Reconciler *reconciler, Arena *arena,
                                RegistryFiguresList *ret);

/* Of each component. */
typedef struct ComponentFigures {
        const char *tenant, *name;
        usec_t succeeded_at; /* wall: of the last poll that went well; 0: none did */
        uint64_t n_drift;    /* digests of live releases that their tags do not lead to */
} ComponentFigures;
typedef struct ComponentFiguresList { /* in no order */
        ComponentFigures *items;
        size_t n;
        uint64_t n_drift; /* of all */
} ComponentFiguresList;
int reconciler_component_figures(const Reconciler *reconciler, Arena *arena,
                                 ComponentFiguresList *ret, Error *err);

/* What a tenant has, and its health. tenant: NULL for all. */
typedef struct TenantCounts {
        size_t n_components, n_failing, n_suspended;
        size_t n_drafts;
        size_t n_environments, n_environments_failing;
} TenantCounts;
void catalog_counts(const Reconciler *reconciler, const char *tenant, TenantCounts *ret);

/* The path of its lockfile in the native format; NULL if there is none (yet). */
int catalog_environment_lock(const Reconciler *reconciler, const EnvironmentSpec *environment,
                             Arena *arena, const char **ret, Error *err);

/* Returns 1 if something is pending. The second is for many environments: ret has a place for each;
 * reason is NULL where nothing is pending. */
int catalog_pending(Reconciler *reconciler, const char *environment_id, Arena *arena, Pending *ret,
                    Error *err);
int catalog_pendings(Reconciler *reconciler, const char *const *environment_ids, size_t n,
                     Arena *arena, Pending *ret, Error *err);
/* False if nothing was pending when the environment was decided last. Reads no store. */
bool catalog_may_be_pending(const Reconciler *reconciler, const char *environment_id);

/* The release that an environment is to get next, or has. */
typedef struct NextRelease {
        const char *id, *name;
        bool is_there; /* it was promoted */
} NextRelease;
/* Returns 1 if there is one. */
int catalog_next_release(Reconciler *reconciler, const char *environment_id, Arena *arena,
                         NextRelease *ret, Error *err);

/* As deployer_gates(). */
int catalog_gates(Reconciler *reconciler, const char *environment_id, const char *release_id,
                  Arena *arena, EnvironmentGates *ret, Error *err);

/* By id or name; of that tenant only. 1 if it was found. */
int catalog_release(Reconciler *reconciler, const char *tenant, const char *id_or_name,
                    Arena *arena, Release *ret, Error *err);
/* NULL if there is none. */
const Object *catalog_object(const Reconciler *reconciler, ObjectKind kind, const char *tenant,
                             const char *id_or_name);

/* As preview_start(). */
int reconciler_preview(Reconciler *reconciler, const PreviewInput *input, Previewer **ret,
                       Error *err);

/* As why_start(). */
int reconciler_why(Reconciler *reconciler, const WhyInput *input, Why **ret, Error *err);
