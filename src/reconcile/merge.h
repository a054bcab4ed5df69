#pragma once

/* Makes the active model from the documents of the specs and of the database. The models share
 * objects; each keeps alive what it points to. */

#include "plan/plan-specs.h"
#include "reconcile/internal.h"

/* The loaded model without what the plan refuses, and with what is retained and what the API made.
 */
int reconciler_merge(Reconciler *reconciler, Model *loaded, const SpecPlan *plan,
                     const StoredObjects *stored, Model **ret, Error *err);

/* The active model with another document of one component of the API. stored is NULL if the
 * component was deleted. */
int reconciler_merge_one(Reconciler *reconciler, const char *id, const StoredObject *stored,
                         Model **ret, Error *err);
