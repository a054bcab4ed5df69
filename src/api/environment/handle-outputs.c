/* /api/v1/outputs and /api/v1/environments/{id}/outputs: the outputs of relmand.yaml, and whether
 * they have the release of their environment. */

#include <errno.h>
#include <stdlib.h>

#include "api/http/access.h"
#include "api/http/sliced.h"
#include "api/lookup.h"
#include "api/page.h"

/* An output of a list, by texts that outlive the model. */
typedef struct Listed {
        const char *tenant, *environment;
        const char *key; /* name of the output; in a list of all tenants TENANT/NAME */
        size_t index;    /* in the configuration */
} Listed;

typedef struct OutputList {
        Listed *items; /* sorted by key */
        size_t n, at;
        ListPage page;
        bool of_all, has_begun;
} OutputList;

/* --- writing ---------------------------------------------------------------------------------- */

static void write_spec(Json *json, const OutputSpec *spec, const OutputState *state)
{
        static const char *const kinds[] = { "file", "exec", "git" };
        const GitOutput *git = &spec->git;
        OutputKind kind = output_kind(spec);

        json_text(json, "kind", kinds[kind]);
        json_text(json, "target", state->target);
        json_text(json, "format", git->edits.n > 0 ? NULL : lock_format_to_string(spec->format));
        json_text(json, "path", git->path ? git->path : state->path);
        json_text(json, "program", spec->exec.n > 0 ? spec->exec.items[0] : NULL);
        json_text(json, "url", git->url);
        json_text(json, "branch", kind == OUTPUT_KIND_GIT ? git->branch : NULL);
        json_begin(json, "edits", '[');
        for (size_t i = 0; i < git->edits.n; i++)
                json_text(json, NULL, git->edits.items[i].file);
        json_end(json, ']');
}

static void write_state(Json *json, const OutputState *state)
{
        static const char *const phases[] = { "never", "written", "waiting", "failed" };

        json_text(json, "state", phases[state->phase]);
        json_time(json, "since", state->since);
        json_text(json, "release", state->last.release);
        json_text(json, "lockDigest", state->last.lock_digest);
        json_text(json, "commit", state->last.commit);
        json_time(json, "writtenAt", state->last.at);
        json_text(json, "wanted", state->wanted);
        json_text(json, "problem", state->problem);
        json_time(json, "retryAt", state->retry_at);
        if (!state->pull.state) {
                json_text(json, "pullRequest", NULL);
                return;
        }
        json_begin(json, "pullRequest", '{');
        json_text(json, "state", state->pull.state);
        json_text(json, "number", state->pull.number);
        json_text(json, "url", state->pull.url);
        json_text(json, "problem", state->pull.problem);
        json_end(json, '}');
}

static int write_output(Request *request, Json *json, const OutputList *list, const Listed *listed,
                        Error *err)
{
        Reconciler *reconciler = request->api->reconciler;
        const Object *environment =
                catalog_object(reconciler, KIND_ENVIRONMENT, listed->tenant, listed->environment);
        OutputState state;
        int r;

        if (!environment) /* a load of the specs has removed it meanwhile */
                return 0;
        r = catalog_output_state(reconciler, environment->id.text, listed->index, &request->arena,
                                 &state, err);
        if (r < 0)
                return r;
        json_begin(json, NULL, '{');
        json_text(json, "name",
                  list->of_all ? listed->key + strlen(listed->tenant) + 1 : listed->key);
        json_text(json, "environmentId", environment->id.text);
        json_text(json, "environment", environment->meta.name);
        json_text(json, "tenant", environment->meta.tenant);
        write_spec(json, &catalog_outputs(reconciler)->items[listed->index], &state);
        write_state(json, &state);
        json_end(json, '}');
        return 0;
}

static int list_slice(Slice *slice, void *state, Error *err)
{
        OutputList *list = state;
        int r = 0;

        if (!list->has_begun)
                json_begin(&slice->json, NULL, '[');
        list->has_begun = true;
        while (list->at < list->n && r >= 0 && !slice_is_full(slice)) {
                const Listed *listed = &list->items[list->at++];

                if (list_page_takes_name(&list->page, listed->key))
                        r = write_output(slice->request, &slice->json, list, listed, err);
        }
        if (r < 0 || list->at < list->n)
                return r < 0 ? r : 1;
        json_end(&slice->json, ']');
        return 0;
}

