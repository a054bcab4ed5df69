#pragma once

/* Queries of the API that need several controllers. They change nothing. */

#include "deploy/deployer.h"
#include "deploy/environment-gates.h"
#include "model/model.h"
#include "preview/preview.h"
#include "publish/output-state.h"
#include "reconcile/reconcile.h"
#include "release/diff.h"
#include "store/releases.h"
#include "sync/figures.h"
#include "why/why.h"

const Model *reconciler_model(const Reconciler *reconciler);

/* The number of releases to which an environment can be rolled back, from the last evaluation. */
typedef struct RollbackFigures {
        const char *tenant, *name;
        size_t n_ready;
} RollbackFigures;
typedef struct RollbackFiguresList { /* not sorted */
        RollbackFigures *items;
        size_t n;
} RollbackFiguresList;
/* Skips environments that never had a deployment. Returns 0 or -ENOMEM. */
int catalog_rollback_figures(const Reconciler *reconciler, Arena *arena, RollbackFiguresList *ret);

/* Numbers of objects, and of objects that fail. */
typedef struct TenantCounts {
        const char *tenant; /* set only by catalog_tenant_counts() */
        size_t n_components, n_failing, n_suspended;
        size_t n_drafts;
        size_t n_environments, n_environments_failing;
} TenantCounts;
/* Counts the objects of a tenant; if tenant is NULL, of all tenants. */
void catalog_counts(const Reconciler *reconciler, const char *tenant, TenantCounts *ret);

typedef struct TenantCountsList { /* sorted by tenant */
        TenantCounts *items;
        size_t n;
} TenantCountsList;
/* Counts the objects of each tenant in one pass. The list always contains the default tenant. The
 * names are valid until the next load. */
int catalog_tenant_counts(const Reconciler *reconciler, Arena *arena, TenantCountsList *ret,
                          Error *err);

/* Sets *ret to the path of an environment's native lockfile; NULL if it is not written yet. */
int catalog_environment_lock(const Reconciler *reconciler, const EnvironmentSpec *environment,
                             Arena *arena, const char **ret, Error *err);

/* The release that an environment gets next, or already has. */
typedef struct NextRelease {
        const char *id, *name;
        bool is_there; /* true: the environment already has this release */
} NextRelease;
/* Finds the next release of the environment. Returns 1 if there is one. */
int catalog_next_release(Reconciler *reconciler, const char *environment_id, Arena *arena,
                         NextRelease *ret, Error *err);

/* Returns the outputs of the configuration. They do not change while relmand runs. */
const OutputSpecs *catalog_outputs(const Reconciler *reconciler);
/* See publisher_output_state(). */
int catalog_output_state(const Reconciler *reconciler, const char *environment_id, size_t number,
                         Arena *arena, OutputState *ret, Error *err);

/* Finds a release of the tenant by id or name. Returns 1 if there is one. */
int catalog_release(Reconciler *reconciler, const char *tenant, const char *id_or_name,
                    Arena *arena, Release *ret, Error *err);
/* Finds an object of the active model. NULL: there is none. */
const Object *catalog_object(const Reconciler *reconciler, ObjectKind kind, const char *tenant,
                             const char *id_or_name);

/* See preview_start(). */
int reconciler_preview(Reconciler *reconciler, const PreviewInput *input, Previewer **ret,
                       Error *err);

/* See why_start(). */
int reconciler_why(Reconciler *reconciler, const WhyInput *input, Why **ret, Error *err);
