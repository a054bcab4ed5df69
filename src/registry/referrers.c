/* Finds the manifests that refer to an image, such as its signatures.
 *
 *   the list of the referrers API            the registry has none
 *     |                                        |
 *     |                                      the index under the tag ALGORITHM-HEX
 *     |                                        |
 *     +----------------------------------------+
 *     |
 *   the manifests under the tags of cosign: ALGORITHM-HEX.sig, .att, .sbom */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "model/image/image.h"
#include "registry/content.h"
#include "registry/tag-links.h"
#include "registry/wire/manifest-json.h"

#define REFERRERS_ARENA_MAX ((size_t)32 * 1024 * 1024)
#define PAGES_MAX           10

typedef struct ReferrerList {
        Arena arena;
        Pairs found; /* digests, with empty values; as in ImageFacts.others */
        char tag[REFERRERS_TAG_MAX];
        const char *const *suffix; /* suffix of the next tag; NULL ends the list */
        char *first_url;
        unsigned n_pages;
} ReferrerList;

static const char *const suffixes[] = { "", ".sig", ".att", ".sbom", NULL };

static void referrers_free(RegistryCall *call)
{
        arena_done(&call->referrers->arena);
        free(call->referrers->first_url);
        free(call->referrers);
}

static void referrers_fail(RegistryCall *call, Error *error)
{
        call_complete(call, NULL, error);
        error_done(error);
}

/* --- results ---------------------------------------------------------------------------------- */

static int add_one(Arena *arena, Pairs *all, const char *digest)
{
        all->items[all->n] = (Pair){ .key = arena_strdup(arena, digest), .value = "" };
        return all->items[all->n++].key ? 0 : -ENOMEM;
}

/* Adds digests, and limits the list. Returns 0 or -ENOMEM. */
static int add_found(RegistryCall *call, const PlatformDigests *platforms, const Pairs *others)
{
        ReferrerList *list = call->referrers;
        size_t n = list->found.n + platforms->n + others->n;
        Pairs all = { arena_alloc_array(&list->arena, n + 1, sizeof(*all.items)), 0 };
        int r = all.items ? 0 : -ENOMEM;

        for (size_t i = 0; i < list->found.n && r >= 0; i++)
                all.items[all.n++] = list->found.items[i];
        for (size_t i = 0; i < platforms->n && r >= 0; i++)
                r = add_one(&list->arena, &all, platforms->items[i].digest);
        for (size_t i = 0; i < others->n && r >= 0; i++)
                r = add_one(&list->arena, &all, others->items[i].key);
        (void)image_others_limit(&all);
        list->found = all;
        return r;
}

static void referrers_end(RegistryCall *call)
{
        ImageFacts facts = { .digest = call->reference,
                             .has_others = true,
                             .others = call->referrers->found };
        const Manifest manifest = { .digest = call->reference, .size = -1, .facts = { &facts, 1 } };

        call_complete(call, &manifest, NULL);
}

/* --- tags ------------------------------------------------------------------------------------- */

static void ask_tag(RegistryCall *call);

static int add_digest(RegistryCall *call, const char *digest)
{
        Pair one = { .key = digest, .value = "" };

        return add_found(call, &(PlatformDigests){ 0 }, &(Pairs){ &one, 1 });
}

/* Takes the answer to HEAD of a tag of cosign. */
static int take_head(RegistryCall *call, const HttpResponse *response, Error *err)
{
        const char *digest = http_header(response, "Docker-Content-Digest", NULL);

        if (!digest || !digest_is_valid(digest))
                return 0;
        return add_digest(call, digest) < 0 ? error_oom(err) : 0;
}

/* Takes the index under the tag of the specification. The index itself is needed, too. */
static int take_index(RegistryCall *call, const HttpResponse *response, Error *err)
{
        _cleanup_(error_done) Error none = { 0 };
        ParsedManifest parsed = { 0 };
        char digest[DIGEST_SIZE_MAX];
        int r = manifest_parse(response->body, response->body_size, &call->referrers->arena,
                               &parsed, &none);

        if (r < 0)
                return none.code == -ENOMEM ? error_oom(err) : 0;
        digest_sha256(response->body, response->body_size, digest);
        if (add_digest(call, digest) < 0 ||
            add_found(call, &parsed.platforms, &parsed.facts.others) < 0)
                return error_oom(err);
        return 0;
}

