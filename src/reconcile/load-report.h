#pragma once

/* Reports the result of a load: in the log, and in the numbers of the status. */

#include "plan/plan-specs.h"
#include "reconcile/internal.h"

void load_log_diags(const DiagList *diags);
void load_log_plan(const SpecPlan *plan);
/* Counts the objects of the model that is adopted, and what the plan holds back. */
void load_count_objects(Reconciler *reconciler, const Model *model, const SpecPlan *plan);
