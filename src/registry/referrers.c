/* Finds the manifests that refer to an image, such as its signatures: to its digest, and then to
 * the image of each of its platforms.
 *
 *   the list of the referrers API            the registry has none, or refuses it
 *     |                                        |
 *     |                                      the index under the tag ALGORITHM-HEX
 *     |                                        |
 *     +----------------------------------------+
 *     |
 *   the manifests under the tags of cosign: ALGORITHM-HEX.sig, .att, .sbom */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits-trust.h"
#include "base/limits.h"
#include "base/text.h"
#include "model/image/image.h"
#include "registry/content.h"
#include "registry/document.h"
#include "registry/wire/manifest-json.h"

#define REFERRERS_ARENA_MAX ((size_t)32 * 1024 * 1024)

typedef struct ReferrerList {
        Arena arena;
        Pairs found;      /* digests, with empty values; as in ImageFacts.others */
        Strings digests;  /* digests whose referrers are found, that of the image first */
        size_t next;      /* index of the next digest */
        bool has_no_api;  /* the registry has no referrers API */
        unsigned n_pages; /* of the digest that is being read */
        char tag[REFERRERS_TAG_MAX];
        const char *const *suffix; /* suffix of the next tag; NULL ends the list */
} ReferrerList;

static const char *const suffixes[] = { "", ".sig", ".att", ".sbom", NULL };

static void referrers_free(RegistryCall *call)
{
        arena_done(&call->referrers->arena);
        free(call->referrers);
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

/* Ends the call with an error. What was found before is a result, because it needs protection
 * although more was not found. */
static void referrers_stop(RegistryCall *call, const Error *error)
{
        if (call->referrers->found.n > 0 && error->kind != ERROR_CANCELED)
                referrers_end(call);
        else
                call_complete(call, NULL, error);
}

static void referrers_fail(RegistryCall *call, Error *error)
{
        referrers_stop(call, error);
        error_done(error);
}

/* --- tags ------------------------------------------------------------------------------------- */

static void ask_tag(RegistryCall *call);
static void ask_digest(RegistryCall *call);

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
                referrers_stop(call, error);
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
                ask_digest(call);
                return;
        }
        plan.is_pull = plan.method == HTTP_GET;
        plan.url = text_printf("%s/v2/%s/manifests/%s%s", call->registry->url, call->repository,
                               list->tag, suffix);
        if (request_start(call, &plan, &own) < 0)
                referrers_fail(call, &own);
}

/* --- the API ---------------------------------------------------------------------------------- */

static int ask_page(RegistryCall *call, const char *page, Error *err);

/* Returns 1 if the next page was requested. */
static int take_page(RegistryCall *call, const Document *document, Error *err)
{
        ReferrerList *list = call->referrers;
        ParsedManifest parsed = { 0 };
        int r;

        if (manifest_parse(document->data, document->size, &list->arena, &parsed, err) < 0)
                return error_prefix(err, -EBADMSG, "referrers of %s", call->reference);
        if (!parsed.is_index)
                return error_set(err, ERROR_HOSTILE, -EBADMSG, "referrers of %s: no list",
                                 call->reference);
        if (add_found(call, &parsed.platforms, &parsed.facts.others) < 0)
                return error_oom(err);
        if (!document->next || ++list->n_pages == REFERRER_PAGES_MAX)
                return 0;
        r = ask_page(call, document->next, err);
        return r < 0 ? r : 1;
}

/* A registry without the API, or one that denies the list, may have the tags. */
static bool may_have_tags(const Error *error)
{
        return error->kind == ERROR_NOT_FOUND || error->kind == ERROR_DENIED;
}

static void on_page(const Document *document, const Error *error, void *userdata)
{
        RegistryCall *call = userdata;
        ReferrerList *list = call->referrers;
        Error own = { 0 };
        int r = 0;

        call->inner = NULL;
        if (error && !may_have_tags(error)) {
                referrers_stop(call, error);
                return;
        }
        list->has_no_api = error != NULL;
        list->suffix = &suffixes[error ? 0 : 1];
        if (document)
                r = take_page(call, document, &own);
        if (r < 0)
                referrers_fail(call, &own);
        else if (r == 0)
                ask_tag(call);
}

static int ask_page(RegistryCall *call, const char *page, Error *err)
{
        const ReferrerList *list = call->referrers;
        const DocumentQuestion question = { .kind = DOCUMENT_REFERRERS,
                                            .repository = call->repository,
                                            .reference = list->digests.items[list->next - 1],
                                            .page = page };

        return registry_read_document(call->registry, &question,
                                      (DocumentReceiver){ on_page, call }, &call->inner, err);
}

/* Finds the referrers of the next digest, or ends. */
static void ask_digest(RegistryCall *call)
{
        ReferrerList *list = call->referrers;
        Error own = { 0 };

        if (list->next == list->digests.n) {
                referrers_end(call);
                return;
        }
        tag_of_referrers(list->digests.items[list->next++], list->tag);
        list->n_pages = 0;
        if (list->has_no_api) {
                list->suffix = suffixes;
                ask_tag(call);
        } else if (ask_page(call, NULL, &own) < 0)
                referrers_fail(call, &own);
}

bool registry_has_referrers(const Registry *registry)
{
        return !registry->is_layout;
}

/* Sets the digest of the image and those of its platforms. */
static int set_digests(ReferrerList *list, const ReferrersQuestion *question)
{
        const PlatformDigests *platforms = &question->platforms;
        size_t n = MIN(platforms->n, (size_t)REFERRERS_PLATFORMS_MAX);
        Strings *digests = &list->digests;

        digests->items = arena_alloc_array(&list->arena, n + 1, sizeof(*digests->items));
        if (!digests->items)
                return -ENOMEM;
        digests->items[digests->n++] = arena_strdup(&list->arena, question->digest);
        for (size_t i = 0; i < n && !list->arena.failed; i++)
                if (!strings_has(digests, platforms->items[i].digest))
                        digests->items[digests->n++] =
                                arena_strdup(&list->arena, platforms->items[i].digest);
        return list->arena.failed ? -ENOMEM : 0;
}

int registry_find_referrers(Registry *registry, const ReferrersQuestion *question,
                            ManifestReceiver receiver, RegistryCall **ret, Error *err)
{
        _cleanup_(call_freep) RegistryCall *call = NULL;
        ReferrerList *list;
        int r;

        r = call_new(registry, question->repository, receiver.userdata, &call, err);
        if (r < 0)
                return r;
        call->manifest_done = receiver.done;
        call->reference = strdup(question->digest);
        call->referrers = list = calloc(1, sizeof(*list));
        if (!list)
                return error_oom(err);
        call->free_part = referrers_free;
        arena_init(&list->arena, REFERRERS_ARENA_MAX);
        if (!call->reference || set_digests(list, question) < 0)
                return error_oom(err);
        tag_of_referrers(list->digests.items[list->next++], list->tag);
        r = ask_page(call, NULL, err);
        if (r < 0)
                return r;
        *ret = TAKE(call);
        return 0;
}
