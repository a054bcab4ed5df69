/* GET /metrics in Prometheus' text form, GET /readyz. */

#include <stdio.h>

#include "api/handlers.h"
#include "reconcile/catalog.h"

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"

static void head(Buffer *out, const char *name, const char *type, const char *help)
{
        (void)buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(Buffer *out, const char *name, const char *help, uint64_t value)
{
        head(out, name, "gauge", help);
        (void)buffer_printf(out, "%s %llu\n", name, (unsigned long long)value);
}

/* Writes a label NAME="VALUE". Escapes backslashes, quotes and line ends. */
static void label(Buffer *out, const char *name, const char *value)
{
        (void)buffer_printf(out, "%s=\"", name);
        for (const char *p = value; *p; p++)
                (void)(*p == '\n'                ? buffer_puts(out, "\\n")
                       : *p == '"' || *p == '\\' ? buffer_printf(out, "\\%c", *p)
                                                 : buffer_putc(out, *p));
        (void)buffer_putc(out, '"');
}

/* Writes NAME{registry="...",tenant="..." */
static void begin_sample(Buffer *out, const char *metric, const char *kind, const char *name,
                         const char *tenant)
{
        (void)buffer_printf(out, "%s{", metric);
        label(out, kind, name);
        (void)buffer_putc(out, ',');
        label(out, "tenant", tenant);
}

/* Returns the upper bound of a bucket for the label "le"; "+Inf" for the last bucket. */
static const char *bound_of(size_t i, char ret[32])
{
        if (i == HTTP_LATENCY_BOUNDS)
                return "+Inf";
        (void)snprintf(ret, 32, "%g", (double)http_latency_bounds[i] / USEC_PER_SEC);
        return ret;
}

static void write_turns(const LoopTimes *times, const char *name, const char *help, Buffer *out)
{
        const HttpLatency *turns = &times->turns;
        char bound[32];

        head(out, name, "histogram", help);
        for (size_t i = 0; i <= HTTP_LATENCY_BOUNDS; i++)
                (void)buffer_printf(out, "%s_bucket{le=\"%s\"} %llu\n", name, bound_of(i, bound),
                                    (unsigned long long)(i < HTTP_LATENCY_BOUNDS ? turns->at_most[i]
                                                                                 : turns->n));
        (void)buffer_printf(out, "%s_sum %.6f\n", name, (double)turns->sum / USEC_PER_SEC);
        (void)buffer_printf(out, "%s_count %llu\n", name, (unsigned long long)turns->n);
}

static void write_longest(const LoopTimes *times, const char *name, const char *help, Buffer *out)
{
        head(out, name, "gauge", help);
        (void)buffer_printf(out, "%s %.6f\n", name, (double)times->longest / USEC_PER_SEC);
}

static void write_stalls(const LoopStalls *stalls, Buffer *out)
{
        write_turns(&stalls->wall, "relman_loop_stall_seconds",
                    "Duration of turns of the event loop; nothing else runs meanwhile.", out);
        write_longest(&stalls->wall, "relman_loop_longest_stall_seconds",
                      "The longest turn of the event loop since the start.", out);
        write_turns(&stalls->cpu, "relman_loop_cpu_seconds",
                    "Processor time of turns of the event loop.", out);
        write_longest(&stalls->cpu, "relman_loop_longest_cpu_seconds",
                      "The most processor time of a turn of the event loop since the start.", out);
}

static void write_latency(Buffer *out, const RegistryFigures *figures)
{
        const HttpLatency *latency = &figures->latency;

        for (size_t i = 0; i <= HTTP_LATENCY_BOUNDS; i++) {
                char bound[32];

                begin_sample(out, "relman_registry_request_duration_seconds_bucket", "registry",
                             figures->name, figures->tenant);
                (void)buffer_printf(out, ",le=\"%s\"} %llu\n", bound_of(i, bound),
                                    (unsigned long long)(i < HTTP_LATENCY_BOUNDS
                                                                 ? latency->at_most[i]
                                                                 : latency->n));
        }
        begin_sample(out, "relman_registry_request_duration_seconds_sum", "registry", figures->name,
                     figures->tenant);
        (void)buffer_printf(out, "} %.6f\n", (double)latency->sum / USEC_PER_SEC);
        begin_sample(out, "relman_registry_request_duration_seconds_count", "registry",
                     figures->name, figures->tenant);
        (void)buffer_printf(out, "} %llu\n", (unsigned long long)latency->n);
}

static void write_limits(Buffer *out, const RegistryFiguresList *list)
{
        head(out, "relman_registry_request_duration_seconds", "histogram",
             "Duration of requests to a registry.");
        for (size_t i = 0; i < list->n; i++)
                write_latency(out, &list->items[i]);
        head(out, "relman_registry_rate_limit_remaining", "gauge",
             "Requests that the registry still allows, if it says so.");
        for (size_t i = 0; i < list->n; i++) {
                const RegistryFigures *figures = &list->items[i];

                if (figures->remaining < 0)
                        continue;
                begin_sample(out, "relman_registry_rate_limit_remaining", "registry", figures->name,
                             figures->tenant);
                (void)buffer_printf(out, "} %lld\n", (long long)figures->remaining);
        }
}

/* Writes the counts of objects, one sample for each tenant. */
static int write_tenants(Request *request, Buffer *out, Error *err)
{
        static const struct {
                const char *name, *help;
                size_t offset;
        } rows[] = {
                { "relman_components", "Components.", offsetof(TenantCounts, n_components) },
                { "relman_components_failing", "Components whose last poll failed.",
                  offsetof(TenantCounts, n_failing) },
                { "relman_components_suspended", "Components that are suspended.",
                  offsetof(TenantCounts, n_suspended) },
                { "relman_environments", "Environments.", offsetof(TenantCounts, n_environments) },
                { "relman_environments_failing",
                  "Environments that failed, or that cannot get their desired release.",
                  offsetof(TenantCounts, n_environments_failing) },
        };
        TenantCountsList list;
        int r = catalog_tenant_counts(request->api->reconciler, &request->arena, &list, err);

        for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(rows); i++) {
                head(out, rows[i].name, "gauge", rows[i].help);
                for (size_t j = 0; j < list.n; j++) {
                        (void)buffer_printf(out, "%s{", rows[i].name);
                        label(out, "tenant", list.items[j].tenant);
                        (void)buffer_printf(
                                out, "} %zu\n",
                                *(const size_t *)(const void *)((const char *)&list.items[j] +
                                                                rows[i].offset));
                }
        }
        return r;
}

