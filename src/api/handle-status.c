/* GET /api/v1/status: health and problems of a tenant. */

#include "config.h"

#include "api/entity.h"

#define PROBLEMS_MAX     1000 /* at most so many conditions are read */
#define PROBLEMS_SHOWN   100
#define SPEC_ERRORS_TOLD 10

/* Returns the name of the object with the condition; NULL if it belongs to another tenant, or no
 * longer exists. */
static const char *trouble_name(const Request *request, const Trouble *trouble)
{
        const char *tenant = request_tenant(request);
        const Object *object;

        if (trouble->kind == KIND_RELEASE)
                return str_equal(trouble->release_tenant, tenant) ? trouble->release : NULL;
        object =
                catalog_object(request->api->reconciler, trouble->kind, tenant, trouble->object_id);
        return object ? object->meta.name : NULL;
}

static void write_trouble(Json *json, const char *kind, const char *name,
                          const Condition *condition)
{
        json_begin(json, NULL, '{');
        json_text(json, "kind", kind);
        json_text(json, "name", name);
        json_text(json, "type", condition_type_to_string(condition->type));
        json_text(json, "reason", condition->reason);
        json_text(json, "message", condition->message);
        json_time(json, "since", condition->since);
        json_end(json, '}');
}

/* A failure to store cannot be stored as a condition. */
static size_t write_storage_trouble(Request *request, Json *json)
{
        const StoreTrouble *trouble = store_trouble(reconciler_store(request->api->reconciler));

        if (!trouble->message[0] || request->tenant)
                return 0; /* files belong to all tenants */
        write_trouble(json, "Database", store_name(reconciler_store(request->api->reconciler)),
                      &(Condition){ .type = CONDITION_READY,
                                    .reason = trouble->reason,
                                    .message = trouble->message,
                                    .since = trouble->since });
        return 1;
}

static size_t write_rows(Request *request, Json *json, const Troubles *rows, size_t n)
{
        for (size_t i = 0; i < rows->n; i++) {
                const Trouble *trouble = &rows->items[i];
                const char *name = trouble_name(request, trouble);

                if (name && ++n <= PROBLEMS_SHOWN)
                        write_trouble(json, object_kind_to_string(trouble->kind), name,
                                      &trouble->condition);
        }
        return n;
}

static int write_troubles(Request *request, Json *json, const Troubles *receivers, size_t *ret_n,
                          Error *err)
{
        Store *store = reconciler_store(request->api->reconciler);
        Troubles troubles, notices;
        int r;

        r = store_troubles(store, PROBLEMS_MAX, &request->arena, &troubles, err);
        if (r >= 0)
                r = store_notices(store, PROBLEMS_MAX, &request->arena, &notices, err);
        if (r < 0)
                return r;
        json_begin(json, "troubles", '[');
        *ret_n = write_storage_trouble(request, json);
        for (size_t i = 0; i < receivers->n; i++)
                if (++*ret_n <= PROBLEMS_SHOWN)
                        write_trouble(json, "Receiver", receivers->items[i].object_id,
                                      &receivers->items[i].condition);
        *ret_n = write_rows(request, json, &troubles, *ret_n);
        json_end(json, ']');
        json_begin(json, "notices", '[');
        (void)write_rows(request, json, &notices, 0);
        json_end(json, ']');
        return 0;
}

static bool is_same_file(const Diag *a, const Diag *b)
{
        return a && str_equal(a->place.file, b->place.file);
}

/* Writes the first error of each file. The diagnostics are sorted by file. */
static void write_spec_errors(const DiagList *diags, Json *json)
{
        const Diag *last = NULL;
        size_t n = 0;

        json_begin(json, "specErrors", '[');
        for (size_t i = 0; i < diags->n; i++) {
                const Diag *diag = &diags->items[i];

                if (diag->severity != SEVERITY_ERROR || is_same_file(last, diag))
                        continue;
                last = diag;
                if (++n > SPEC_ERRORS_TOLD)
                        continue;
                json_begin(json, NULL, '{');
                json_text(json, "file", diag->place.file);
                if (diag->place.line > 0)
                        json_int(json, "line", diag->place.line);
                if (diag->place.column > 0)
                        json_int(json, "column", diag->place.column);
                json_text(json, "message", diag->message);
                json_end(json, '}');
        }
        json_end(json, ']');
        json_int(json, "moreSpecErrors",
                 n > SPEC_ERRORS_TOLD ? (int64_t)(n - SPEC_ERRORS_TOLD) : 0);
}

static void write_counts(Json *json, const char *name, const char *const *names,
                         const size_t *counts)
{
        json_begin(json, name, '{');
        for (size_t i = 0; names[i]; i++)
                json_int(json, names[i], (int64_t)counts[i]);
        json_end(json, '}');
}

