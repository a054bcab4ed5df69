#pragma once

/* Reports the result of a load: in the log, and in the numbers of the status. */

#include "plan/plan-specs.h"
#include "reconcile/commit-parts.h"
#include "reconcile/internal.h"

void load_log_diags(const DiagList *diags);
/* Logs what a plan has changed. before: what earlier plans of this load have stored. */
void load_log_plan(const SpecPlan *plan, const CommitCounts *before);
/* Counts the objects of the model that is adopted, and what the plan holds back. */
void load_count_objects(Reconciler *reconciler, const Model *model, const SpecPlan *plan);
