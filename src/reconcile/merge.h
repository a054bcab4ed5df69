#pragma once

/* Makes the active model from the documents of the specs and of the database. The models share
 * objects; each keeps alive what it points to. */

#include "plan/plan-specs.h"
#include "reconcile/internal.h"

/* Makes the active model: the loaded one without the objects that the plan refuses, and with the
 * retained objects and those of the API.
 */
int reconciler_merge(Reconciler *reconciler, Model *loaded, const SpecPlan *plan,
                     const StoredObjects *stored, Model **ret, Error *err);

/* Makes an active model in which one component of the API is replaced by stored, or removed if
 * stored is NULL. */
int reconciler_merge_one(Reconciler *reconciler, const char *id, const StoredObject *stored,
                         Model **ret, Error *err);