static int write_components(Request *request, Buffer *out, Error *err)
{
        ComponentFiguresList list;
        int r;

        r = poller_component_figures(reconciler_poller(request->api->reconciler), &request->arena,
                                     &list, err);
        if (r < 0)
                return r;
        gauge(out, "relman_drift",
              "Digests of live releases that their tags no longer have, or that were deleted.",
              list.n_drift);
        head(out, "relman_component_drift", "gauge", "The same for one component that has any.");
        for (size_t i = 0; i < list.n; i++) {
                if (list.items[i].n_drift == 0)
                        continue;
                begin_sample(out, "relman_component_drift", "component", list.items[i].name,
                             list.items[i].tenant);
                (void)buffer_printf(out, "} %llu\n", (unsigned long long)list.items[i].n_drift);
        }
        head(out, "relman_component_last_success_timestamp_seconds", "gauge",
             "When a component was last polled successfully.");
        for (size_t i = 0; i < list.n; i++) {
                if (list.items[i].succeeded_at == 0)
                        continue;
                begin_sample(out, "relman_component_last_success_timestamp_seconds", "component",
                             list.items[i].name, list.items[i].tenant);
                (void)buffer_printf(out, "} %.3f\n",
                                    (double)list.items[i].succeeded_at / USEC_PER_SEC);
        }
        return 0;
}

static int write_rollbacks(Request *request, Buffer *out, Error *err)
{
        RollbackFiguresList list;

        if (catalog_rollback_figures(request->api->reconciler, &request->arena, &list) < 0)
                return error_oom(err);
        head(out, "relman_rollback_ready", "gauge",
             "Releases that were deployed in an environment before, and can be pulled.");
        for (size_t i = 0; i < list.n; i++) {
                begin_sample(out, "relman_rollback_ready", "environment", list.items[i].name,
                             list.items[i].tenant);
                (void)buffer_printf(out, "} %zu\n", list.items[i].n_ready);
        }
        return 0;
}

static int write_releases(Request *request, Buffer *out, Error *err)
{
        ReleaseCounts counts;
        int r;

        r = store_release_counts(reconciler_store(request->api->reconciler), &counts, err);
        if (r < 0)
                return r;
        head(out, "relman_releases", "gauge", "Releases by status.");
        for (ReleaseStatus status = 0; status < RELEASE_STATUS_MAX_; status++)
                (void)buffer_printf(out, "relman_releases{status=\"%s\"} %lld\n",
                                    release_status_to_string(status), (long long)counts.of[status]);
        return 0;
}

