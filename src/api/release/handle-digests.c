/* /api/v1/digests: the digests that releases and environments need in the registries. */

#include <errno.h>
#include <stdio.h>

#include "api/handlers.h"
#include "api/http/access.h"
#include "api/http/sliced.h"
#include "api/page.h"
#include "base/digest.h"
#include "base/limits.h"
#include "store/digests.h"
#include "store/id-list.h"
#include "store/images.h"
#include "store/pages.h"

#define DIGEST_RELEASES    100  /* maximum number of releases shown for one digest */
#define ENVIRONMENTS_BATCH 50   /* environments that are read at once */
#define ROWS_BATCH         1000 /* rows of a walk that are read at once */

/* A walk over the environments of a tenant, in batches sorted by name. `at` is a name, not a
 * pointer, because specs may be loaded between two slices. */
typedef struct EnvironmentWalk {
        char at[NAME_MAX_ + 1];
        bool is_done;
} EnvironmentWalk;

/* Environments of a batch, with the releases that they have, are getting, or had before. */
typedef struct EnvironmentBatch {
        const Object *items[ENVIRONMENTS_BATCH];
        size_t n;
        Deployments deployments;
        Rollbacks rollbacks;
} EnvironmentBatch;

static const Deployment *deployment_of(const EnvironmentBatch *batch, const char *id)
{
        for (size_t i = 0; i < batch->deployments.n; i++)
                if (streq(batch->deployments.items[i].environment_id, id))
                        return &batch->deployments.items[i];
        return NULL;
}

/* Returns the number of releases before the current one that the environment needs. */
static size_t n_needed(const Object *environment)
{
        return (size_t)((const EnvironmentSpec *)environment)->rollback_releases;
}

/* True if the row is a release before the deployed one. */
static bool is_before(const EnvironmentBatch *batch, const Rollback *rollback)
{
        const Deployment *now = deployment_of(batch, rollback->environment_id);

        return !now || !str_equal(rollback->release_id, now->deployed_release_id);
}

/* Removes releases that their environment no longer needs. */
static void keep_needed(EnvironmentBatch *batch)
{
        size_t n_left[ENVIRONMENTS_BATCH] = { 0 }, n = 0, at;

        for (size_t i = 0; i < batch->n; i++)
                n_left[i] = n_needed(batch->items[i]);
        for (size_t i = 0; i < batch->rollbacks.n; i++) {
                const Rollback *rollback = &batch->rollbacks.items[i];

                for (at = 0; at < batch->n; at++)
                        if (streq(batch->items[at]->id.text, rollback->environment_id))
                                break;
                if (at == batch->n || (is_before(batch, rollback) && n_left[at] == 0))
                        continue;
                n_left[at] -= is_before(batch, rollback);
                batch->rollbacks.items[n++] = *rollback;
        }
        batch->rollbacks.n = n;
}

static int read_batch(Request *request, EnvironmentWalk *walk, EnvironmentBatch *ret, Error *err)
{
        const EnvironmentSpecs *all = &reconciler_model(request->api->reconciler)->environments;
        Store *store = reconciler_store(request->api->reconciler);
        _cleanup_(id_list_done) IdList list;
        size_t n_max = 0;
        const char *ids;
        int r;

        *ret = (EnvironmentBatch){ 0 };
        id_list_init(&list);
        for (size_t i = 0; i < all->n && ret->n < ARRAY_SIZE(ret->items); i++) {
                const Object *object = &all->items[i]->object;

                if (!streq(object->meta.tenant, request_tenant(request)) ||
                    strcmp(object->meta.name, walk->at) <= 0)
                        continue;
                ret->items[ret->n++] = object;
                n_max = MAX(n_max, n_needed(object));
                id_list_add(&list, object->id.text);
        }
        walk->is_done = ret->n < ARRAY_SIZE(ret->items);
        if (ret->n > 0)
                (void)snprintf(walk->at, sizeof(walk->at), "%s", ret->items[ret->n - 1]->meta.name);
        ids = id_list_end(&list, &request->arena);
        r = ids ? store_page_deployments(store, ids, &request->arena, &ret->deployments, err)
                : error_oom(err);
        if (r >= 0)
                r = store_page_rollbacks(store, ids, n_max + 1, &request->arena, &ret->rollbacks,
                                         err);
        if (r >= 0)
                keep_needed(ret);
        return r;
}

