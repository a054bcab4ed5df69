/* GET /api/v1/status: health and problems of a tenant. */

#include "config.h"

#include "api/entity.h"

#define PROBLEMS_MAX      1000 /* maximum number of conditions that are read */
#define PROBLEMS_SHOWN    100
#define SPEC_ERRORS_SHOWN 10
#define WARNINGS_SHOWN    10
#define PENDING_SHOWN     100

/* Returns the tenant that the answer is about; NULL: all. */
static const char *status_tenant(const Request *request)
{
        return request_is_of_all(request) ? NULL : request_tenant(request);
}

/* The object that a condition belongs to. */
typedef struct TroubleObject {
        const char *name;   /* NULL: the object belongs to another tenant, or no longer exists */
        const char *tenant; /* NULL: the object belongs to all tenants */
} TroubleObject;

static TroubleObject trouble_object(const Request *request, const Trouble *trouble)
{
        const char *tenant = status_tenant(request);
        TroubleObject of = { 0 };

        if (trouble->kind == KIND_RELEASE) {
                of = (TroubleObject){ trouble->release, trouble->release_tenant };
        } else {
                const Object *object = map_get(&reconciler_model(request->api->reconciler)->by_id,
                                               trouble->object_id);

                if (object && object->kind == trouble->kind)
                        of = (TroubleObject){ object->meta.name, object->meta.tenant };
        }
        return !tenant || str_equal(of.tenant, tenant) ? of : (TroubleObject){ 0 };
}

static void write_trouble(Json *json, const char *kind, TroubleObject of,
                          const Condition *condition)
{
        json_begin(json, NULL, '{');
        json_text(json, "kind", kind);
        json_text(json, "name", of.name);
        json_some(json, "tenant", of.tenant);
        json_text(json, "type", condition_type_to_string(condition->type));
        json_text(json, "reason", condition->reason);
        json_text(json, "message", condition->message);
        json_time(json, "since", condition->since);
        json_end(json, '}');
}

/* Writes a problem if changes cannot be stored, because no condition can be stored for that.
 * Returns the number of problems written. */
static size_t write_storage_trouble(Request *request, Json *json)
{
        const StoreTrouble *trouble = store_trouble(reconciler_store(request->api->reconciler));

        if (!trouble->message[0] || request->tenant)
                return 0; /* no problem, or hidden: the database belongs to all tenants */
        write_trouble(
                json, "Database",
                (TroubleObject){ store_name(reconciler_store(request->api->reconciler)), NULL },
                &(Condition){ .type = CONDITION_READY,
                              .reason = trouble->reason,
                              .message = trouble->message,
                              .since = trouble->since });
        return 1;
}

/* Writes a problem if the newest commit of specs in Git is not active. Returns the number of
 * problems written. */
static size_t write_git_trouble(Request *request, Json *json)
{
        SpecsGitStatus git;

        if (request->tenant || !reconciler_git_status(request->api->reconciler, &git) ||
            !git.reason)
                return 0;
        write_trouble(json, "Specs", (TroubleObject){ git.spec->branch, NULL },
                      &(Condition){ .type = CONDITION_READY,
                                    .reason = git.reason,
                                    .message = git.message,
                                    .since = git.since });
        return 1;
}

static size_t write_rows(Request *request, Json *json, const Troubles *rows, size_t n)
{
        for (size_t i = 0; i < rows->n; i++) {
                const Trouble *trouble = &rows->items[i];
                const TroubleObject of = trouble_object(request, trouble);

                if (of.name && ++n <= PROBLEMS_SHOWN)
                        write_trouble(json, object_kind_to_string(trouble->kind), of,
                                      &trouble->condition);
        }
        return n;
}

