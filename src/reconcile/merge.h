#pragma once

/* Makes the model in force from what the specs say and what the database has. The models share
 * objects; each keeps alive what it points to. */

#include "plan/plan-specs.h"
#include "reconcile/internal.h"

/* The loaded model without what the plan refuses, and with what is retained and what the API made.
 */
int reconciler_merge(Reconciler *reconciler, Model *loaded, const SpecPlan *plan,
                     const StoredObjects *stored, Model **ret, Error *err);

/* The model in force with another document of one component of the API. stored is NULL if the
 * component was deleted. */
int reconciler_merge_one(Reconciler *reconciler, const char *id, const StoredObject *stored,
                         Model **ret, Error *err);