/* Receivers belong to all tenants, like files. */
static int write_receivers(Request *request, Json *json, Troubles *ret_failing, size_t *bad,
                           Error *err)
{
        static const char *const names[] = { "total", "failing", "deadLetters", NULL };
        Reconciler *reconciler = request->api->reconciler;
        size_t counts[3] = { command_receivers(reconciler) };

        ret_failing->items = arena_alloc_array(&request->arena, counts[0], sizeof(Trouble));
        if (!ret_failing->items && counts[0] > 0)
                return error_oom(err);
        for (size_t i = 0; i < counts[0] && !request->tenant; i++) {
                ReceiverStatus status;
                int r = command_receiver(reconciler, i, &request->arena, &status, err);

                if (r < 0)
                        return r;
                counts[2] += (size_t)status.state.n_dead;
                if (status.state.failing_since == 0)
                        continue;
                ret_failing->items[counts[1]++] = (Trouble){
                        .object_id = status.spec->name,
                        .condition = { .type = CONDITION_READY,
                                       .reason = "NotDelivered",
                                       .message = status.state.problem ? status.state.problem : "",
                                       .since = status.state.failing_since },
                };
        }
        ret_failing->n = counts[1];
        *bad += counts[1] + counts[2];
        if (!request->tenant)
                write_counts(json, "receivers", names, counts);
        return 0;
}

static int write_all_counts(Request *request, Json *json, Troubles *ret_receivers, size_t *ret_bad,
                            Error *err)
{
        static const char *const specs[] = { "total", "files", "errors", "warnings", "held", NULL };
        static const char *const components[] = { "total", "failing", "suspended", NULL };
        static const char *const releases[] = { "total", "drafts", NULL };
        static const char *const environments[] = { "total", "failing", NULL };
        Reconciler *reconciler = request->api->reconciler;
        const ReleaseFilter filter = { .tenant = request_tenant(request) };
        const Page page = { .limit = 1 };
        ReconcileReport report;
        TenantCounts counts;
        Releases found;
        int r;

        r = store_search(reconciler_store(reconciler), &filter, &page, &request->arena, &found,
                         err);
        if (r < 0)
                return r;
        reconciler_report(reconciler, &report);
        catalog_counts(reconciler, filter.tenant, &counts);
        *ret_bad = report.n_spec_errors + report.n_prune_held + report.specs_unreadable +
                   report.specs_not_in_force + report.n_streams_failed;
        /* files belong to all tenants: a token of one tenant does not see them */
        if (!request->tenant) {
                write_counts(json, "specs", specs,
                             (const size_t[]){ report.n_objects, report.n_files,
                                               report.n_spec_errors, report.n_spec_warnings,
                                               report.n_prune_held });
                write_spec_errors(reconciler_diags(reconciler), json);
        }
        write_counts(json, "components", components,
                     (const size_t[]){ counts.n_components, counts.n_failing, counts.n_suspended });
        write_counts(json, "releases", releases,
                     (const size_t[]){ (size_t)found.total, counts.n_drafts });
        r = write_receivers(request, json, ret_receivers, ret_bad, err);
        write_counts(json, "environments", environments,
                     (const size_t[]){ counts.n_environments, counts.n_environments_failing });
        return r;
}

static int count_drift(Request *request, uint64_t *ret, Error *err)
{
        ComponentFiguresList list;
        int r;

        *ret = 0;
        r = reconciler_component_figures(request->api->reconciler, &request->arena, &list, err);
        for (size_t i = 0; r >= 0 && i < list.n; i++)
                if (streq(list.items[i].tenant, request_tenant(request)))
                        *ret += list.items[i].n_drift;
        return r;
}

int handle_status(Request *request, Error *err)
{
        Json json = { .out = &request->answer.body };
        size_t n_troubles = 0, n_bad = 0;
        Troubles receivers = { 0 };
        uint64_t drift = 0;
        int r;

        json_begin(&json, NULL, '{');
        json_text(&json, "version", PACKAGE_VERSION);
        json_time(&json, "startedAt", request->api->started_at);
        r = write_all_counts(request, &json, &receivers, &n_bad, err);
        if (r >= 0)
                r = count_drift(request, &drift, err);
        if (r >= 0) {
                json_int(&json, "drift", (int64_t)drift);
                r = write_troubles(request, &json, &receivers, &n_troubles, err);
        }
        json_int(&json, "nTroubles", (int64_t)n_troubles);
        json_bool(&json, "ok", n_troubles == 0 && (request->tenant || n_bad == 0));
        json_end(&json, '}');
        return r;
}