static int write_troubles(Request *request, Json *json, const Troubles *receivers, size_t *ret_n,
                          Error *err)
{
        Store *store = reconciler_store(request->api->reconciler);
        const TroubleFilter filter = { status_tenant(request), PROBLEMS_MAX };
        Troubles troubles, notices;
        int r;

        r = store_troubles(store, &filter, &request->arena, &troubles, err);
        if (r >= 0)
                r = store_notices(store, &filter, &request->arena, &notices, err);
        if (r < 0)
                return r;
        json_begin(json, "troubles", '[');
        *ret_n = write_storage_trouble(request, json);
        *ret_n += write_git_trouble(request, json);
        for (size_t i = 0; i < receivers->n; i++)
                if (++*ret_n <= PROBLEMS_SHOWN)
                        write_trouble(json, "Receiver",
                                      (TroubleObject){ receivers->items[i].object_id,
                                                       receivers->items[i].release_tenant },
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

static void write_diag(Json *json, const Diag *diag, const char *commit)
{
        json_begin(json, NULL, '{');
        if (commit[0])
                json_text(json, "commit", commit);
        json_text(json, "file", diag->place.file);
        if (diag->place.line > 0)
                json_int(json, "line", diag->place.line);
        if (diag->place.column > 0)
                json_int(json, "column", diag->place.column);
        json_text(json, "message", diag->message);
        json_end(json, '}');
}

/* Writes the first error of each file, because it often causes the further ones. The diagnostics
 * are sorted by file. */
static void write_spec_errors(const DiagList *diags, const char *commit, Json *json)
{
        const Diag *last = NULL;
        size_t n = 0;

        json_begin(json, "specErrors", '[');
        for (size_t i = 0; i < diags->n; i++) {
                const Diag *diag = &diags->items[i];

                if (diag->severity != SEVERITY_ERROR || is_same_file(last, diag))
                        continue;
                last = diag;
                if (++n <= SPEC_ERRORS_SHOWN)
                        write_diag(json, diag, commit);
        }
        json_end(json, ']');
        json_int(json, "moreSpecErrors",
                 n > SPEC_ERRORS_SHOWN ? (int64_t)(n - SPEC_ERRORS_SHOWN) : 0);
}

static void write_spec_warnings(const DiagList *diags, const char *commit, Json *json)
{
        size_t n = diag_list_n_warnings(diags), n_shown = 0;

        json_begin(json, "specWarnings", '[');
        for (size_t i = 0; i < diags->n && n_shown < WARNINGS_SHOWN; i++)
                if (diags->items[i].severity == SEVERITY_WARNING) {
                        write_diag(json, &diags->items[i], commit);
                        n_shown++;
                }
        json_end(json, ']');
        json_int(json, "moreSpecWarnings", (int64_t)(n - n_shown));
}

static void write_counts(Json *json, const char *name, const char *const *names,
                         const size_t *counts)
{
        json_begin(json, name, '{');
        for (size_t i = 0; names[i]; i++)
                json_int(json, names[i], (int64_t)counts[i]);
        json_end(json, '}');
}

/* Writes the counts of receivers that the caller may see. Sets *ret_bad to the number of failing
 * receivers and dead letters. */
static int write_receivers(Request *request, Json *json, Troubles *ret_failing, size_t *ret_bad,
                           Error *err)
{
        static const char *const names[] = { "total", "failing", "deadLetters", NULL };
        Reconciler *reconciler = request->api->reconciler;
        size_t counts[3] = { 0 }, n = command_receivers(reconciler);

        ret_failing->items = arena_alloc_array(&request->arena, n, sizeof(Trouble));
        if (!ret_failing->items && n > 0)
                return error_oom(err);
        for (size_t i = 0; i < n; i++) {
                ReceiverStatus status;
                int r = command_receiver(reconciler, i, &request->arena, &status, err);

                if (r < 0)
                        return r;
                if (!receiver_is_visible(request, status.spec))
                        continue;
                counts[0]++;
                counts[2] += (size_t)status.state.n_dead;
                if (status.state.failing_since == 0)
                        continue;
                ret_failing->items[counts[1]++] = (Trouble){
                        .object_id = status.spec->name,
                        .release_tenant = status.spec->tenant,
                        .condition = { .type = CONDITION_READY,
                                       .reason = "NotDelivered",
                                       .message = status.state.problem ? status.state.problem : "",
                                       .since = status.state.failing_since },
                };
        }
        ret_failing->n = counts[1];
        *ret_bad = counts[1] + counts[2];
        write_counts(json, "receivers", names, counts);
        return 0;
}

static void write_specs_git(const Reconciler *reconciler, Json *json)
{
        SpecsGitStatus git;

        if (!reconciler_git_status(reconciler, &git))
                return;
        json_begin(json, "specsGit", '{');
        json_text(json, "url", git.spec->url);
        json_text(json, "branch", git.spec->branch);
        json_text(json, "path", git.spec->path);
        if (git.commit[0])
                json_text(json, "commit", git.commit);
        if (git.fetched_at > 0)
                json_time(json, "fetchedAt", git.fetched_at);
        if (git.succeeded_at > 0)
                json_time(json, "succeededAt", git.succeeded_at);
        json_int(json, "failures", (int64_t)git.n_failures);
        json_end(json, '}');
}

/* Writes the counts and problems of spec files. Files belong to all tenants, so a token of one
 * tenant does not see them. Returns the number of problems. */
static size_t write_specs(Request *request, Json *json)
{
        static const char *const names[] = { "total", "files", "errors", "warnings", "held", NULL };
        const Reconciler *reconciler = request->api->reconciler;
        ReconcileReport report;

        if (request->tenant)
                return 0;
        reconciler_report(reconciler, &report);
        write_counts(json, "specs", names,
                     (const size_t[]){ report.n_objects, report.n_files, report.n_spec_errors,
                                       report.n_spec_warnings, report.n_prune_held });
        write_spec_errors(reconciler_diags(reconciler), reconciler_diags_commit(reconciler), json);
        write_spec_warnings(reconciler_diags(reconciler), reconciler_diags_commit(reconciler),
                            json);
        if (reconciler_spec_commit(reconciler)[0])
                json_text(json, "specCommit", reconciler_spec_commit(reconciler));
        write_specs_git(reconciler, json);
        return report.n_spec_errors + report.n_prune_held + report.specs_unreadable +
               report.specs_are_pending + report.n_streams_failed;
}

static int count_releases(Request *request, size_t *ret, Error *err)
{
        Store *store = reconciler_store(request->api->reconciler);
        const ReleaseFilter filter = { .tenant = status_tenant(request) };
        const Page page = { .limit = 1 };
        ReleaseCounts counts = { 0 };
        Releases found;
        int r;

        *ret = 0;
        if (filter.tenant) {
                r = store_search(store, &filter, &page, &request->arena, &found, err);
                *ret = r >= 0 ? (size_t)found.total : 0;
                return r;
        }
        r = store_release_counts(store, &counts, err);
        for (size_t i = 0; i < RELEASE_STATUS_MAX_; i++)
                *ret += (size_t)counts.of[i];
        return r;
}

static int write_all_counts(Request *request, Json *json, Troubles *ret_receivers, size_t *ret_bad,
                            Error *err)
{
        static const char *const components[] = { "total", "failing", "suspended", NULL };
        static const char *const releases[] = { "total", "drafts", NULL };
        static const char *const environments[] = { "total", "failing", NULL };
        size_t n_releases, n_receivers_bad = 0;
        TenantCounts counts;
        int r;

        r = count_releases(request, &n_releases, err);
        if (r < 0)
                return r;
        catalog_counts(request->api->reconciler, status_tenant(request), &counts);
        *ret_bad = write_specs(request, json);
        write_counts(json, "components", components,
                     (const size_t[]){ counts.n_components, counts.n_failing, counts.n_suspended });
        write_counts(json, "releases", releases, (const size_t[]){ n_releases, counts.n_drafts });
        r = write_receivers(request, json, ret_receivers, &n_receivers_bad, err);
        *ret_bad += n_receivers_bad;
        write_counts(json, "environments", environments,
                     (const size_t[]){ counts.n_environments, counts.n_environments_failing });
        return r;
}

static int count_drift(Request *request, uint64_t *ret, Error *err)
{
        const char *tenant = status_tenant(request); /* NULL: all */
        ComponentFiguresList list;
        int r;

        *ret = 0;
        r = poller_component_figures(reconciler_poller(request->api->reconciler), &request->arena,
                                     &list, err);
        for (size_t i = 0; r >= 0 && i < list.n; i++)
                if (!tenant || streq(list.items[i].tenant, tenant))
                        *ret += list.items[i].n_drift;
        return r;
}

/* --- waiting environments --------------------------------------------------------------------- */

/* The environments of the answer that may wait for something. */
typedef struct StatusPendings {
        const EnvironmentSpec *environments[PENDING_SHOWN];
        const char *ids[PENDING_SHOWN];
        Pending pendings[PENDING_SHOWN];
        size_t n, n_more;
} StatusPendings;

/* Finds the environments that may wait for something. Needs no query: the deployer knows which
 * environments have their desired release, and most have it. */
static StatusPendings *find_pendings(Request *request)
{
        const EnvironmentSpecs *all = &reconciler_model(request->api->reconciler)->environments;
        StatusPendings *list = arena_alloc(&request->arena, sizeof(*list));
        const char *tenant = status_tenant(request);

        for (size_t i = 0; list && i < all->n; i++) {
                const Object *object = &all->items[i]->object;

                if ((tenant && !streq(object->meta.tenant, tenant)) ||
                    !deployer_may_be_pending(reconciler_deployer(request->api->reconciler),
                                             object->id.text))
                        continue;
                if (list->n == PENDING_SHOWN) {
                        list->n_more++;
                        continue;
                }
                list->environments[list->n] = all->items[i];
                list->ids[list->n++] = object->id.text;
        }
        return list;
}

static int write_pendings(Request *request, Json *json, Error *err)
{
        StatusPendings *list = find_pendings(request);
        Reconciler *reconciler = request->api->reconciler;
        int r;

        if (!list)
                return error_oom(err);
        r = deployer_pendings(reconciler_deployer(reconciler), list->ids, list->n, &request->arena,
                              list->pendings, err);
        if (r < 0)
                return r;
        json_begin(json, "pending", '[');
        for (size_t i = 0; i < list->n; i++) {
                const Meta *meta = &list->environments[i]->object.meta;

                if (!list->pendings[i].reason)
                        continue;
                json_begin(json, NULL, '{');
                json_text(json, "tenant", meta->tenant);
                json_text(json, "environment", meta->name);
                json_text(json, "deployed", list->pendings[i].deployed);
                entity_pending(json, &list->pendings[i]);
                json_end(json, '}');
        }
        json_end(json, ']');
        json_int(json, "morePending", (int64_t)list->n_more);
        return 0;
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
        if (r >= 0)
                r = write_pendings(request, &json, err);
        json_int(&json, "nTroubles", (int64_t)n_troubles);
        json_bool(&json, "ok", n_troubles == 0 && n_bad == 0);
        json_end(&json, '}');
        return r;
}