static void on_tag(RegistryCall *call, const HttpResponse *response, const Error *error)
{
        Error own = { 0 };
        int r = 0;

        if (error) {
                call_complete(call, NULL, error);
                return;
        }
        if (response->status == 200)
                r = (call->method == HTTP_HEAD ? take_head : take_index)(call, response, &own);
        if (r < 0)
                referrers_fail(call, &own);
        else
                ask_tag(call);
}

static void ask_tag(RegistryCall *call)
{
        ReferrerList *list = call->referrers;
        const char *suffix = *list->suffix++;
        RequestPlan plan = { .method = suffix && suffix[0] ? HTTP_HEAD : HTTP_GET,
                             .headers = manifest_headers,
                             .body_max = MANIFEST_MAX,
                             .answer = on_tag };
        Error own = { 0 };

        if (!suffix) {
                referrers_end(call);
                return;
        }
        plan.is_pull = plan.method == HTTP_GET;
        plan.url = text_printf("%s/v2/%s/manifests/%s%s", call->registry->url, call->repository,
                               list->tag, suffix);
        if (request_start(call, &plan, &own) < 0)
                referrers_fail(call, &own);
}

/* --- the API ---------------------------------------------------------------------------------- */

static int ask_page(RegistryCall *call, char *url, Error *err);

/* Returns the status as a question: 1 if the registry answered with a list, 0 if it has no list, or
 * an error, such as one of a registry that is busy. */
static int check_status(const RegistryCall *call, const HttpResponse *response, Error *err)
{
        if (response->status == 200)
                return 1;
        if (response->status == 401 || response->status == 429 || response->status >= 502)
                return answer_error(call, response, err);
        return 0;
}

/* Returns 1 if the next page was requested. */
static int take_page(RegistryCall *call, const HttpResponse *response, Error *err)
{
        ReferrerList *list = call->referrers;
        _cleanup_(freep) char *next = NULL;
        ParsedManifest parsed = { 0 };
        int r;

        if (manifest_parse(response->body, response->body_size, &list->arena, &parsed, err) < 0)
                return error_prefix(err, -EBADMSG, "GET %s", call->url);
        if (!parsed.is_index)
                return error_set(err, ERROR_HOSTILE, -EBADMSG, "GET %s: no list", call->url);
        if (add_found(call, &parsed.platforms, &parsed.facts.others) < 0)
                return error_oom(err);
        if (++list->n_pages == PAGES_MAX)
                return 0;
        r = tags_next_url(call, list->first_url, response, &next, err);
        if (r < 0 || !next)
                return r;
        r = ask_page(call, TAKE(next), err);
        return r < 0 ? r : 1;
}

static void on_page(RegistryCall *call, const HttpResponse *response, const Error *error)
{
        ReferrerList *list = call->referrers;
        Error own = { 0 };
        int r;

        if (error) {
                call_complete(call, NULL, error);
                return;
        }
        r = check_status(call, response, &own);
        list->suffix = &suffixes[r > 0 ? 1 : 0];
        if (r > 0)
                r = take_page(call, response, &own);
        if (r < 0)
                referrers_fail(call, &own);
        else if (r == 0)
                ask_tag(call);
}

/* NOLINTNEXTLINE(readability-non-const-parameter): request_start() takes ownership of url */
static int ask_page(RegistryCall *call, char *url, Error *err)
{
        const RequestPlan plan = { .method = HTTP_GET,
                                   .url = url,
                                   .headers = index_headers,
                                   .body_max = MANIFEST_MAX,
                                   .answer = on_page };

        return request_start(call, &plan, err);
}

bool registry_has_referrers(const Registry *registry)
{
        return !registry->is_layout;
}

int registry_find_referrers(Registry *registry, const char *repository, const char *digest,
                            ManifestReceiver receiver, RegistryCall **ret, Error *err)
{
        _cleanup_(call_freep) RegistryCall *call = NULL;
        ReferrerList *list;
        char *url;
        int r;

        r = call_new(registry, repository, receiver.userdata, &call, err);
        if (r < 0)
                return r;
        call->manifest_done = receiver.done;
        call->reference = strdup(digest);
        call->referrers = list = calloc(1, sizeof(*list));
        if (!list)
                return error_oom(err);
        call->free_part = referrers_free;
        arena_init(&list->arena, REFERRERS_ARENA_MAX);
        tag_of_referrers(digest, list->tag);
        list->first_url = text_printf("%s/v2/%s/referrers/%s", registry->url, repository, digest);
        url = list->first_url ? strdup(list->first_url) : NULL;
        if (!url || !call->reference) {
                free(url);
                return error_oom(err);
        }
        r = ask_page(call, url, err);
        if (r < 0)
                return r;
        *ret = TAKE(call);
        return 0;
}