/* --- one digest ------------------------------------------------------------------------------- */

typedef struct OneDigest {
        const char *digest;
        EnvironmentWalk walk;
        bool has_begun, is_protected;
        bool is_known; /* a release of the tenant has the digest */
} OneDigest;

static int write_releases(Slice *slice, OneDigest *one, Error *err)
{
        Request *request = slice->request;
        Json *json = &slice->json;
        DigestReleases releases;
        const DigestQuery query = { request_tenant(request), one->digest, DIGEST_RELEASES + 1 };
        int r = store_digest_releases(reconciler_store(request->api->reconciler), &query,
                                      &request->arena, &releases, err);

        if (r < 0)
                return r;
        one->is_known = releases.n > 0;
        json_begin(json, NULL, '{');
        json_text(json, "digest", one->digest);
        json_begin(json, "releases", '[');
        for (size_t i = 0; i < MIN(releases.n, DIGEST_RELEASES); i++) {
                const DigestRelease *release = &releases.items[i];

                one->is_protected |= release->status != RELEASE_ARCHIVED;
                json_begin(json, NULL, '{');
                json_text(json, "releaseId", release->id);
                json_text(json, "release", release->name);
                json_text(json, "status", release_status_to_string(release->status));
                json_text(json, "repository", release->repository);
                json_time(json, "createdAt", release->created_at);
                json_end(json, '}');
        }
        json_end(json, ']');
        json_bool(json, "moreReleases", releases.n > DIGEST_RELEASES);
        json_begin(json, "environments", '[');
        return 0;
}

/* Reads which releases of a batch need the digest. */
static int read_needs(Request *request, const EnvironmentBatch *batch, const char *digest,
                      NamedReleases *ret, Error *err)
{
        _cleanup_(id_list_done) IdList list;
        const char *ids;

        id_list_init(&list);
        for (size_t i = 0; i < batch->deployments.n; i++)
                id_list_add(&list, batch->deployments.items[i].release_id);
        for (size_t i = 0; i < batch->rollbacks.n; i++)
                id_list_add(&list, batch->rollbacks.items[i].release_id);
        ids = id_list_end(&list, &request->arena);
        return ids ? store_page_needs(reconciler_store(request->api->reconciler), ids, digest,
                                      &request->arena, ret, err)
                   : error_oom(err);
}

typedef struct Use {
        const Object *environment;
        const char *release_id, *word;
        usec_t since;
} Use;

static void write_use(Json *json, OneDigest *one, const NamedReleases *needs, const Use *use)
{
        for (size_t i = 0; i < needs->n; i++) {
                if (!streq(needs->items[i].id, use->release_id))
                        continue;
                one->is_protected = true;
                json_begin(json, NULL, '{');
                json_text(json, "environmentId", use->environment->id.text);
                json_text(json, "environment", use->environment->meta.name);
                json_text(json, "releaseId", use->release_id);
                json_text(json, "release", needs->items[i].name);
                json_text(json, "use", use->word);
                json_time(json, "since", use->since);
                json_end(json, '}');
                return;
        }
}

/* Writes how one environment uses the digest: in its current release, in the deployed one, and in
 * those that a rollback may restore. */
static void write_uses(Json *json, OneDigest *one, const EnvironmentBatch *batch,
                       const Object *environment, const NamedReleases *needs)
{
        const Deployment *now = deployment_of(batch, environment->id.text);

        if (now)
                write_use(json, one, needs,
                          &(Use){ environment, now->release_id,
                                  deployment_status_to_string(now->status), now->at });
        for (size_t i = 0; i < batch->rollbacks.n; i++) {
                const Rollback *rollback = &batch->rollbacks.items[i];

                if (!streq(rollback->environment_id, environment->id.text) ||
                    (now && streq(rollback->release_id, now->release_id)))
                        continue;
                write_use(json, one, needs,
                          &(Use){ environment, rollback->release_id,
                                  is_before(batch, rollback) ? "rollback" : "deployed",
                                  rollback->at });
        }
}