static int list_finish(Request *request, void *state, Error *err)
{
        const OutputList *list = state;

        return list_page_link(request, &list->page, err);
}

/* --- the outputs of a list -------------------------------------------------------------------- */

static int by_environment(const void *a, const void *b)
{
        const Listed *x = a, *y = b;
        int c = strcmp(x->tenant, y->tenant);

        if (c == 0)
                c = strcmp(x->environment, y->environment);
        return c != 0 ? c : (x->index > y->index) - (x->index < y->index);
}

static int by_key(const void *a, const void *b)
{
        const Listed *x = a, *y = b;

        return strcmp(x->key, y->key);
}

/* Names each output after its environment and its number there: prod/1, prod/2. */
static void name_outputs(OutputList *list, Arena *arena)
{
        size_t number = 0;

        qsort(list->items, list->n, sizeof(*list->items), by_environment);
        for (size_t i = 0; i < list->n; i++) {
                Listed *listed = &list->items[i];
                const Listed *before = i > 0 ? &list->items[i - 1] : NULL;
                bool is_same = before && streq(before->tenant, listed->tenant) &&
                               streq(before->environment, listed->environment);

                number = is_same ? number + 1 : 1;
                listed->key = arena_printf(arena, "%s%s%s/%zu", list->of_all ? listed->tenant : "",
                                           list->of_all ? "/" : "", listed->environment, number);
        }
        if (!arena->failed)
                qsort(list->items, list->n, sizeof(*list->items), by_key);
}

/* Returns whose output it is, with tenant and environment in the arena. */
static Listed owner_of(const OutputSpec *output, size_t index, Arena *arena)
{
        const char *slash = strchr(output->environment, '/');
        Listed listed = { .tenant = DEFAULT_TENANT,
                          .environment = output->environment,
                          .index = index };

        if (slash) {
                listed.tenant = arena_strndup(arena, output->environment,
                                              (size_t)(slash - output->environment));
                listed.environment = slash + 1;
        }
        return listed;
}

/* Collects the outputs of the tenant, or of one environment. */
static int collect(Request *request, const Object *environment, OutputList *list, Error *err)
{
        Reconciler *reconciler = request->api->reconciler;
        const OutputSpecs *outputs = catalog_outputs(reconciler);

        list->items = arena_alloc_array(&request->arena, outputs->n + 1, sizeof(*list->items));
        for (size_t i = 0; list->items && i < outputs->n; i++) {
                Listed listed = owner_of(&outputs->items[i], i, &request->arena);
                const Object *owner;

                if (!listed.tenant)
                        break;
                if (!list->of_all && !streq(listed.tenant, request_tenant(request)))
                        continue;
                owner = catalog_object(reconciler, KIND_ENVIRONMENT, listed.tenant,
                                       listed.environment);
                if (owner && (!environment || owner == environment))
                        list->items[list->n++] = listed;
        }
        if (!request->arena.failed)
                name_outputs(list, &request->arena);
        return request->arena.failed ? error_oom(err) : 0;
}

static int answer_list(Request *request, const Object *environment, Error *err)
{
        static const Slicer whole = { list_slice, NULL }, page = { list_slice, list_finish };
        OutputList *list = arena_alloc(&request->arena, sizeof(*list));
        int r;

        if (!list)
                return error_oom(err);
        *list = (OutputList){ .of_all = request_is_of_all(request) };
        r = list_page(request, &list->page, err);
        if (r >= 0)
                r = collect(request, environment, list, err);
        return r < 0 ? r
                     : answer_in_slices(request, list->page.limit < SIZE_MAX ? &page : &whole, list,
                                        err);
}

int handle_outputs(Request *request, Error *err)
{
        return answer_list(request, NULL, err);
}

int handle_environment_outputs(Request *request, Error *err)
{
        const Object *environment =
                find_object(request, KIND_ENVIRONMENT, request_parameter(request, "id"), err);

        return environment ? answer_list(request, environment, err) : -ENOENT;
}
