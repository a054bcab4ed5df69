#pragma once

/* Reports the result of a load in the log and in the counters of the status. */

#include "plan/commit-parts.h"
#include "plan/plan-specs.h"
#include "reconcile/internal.h"

/* commit: the commit that has the files; "": none. */
void load_log_diags(const DiagList *diags, const char *commit);
/* Logs the number of changes that a plan has made. before: the changes that earlier plans of the
 * same load have made. */
void load_log_plan(const SpecPlan *plan, const CommitCounts *before);
/* Counts the objects of the model that becomes active, and the removals that the prune guard holds
 * back. */
void load_count_objects(Reconciler *reconciler, const Model *model, const SpecPlan *plan);