static void write_facts(Json *json, const ImageFacts *facts)
{
        json_begin(json, "image", '{');
        json_text(json, "mediaType", facts->media_type);
        json_text(json, "artifactType", facts->artifact_type);
        json_text(json, "config", facts->config);
        json_texts(json, "layers", &facts->layers);
        json_pairs(json, "annotations", &facts->annotations);
        json_pairs(json, "manifests", &facts->others);
        if (facts->has_config) {
                json_pairs(json, "labels", &facts->labels);
                json_text(json, "platform", facts->platform);
                json_time(json, "created", (usec_t)MAX(facts->created, 0) * USEC_PER_SEC);
        }
        json_bool(json, "complete", !facts->is_cut);
        json_end(json, '}');
}

/* Writes the facts of the image. A tenant sees only facts of digests in its releases. */
static int write_image(Slice *slice, const OneDigest *one, Error *err)
{
        Request *request = slice->request;
        _cleanup_(buffer_done) Buffer keys;
        ImageFactList images = { 0 };
        int r = 0;

        buffer_init(&keys, (size_t)2 * DIGEST_SIZE_MAX);
        if (one->is_known) {
                image_keys_add(&keys, one->digest, &(PlatformDigests){ 0 });
                r = store_images(reconciler_store(request->api->reconciler), &keys, &request->arena,
                                 &images, err);
        }
        if (images.n > 0)
                write_facts(&slice->json, &images.items[0]);
        else
                json_text(&slice->json, "image", NULL);
        return r;
}

static int one_slice(Slice *slice, void *state, Error *err)
{
        OneDigest *one = state;
        int r = one->has_begun ? 0 : write_releases(slice, one, err);

        one->has_begun = true;
        while (r >= 0 && !one->walk.is_done) {
                EnvironmentBatch batch;
                NamedReleases needs;

                r = read_batch(slice->request, &one->walk, &batch, err);
                if (r >= 0)
                        r = read_needs(slice->request, &batch, one->digest, &needs, err);
                for (size_t i = 0; i < batch.n && r >= 0; i++)
                        write_uses(&slice->json, one, &batch, batch.items[i], &needs);
                if (r >= 0 && slice_is_full(slice) && !one->walk.is_done)
                        return 1;
        }
        if (r < 0)
                return r;
        json_end(&slice->json, ']');
        json_bool(&slice->json, "protected", one->is_protected);
        r = write_image(slice, one, err);
        json_end(&slice->json, '}');
        return MIN(r, 0);
}

static int check_digest(const char *what, const char *digest, Error *err)
{
        return digest_is_valid(digest) ? 0
                                       : error_set(err, ERROR_INVALID, -EINVAL,
                                                   "%s: a complete digest such as sha256:… with "
                                                   "64 hex digits, not '%s'",
                                                   what, digest);
}

int handle_digest(Request *request, Error *err)
{
        static const Slicer slicer = { one_slice, NULL };
        const char *digest = request_parameter(request, "digest");
        OneDigest *one = arena_alloc(&request->arena, sizeof(*one));
        int r = one ? check_digest("the digest in the path", digest, err) : error_oom(err);

        if (r < 0)
                return r;
        *one = (OneDigest){ .digest = digest };
        return answer_in_slices(request, &slicer, one, err);
}

/* --- the list --------------------------------------------------------------------------------- */

typedef struct DigestList {
        ListPage page;
        EnvironmentWalk walk;
        const char *kept; /* needed archived releases, as for DigestWalk but without "]" */
        DigestWalk rows;
        char last[DIGEST_SIZE_MAX]; /* the last digest that was written, for page.last; "": none */
        char from[DIGEST_SIZE_MAX + 1];
        bool has_begun;
} DigestList;

/* Adds the archived releases that environments of the batch need. */
static int add_kept(Slice *slice, DigestList *list, const EnvironmentBatch *batch, Error *err)
{
        for (size_t i = 0; i < batch->rollbacks.n; i++) {
                const Rollback *rollback = &batch->rollbacks.items[i];

                if (rollback->status != RELEASE_ARCHIVED)
                        continue;
                list->kept = arena_printf(slice->kept, "%s%s\"%s\"", list->kept,
                                          list->kept[1] ? "," : "", rollback->release_id);
                if (!list->kept)
                        return error_oom(err);
        }
        return 0;
}

