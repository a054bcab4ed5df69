#include "daemon-summary.h"

#include <stdio.h>

#include "base/text.h"

int daemon_summarize(Reconciler *reconciler)
{
        ReconcileReport report;

        reconciler_report(reconciler, &report);
        printf("specs:      %zu file%s, %zu object%s, %zu error%s, %zu warning%s\n", report.n_files,
               text_plural(report.n_files), report.n_objects, text_plural(report.n_objects),
               report.n_spec_errors, text_plural(report.n_spec_errors), report.n_spec_warnings,
               text_plural(report.n_spec_warnings));
        printf("components: %zu synced, %zu failed, %zu suspended; %zu tag%s, %zu new version%s, "
               "%zu moved tag%s; %llu request%s\n",
               report.n_synced, report.n_failed, report.n_suspended, report.n_tags,
               text_plural(report.n_tags), report.n_new_versions,
               text_plural(report.n_new_versions), report.n_moved_tags,
               text_plural(report.n_moved_tags), (unsigned long long)report.n_requests,
               text_plural(report.n_requests));
        printf("releases:   %zu ready, %zu draft\n", report.n_ready, report.n_draft);
        printf("lockfiles:  %zu written, %zu failed\n", report.n_locks_written,
               report.n_locks_failed);
        if (report.n_environments > 0)
                printf("environments: %zu, %zu failed\n", report.n_environments,
                       report.n_environments_failed);
        return report.specs_are_refused + report.specs_are_pending + report.n_environments_failed +
                                       report.n_streams_failed + report.n_spec_errors +
                                       report.n_failed + report.n_draft + report.n_refused +
                                       report.n_prune_held + report.n_locks_failed +
                                       report.n_outputs_failed >
                               0
                       ? EXIT_UNRECONCILED
                       : 0;
}
