#include "reconcile/load-report.h"

#include "base/log.h"
#include "base/text.h"

void load_log_diags(const DiagList *diags, const char *commit)
{
        for (size_t i = 0; i < diags->n; i++) {
                const Diag *diag = &diags->items[i];
                const LogAbout about = { .file = diag->place.file, .line = diag->place.line };
                _cleanup_(buffer_done) Buffer line;

                buffer_init(&line, 16 * 1024);
                if (commit[0])
                        (void)buffer_printf(&line, "commit %.12s: ", commit);
                if (diag_format(diag, &line) < 0)
                        continue;
                log_about(diag->severity == SEVERITY_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
                          &about, "%s", line.data);
        }
        if (diags->n_dropped > 0)
                log_error("%zu more diagnostic%s", diags->n_dropped, text_plural(diags->n_dropped));
}

void load_log_plan(const SpecPlan *plan, const CommitCounts *before)
{
        size_t created = plan->n_created + before->n_created;
        size_t updated = plan->n_updated + before->n_updated;
        size_t deleted = plan->n_deleted + before->n_deleted;
        size_t archived = plan->n_archived + before->n_archived;
        size_t restored = plan->n_restored + before->n_restored;

        for (size_t i = 0; i < plan->n_refused; i++)
                log_error("%s", plan->changes.items[plan->refusals[i]].condition->message);
        if (plan->n_held > 0)
                log_error(
                        "%zu object%s missing from the specs: nothing is removed, because more than half of all "
                        "were missing at once; if this is intended, run relmanctl confirm-prune (or start "
                        "relmand with --confirm-prune)",
                        plan->n_held, plan->n_held == 1 ? " is" : "s are");
        if (created + updated + deleted + archived + restored > 0)
                log_info("specs: %zu object%s created, %zu updated, %zu deleted, %zu archived, "
                         "%zu restored",
                         created, text_plural(created), updated, deleted, archived, restored);
}

void load_count_objects(Reconciler *reconciler, const Model *model, const SpecPlan *plan)
{
        ReconcileReport *report = &reconciler->report;

        report->n_files = model->n_files;
        report->n_registries = model->registries.n;
        report->n_components = model->components.n;
        report->n_releases = model->releases.n;
        report->n_objects = model_n_objects(model);
        report->n_spec_errors = reconciler->diags.n_errors;
        report->n_spec_warnings = diag_list_n_warnings(&reconciler->diags);
        report->n_prune_held = plan->n_held;
        report->n_refused = plan->n_refused;
        report->specs_unreadable = false;
}