/* Reads the archived releases that environments need. Returns 1 if environments are left. */
static int read_kept(Slice *slice, DigestList *list, Error *err)
{
        while (!list->walk.is_done) {
                EnvironmentBatch batch;
                int r = read_batch(slice->request, &list->walk, &batch, err);

                if (r >= 0)
                        r = add_kept(slice, list, &batch, err);
                if (r < 0)
                        return r;
                if (list->walk.is_done) {
                        list->rows.kept = arena_printf(slice->kept, "%s]", list->kept);
                        return list->rows.kept ? 0 : error_oom(err);
                }
                if (slice_is_full(slice))
                        return 1;
        }
        return 0;
}

/* Begins the walk after a digest. The digest with "!" sorts after all rows of the digest, and
 * before the next digest. */
static void walk_after(DigestList *list, const char *digest)
{
        (void)snprintf(list->from, sizeof(list->from), "%s%s", digest, digest[0] ? "!" : "");
        list->rows.digest = list->from;
        list->rows.of_digest = list->rows.at_repository = list->rows.release_id = "";
}

static void write_row(Json *json, const DigestRow *row)
{
        json_begin(json, NULL, '{');
        json_text(json, "digest", row->digest);
        json_text(json, "ofDigest", row->of_digest);
        json_text(json, "repository", row->repository);
        json_text(json, "releaseId", row->release_id);
        json_text(json, "release", row->release);
        json_end(json, '}');
}

/* Continues the walk after the last row that was read. */
static int walk_on(Slice *slice, DigestList *list, const DigestRow *last, Error *err)
{
        if (streq(last->digest, list->last)) { /* the digest was written: skip its rows */
                walk_after(list, list->last);
                return 0;
        }
        (void)snprintf(list->from, sizeof(list->from), "%s", last->digest);
        list->rows.digest = list->from;
        list->rows.of_digest = arena_strdup(slice->kept, last->of_digest);
        list->rows.at_repository = arena_strdup(slice->kept, last->repository);
        list->rows.release_id = arena_strdup(slice->kept, last->release_id);
        return list->rows.of_digest && list->rows.at_repository && list->rows.release_id
                       ? 0
                       : error_oom(err);
}

/* Writes the digests of the next rows. Returns 1 if there may be more. */
static int write_rows(Slice *slice, DigestList *list, Error *err)
{
        Request *request = slice->request;
        DigestRows rows;
        int r = store_digest_rows(reconciler_store(request->api->reconciler), &list->rows,
                                  &request->arena, &rows, err);

        for (size_t i = 0; r >= 0 && i < rows.n; i++) {
                const DigestRow *row = &rows.items[i];

                if (!row->is_needed || streq(row->digest, list->last))
                        continue;
                if (!list_page_takes_name(&list->page, row->digest))
                        return 0; /* the next page begins with this row */
                write_row(&slice->json, row);
                (void)snprintf(list->last, sizeof(list->last), "%s", row->digest);
                list->page.last = list->last;
        }
        if (r < 0 || rows.n < ROWS_BATCH)
                return r;
        r = walk_on(slice, list, &rows.items[rows.n - 1], err);
        return r < 0 ? r : 1;
}

static int list_slice(Slice *slice, void *state, Error *err)
{
        DigestList *list = state;
        int r;

        if (!list->has_begun)
                json_begin(&slice->json, NULL, '[');
        list->has_begun = true;
        r = read_kept(slice, list, err);
        if (r != 0)
                return r;
        do
                r = write_rows(slice, list, err);
        while (r > 0 && !slice_is_full(slice));
        if (r == 0)
                json_end(&slice->json, ']');
        return r;
}

static int list_finish(Request *request, void *state, Error *err)
{
        const DigestList *list = state;

        return list_page_link(request, &list->page, err);
}

int handle_digests(Request *request, Error *err)
{
        static const Slicer whole = { list_slice, NULL }, page = { list_slice, list_finish };
        DigestList *list = arena_alloc(&request->arena, sizeof(*list));
        int r;

        if (!list)
                return error_oom(err);
        *list = (DigestList){ .kept = "[" };
        r = list_page(request, &list->page, err);
        if (r >= 0 && list->page.after)
                r = check_digest("parameter after", list->page.after, err);
        if (r < 0)
                return r;
        list->rows = (DigestWalk){ .tenant = request_tenant(request),
                                   .repository = request_query(request, "repository"),
                                   .limit = ROWS_BATCH };
        walk_after(list, list->page.after ? list->page.after : "");
        return answer_in_slices(request, list->page.limit < SIZE_MAX ? &page : &whole, list, err);
}