static void write_checks(const ReconcileReport *report, Buffer *out)
{
        gauge(out, "relman_checks_running", "Checks of releases that relmand runs itself.",
              report->n_checks_running);
        gauge(out, "relman_checks_waiting", "Checks that wait until fewer others run.",
              report->n_checks_waiting);
        head(out, "relman_check_results_total", "counter",
             "Results of the checks that relmand runs itself.");
        (void)buffer_printf(out,
                            "relman_check_results_total{result=\"passed\"} %llu\n"
                            "relman_check_results_total{result=\"failed\"} %llu\n",
                            (unsigned long long)report->n_checks_passed,
                            (unsigned long long)report->n_checks_failed);
}

static void write_store(const Store *store, Buffer *out)
{
        StoreStats stats;

        store_stats(store, &stats);
        head(out, "relman_store_statements_total", "counter", "Statements that the database ran.");
        (void)buffer_printf(out, "relman_store_statements_total %llu\n",
                            (unsigned long long)stats.n_statements);
}

static void write_requests(const Api *api, Buffer *out)
{
        head(out, "relman_api_requests_total", "counter", "Requests answered, by class of status.");
        for (size_t i = 0; i < ARRAY_SIZE(api->http.n_answers); i++)
                (void)buffer_printf(out, "relman_api_requests_total{code=\"%zuxx\"} %llu\n", i + 1,
                                    (unsigned long long)api->http.n_answers[i]);
        gauge(out, "relman_api_streams", "Streams of events that are open.", followers_count(api));
        gauge(out, "relman_api_held_requests", "Requests that wait for a lockfile to change.",
              held_count(api));
        gauge(out, "relman_api_memory_bytes", "Memory of running requests: bodies and answers.",
              api->http.memory.used);
        head(out, "relman_api_memory_share_bytes", "gauge",
             "The part of that memory that requests over TCP and push webhooks use.");
        (void)buffer_printf(out,
                            "relman_api_memory_share_bytes{share=\"tcp\"} %zu\n"
                            "relman_api_memory_share_bytes{share=\"hooks\"} %zu\n",
                            api->http.memory_of_tcp.used, api->http.memory_of_hooks.used);
        gauge(out, "relman_api_memory_limit_bytes",
              "Memory limit of all requests together; beyond it they are answered with 503.",
              api->http.memory.max);
        head(out, "relman_api_memory_refused_total", "counter",
             "Requests refused because others held the memory.");
        (void)buffer_printf(out, "relman_api_memory_refused_total %llu\n",
                            (unsigned long long)api->http.n_short);
}

static void write_registries(Request *request, Buffer *out)
{
        static const struct {
                const char *name, *type, *help;
                size_t offset;
        } rows[] = {
                { "relman_registry_requests_total", "counter",
                  "Requests to a registry; each attempt counts.",
                  offsetof(RegistryFigures, n_requests) },
                { "relman_registry_failures_total", "counter",
                  "Requests to a registry that failed or were postponed.",
                  offsetof(RegistryFigures, n_failures) },
                { "relman_registry_requests_active", "gauge", "Requests that are running.",
                  offsetof(RegistryFigures, n_active) },
                { "relman_registry_paused_seconds", "gauge",
                  "Time that the registry asked relmand to wait.",
                  offsetof(RegistryFigures, paused_seconds) },
                { "relman_registry_unreachable", "gauge", "1 while the registry cannot be reached.",
                  offsetof(RegistryFigures, unreachable) },
        };
        RegistryFiguresList list;

        if (poller_registry_figures(reconciler_poller(request->api->reconciler), &request->arena,
                                    &list) < 0)
                return;
        for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
                head(out, rows[i].name, rows[i].type, rows[i].help);
                for (size_t j = 0; j < list.n; j++) {
                        const RegistryFigures *figures = &list.items[j];

                        begin_sample(out, rows[i].name, "registry", figures->name, figures->tenant);
                        (void)buffer_printf(
                                out, "} %llu\n",
                                (unsigned long long)*(
                                        const uint64_t *)(const void *)((const char *)figures +
                                                                        rows[i].offset));
                }
        }
        write_limits(out, &list);
}

