/* GET /api/v1/environments/{id}/approvals: who has approved which release. */

#include <errno.h>

#include "api/entity.h"
#include "api/lookup.h"
#include "model/environment.h"
#include "release/approvals.h"
#include "store/id-list.h"
#include "store/pages.h"

/* The releases in the answer: the next release, and the releases with the newest approvals. */
typedef struct ShownReleases {
        NextRelease next;
        bool has_next;
        Approvals approvals; /* sorted by release */
        Releases releases;   /* without their components */
} ShownReleases;

static int read_releases(Request *request, const char *environment_id, ShownReleases *ret,
                         Error *err)
{
        Store *store = reconciler_store(request->api->reconciler);
        const char *next = ret->has_next ? ret->next.id : NULL, *last = NULL;
        const Approvals *approvals = &ret->approvals;
        _cleanup_(id_list_done) IdList list;
        const char *ids;
        int r;

        id_list_init(&list);
        r = store_release_approvals(store, environment_id, next, &request->arena, &ret->approvals,
                                    err);
        if (r < 0)
                return r;
        id_list_add(&list, next);
        for (size_t i = 0; i < approvals->n; i++) {
                const char *id = approvals->items[i].release_id;

                if (str_equal(id, last) || str_equal(id, next))
                        continue;
                id_list_add(&list, id);
                last = id;
        }
        ids = id_list_end(&list, &request->arena);
        return ids ? store_page_release_heads(store, ids, &request->arena, &ret->releases, err)
                   : error_oom(err);
}

/* Returns the approvals of one release, which are adjacent in the list. */
static Approvals release_approvals(const Approvals *all, const char *release_id)
{
        Approvals found = { 0 };

        for (size_t i = 0; i < all->n; i++) {
                if (!streq(all->items[i].release_id, release_id))
                        continue;
                if (found.n++ == 0)
                        found.items = &all->items[i];
        }
        return found;
}

static int write_release(Request *request, Json *json, const EnvironmentSpec *environment,
                         const ShownReleases *shown, const Release *release, Error *err)
{
        bool is_next =
                shown->has_next && !shown->next.is_there && streq(release->id.text, shown->next.id);
        const Approvals approvals = release_approvals(&shown->approvals, release->id.text);
        const ApprovalInput input = { .environment = environment,
                                      .model = reconciler_model(request->api->reconciler),
                                      .release = release,
                                      .approvals = &approvals,
                                      .now = time_wall() };
        const char *waits_for = NULL, *next = NULL;
        ApprovalState state;
        int64_t n_missing;

        if (approvals_evaluate(&input, &request->arena, &state) < 0)
                return error_oom(err);
        n_missing = approvals_missing(&state);
        if (n_missing > 0)
                waits_for = approvals_noun(&input, &state, false, &request->arena);
        if (is_next && n_missing > 0 && !state.rejection)
                next = arena_printf(&request->arena, "relmanctl approve %s %s", release->name,
                                    environment->object.meta.name);
        json_begin(json, NULL, '{');
        json_text(json, "releaseId", release->id.text);
        json_text(json, "release", release->name);
        json_bool(json, "isNext", is_next);
        json_int(json, "given", (int64_t)state.persons.n);
        json_int(json, "missing", n_missing);
        json_texts(json, "persons", &state.persons);
        json_text(json, "waitsFor", waits_for);
        entity_verdicts(json, "approvals", &approvals, false);
        entity_verdicts(json, "rejections", &approvals, true);
        json_text(json, "next", next);
        json_end(json, '}');
        return 0;
}

int handle_approvals(Request *request, Error *err)
{
        const EnvironmentSpec *environment = (const EnvironmentSpec *)find_object(
                request, KIND_ENVIRONMENT, request_parameter(request, "id"), err);
        Json json = { .out = &request->answer.body };
        ShownReleases shown = { 0 };
        int r;

        if (!environment)
                return -ENOENT;
        r = catalog_next_release(request->api->reconciler, environment->object.id.text,
                                 &request->arena, &shown.next, err);
        shown.has_next = r > 0;
        if (r >= 0)
                r = read_releases(request, environment->object.id.text, &shown, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '{');
        json_text(&json, "environmentId", environment->object.id.text);
        json_text(&json, "environment", environment->object.meta.name);
        json_int(&json, "required", approvals_needed(&environment->approvals));
        json_begin(&json, "releases", '[');
        for (size_t i = 0; r >= 0 && i < shown.releases.n; i++)
                r = write_release(request, &json, environment, &shown, &shown.releases.items[i],
                                  err);
        json_end(&json, ']');
        json_end(&json, '}');
        return MIN(r, 0);
}