static int write_receivers(Request *request, Buffer *out, Error *err)
{
        static const struct {
                const char *name, *type, *help;
        } rows[] = {
                { "relman_events_pending", "gauge",
                  "Events that were not delivered to a receiver yet." },
                { "relman_event_dead_letters", "gauge", "Events that a receiver did not accept." },
                { "relman_event_deliveries_total", "counter",
                  "Successful requests to a receiver." },
                { "relman_event_failures_total", "counter", "Failed requests to a receiver." },
        };
        Reconciler *reconciler = request->api->reconciler;
        size_t n = command_receivers(reconciler);
        ReceiverStatus *list = arena_alloc_array(&request->arena, n, sizeof(*list));
        int r = list ? 0 : error_oom(err);

        for (size_t i = 0; i < n && r >= 0; i++)
                r = command_receiver(reconciler, i, &request->arena, &list[i], err);
        for (size_t row = 0; row < ARRAY_SIZE(rows) && n > 0 && r >= 0; row++) {
                head(out, rows[row].name, rows[row].type, rows[row].help);
                for (size_t i = 0; i < n; i++) {
                        const int64_t values[] = { list[i].state.n_pending, list[i].state.n_dead,
                                                   (int64_t)list[i].n_delivered,
                                                   (int64_t)list[i].n_failed };

                        (void)buffer_printf(out, "%s{receiver=\"%s\"} %lld\n", rows[row].name,
                                            list[i].spec->name, (long long)values[row]);
                }
        }
        return r;
}

static void write_time(Buffer *out, const char *name, const char *help, usec_t at)
{
        head(out, name, "gauge", help);
        if (at > 0)
                (void)buffer_printf(out, "%s %.3f\n", name, (double)at / USEC_PER_SEC);
}

static void write_specs_git(const Reconciler *reconciler, Buffer *out)
{
        SpecsGitStatus git;

        if (!reconciler_git_status(reconciler, &git))
                return;
        write_time(out, "relman_specs_last_fetch_timestamp_seconds",
                   "When relmand last asked for the newest commit of the specs.", git.fetched_at);
        write_time(out, "relman_specs_last_success_timestamp_seconds", "When that last succeeded.",
                   git.succeeded_at);
        head(out, "relman_specs_fetch_failures_total", "counter",
             "Fetches of specs that failed, or whose commit was refused for its signature.");
        (void)buffer_printf(out, "relman_specs_fetch_failures_total %llu\n",
                            (unsigned long long)git.n_failures);
        gauge(out, "relman_specs_refused",
              "1 if the newest commit of the specs is not active, or not known.",
              git.reason != NULL);
}

int handle_metrics(Request *request, Error *err)
{
        Buffer *out = &request->answer.body;
        ReconcileReport report;
        int64_t last = 0;
        int r;

        reconciler_report(request->api->reconciler, &report);
        request->answer.type = METRICS_TYPE;
        r = write_tenants(request, out, err);
        if (r >= 0)
                r = write_rollbacks(request, out, err);
        if (r < 0)
                return r;
        gauge(out, "relman_tags", "Tags of all components, as last listed.", report.n_tags);
        r = write_releases(request, out, err);
        if (r < 0)
                return r;
        gauge(out, "relman_release_drafts", "Releases that wait for a component.", report.n_draft);
        gauge(out, "relman_spec_errors", "Errors in specs.", report.n_spec_errors);
        write_specs_git(request->api->reconciler, out);
        gauge(out, "relman_prune_held", "Objects whose removal waits for confirm-prune.",
              report.n_prune_held);
        head(out, "relman_tags_moved_total", "counter", "Tags that moved to another digest.");
        (void)buffer_printf(out, "relman_tags_moved_total %zu\n", report.n_moved_tags);
        head(out, "relman_locks_written_total", "counter", "Lockfiles written.");
        (void)buffer_printf(out, "relman_locks_written_total %zu\n", report.n_locks_written);
        head(out, "relman_locks_failed_total", "counter", "Lockfiles that could not be written.");
        (void)buffer_printf(out, "relman_locks_failed_total %zu\n", report.n_locks_failed);
        write_checks(&report, out);
        r = store_last_event(reconciler_store(request->api->reconciler), &last, err);
        if (r < 0)
                return r;
        head(out, "relman_events_total", "counter", "Events written since the database was made.");
        (void)buffer_printf(out, "relman_events_total %lld\n", (long long)last);
        write_store(reconciler_store(request->api->reconciler), out);
        write_requests(request->api, out);
        if (request->api->options.stalls)
                write_stalls(request->api->options.stalls, out);
        write_registries(request, out);
        r = write_receivers(request, out, err);
        return r < 0 ? r : write_components(request, out, err);
}

/* Reports that relmand is ready if the specs were read and the database can be used. */
int handle_readyz(Request *request, Error *err)
{
        ReconcileReport report;
        int r;

        r = store_probe(reconciler_store(request->api->reconciler), err);
        if (r < 0)
                return r;
        reconciler_report(request->api->reconciler, &report);
        if (report.specs_unreadable)
                request_problem(request, 503, "the specs cannot be read");
        else
                (void)buffer_puts(&request->answer.body, "{\"status\":\"ready\"}\n");
        return 0;
}
