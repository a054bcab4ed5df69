/* Requests manifests: the digest of a tag, whether a digest exists, and verified content. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/text.h"
#include "model/image/image.h"
#include "model/image/mirror-name.h"
#include "registry/content.h"
#include "registry/layout.h"
#include "registry/wire/manifest-json.h"
#include "registry/wire/manifest-walk.h"

/* Always send all four types: the answer of a registry, even the digest, depends on this list. */
const char *const manifest_headers[] = {
        "Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
        "application/vnd.docker.distribution.manifest.list.v2+json, "
        "application/vnd.docker.distribution.manifest.v2+json",
        NULL,
};
const char *const blob_headers[] = { "Accept: */*", NULL };
const char *const index_headers[] = { "Accept: application/vnd.oci.image.index.v1+json", NULL };

typedef struct ManifestFetch {
        Arena arena;
        Manifest manifest;
        ManifestWalk walk;
        const char *asked; /* digest of the manifest or configuration that was requested last */
        /* parses the answer, and passes it to the walk */
        int (*take)(RegistryCall *call, const HttpResponse *response, Error *err);
} ManifestFetch;

static void fetch_free(RegistryCall *call)
{
        arena_done(&call->fetch->arena);
        free(call->fetch);
}

static void complete(RegistryCall *call, const Manifest *manifest, const Error *error)
{
        const Manifest resolved = { .digest = call->reference, .size = -1 };

        if (error && error->kind != ERROR_CANCELED && call->is_resolved) {
                call_complete(call, &resolved, NULL);
                return;
        }
        if (error && mirror_ask(call, error))
                return;
        call_complete(call, manifest,
                      error && call->error.kind != ERROR_NONE ? &call->error : error);
}

static void fail(RegistryCall *call, Error *error)
{
        complete(call, NULL, error);
        error_done(error);
}

static int ask(RegistryCall *call, HttpMethod method, const char *what, const char *reference,
               AnswerDone answer, Error *err)
{
        bool manifest = streq(what, "manifests");
        RequestPlan plan = { .method = method,
                             .headers = manifest ? manifest_headers : blob_headers,
                             .body_max = method == HTTP_HEAD ? ERROR_BODY_MAX : MANIFEST_MAX,
                             .is_pull = manifest && method == HTTP_GET,
                             .answer = answer };

        plan.url = text_printf("%s/v2/%s/%s/%s", call->registry->url, call->repository, what,
                               reference);
        return request_start(call, &plan, err);
}

/* --- headers of an answer --------------------------------------------------------------------- */

/* Returns the digest in the header. NULL if it is missing or invalid, or if there are two different
 * ones. */
static const char *digest_header(const HttpResponse *response)
{
        const char *first = http_header(response, "Docker-Content-Digest", NULL);
        const char *second = http_header(response, "Docker-Content-Digest", first);

        if (!first || !digest_is_valid(first) || (second && !streq(first, second)))
                return NULL;
        return first;
}

static bool is_schema1(const HttpResponse *response)
{
        const char *type = http_header(response, "Content-Type", NULL);

        return type &&
               strncasecmp(type, "application/vnd.docker.distribution.manifest.v1+", 48) == 0;
}

static int refuse_schema1(const RegistryCall *call, Error *err)
{
        return error_set(
                err, ERROR_HOSTILE, -ENOTSUP,
                "GET %s: a manifest of schema 1, which has no digest to rely on; push the image again",
                call->url);
}

/* --- the digest of a tag ---------------------------------------------------------------------- */

static void complete_with_digest(RegistryCall *call, const char *digest,
                                 const HttpResponse *response)
{
        _cleanup_(arena_done) Arena arena;
        Manifest manifest = { .digest = digest, .size = -1 };

        arena_init(&arena, 4096);
        manifest.media_type =
                manifest_header_type(http_header(response, "Content-Type", NULL), &arena);
        complete(call, &manifest, NULL);
}

/* Checks that the body is a manifest. An answer without a digest header needs this check, because
 * it may be an error page with status 200. relman could compute a digest of such a page too. */
static int check_form(const RegistryCall *call, const HttpResponse *response, Error *err)
{
        _cleanup_(arena_done) Arena own;
        ParsedManifest parsed;

        arena_init(&own, 4 * (size_t)MANIFEST_MAX);
        if (manifest_parse(response->body, response->body_size, &own, &parsed, err) < 0)
                return error_prefix(err, -EBADMSG, "GET %s", call->url);
        return 0;
}

/* Sets ret to the digest of a manifest that was requested by its tag. */
static int read_digest(const RegistryCall *call, const HttpResponse *response,
                       char ret[DIGEST_SIZE_MAX], Error *err)
{
        const char *claimed = digest_header(response);

        digest_sha256(response->body, response->body_size, ret);
        if (response->status != 200)
                return answer_error(call, response, err);
        if (is_schema1(response))
                return refuse_schema1(call, err);
        if (!claimed)
                return check_form(call, response, err);
        if (!digest_matches(claimed, response->body, response->body_size))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "GET %s: the answer says it has digest %s, but its bytes have %s",
                                 call->url, claimed, ret);
        (void)snprintf(ret, DIGEST_SIZE_MAX, "%s", claimed);
        return 0;
}

static void on_resolve_get(RegistryCall *call, const HttpResponse *response, const Error *error)
{
        char digest[DIGEST_SIZE_MAX];
        Error own = { 0 };

        if (error)
                complete(call, NULL, error);
        else if (read_digest(call, response, digest, &own) < 0)
                fail(call, &own);
        else
                complete_with_digest(call, digest, response);
}

static bool is_refused(const RegistryCall *call, const HttpResponse *response)
{
        return head_is_refused(call->registry, call->repository, response->status,
                               time_monotonic());
}

static void note_get(const RegistryCall *call, const HttpResponse *response)
{
        head_note_get(call->registry, call->repository, response->status, time_monotonic());
}

static void on_resolve_get_after_head(RegistryCall *call, const HttpResponse *response,
                                      const Error *error)
{
        if (!error)
                note_get(call, response);
        on_resolve_get(call, response, error);
}

static void get_instead(RegistryCall *call, AnswerDone answer)
{
        Error own = { 0 };

        if (ask(call, HTTP_GET, "manifests", call->reference, answer, &own) < 0)
                fail(call, &own);
}

static void on_resolve_head(RegistryCall *call, const HttpResponse *response, const Error *error)
{
        Error own = { 0 };
        const char *digest;

        if (error) {
                complete(call, NULL, error);
                return;
        }
        if (is_refused(call, response)) {
                get_instead(call, on_resolve_get_after_head);
                return;
        }
        if (response->status != 200) {
                (void)answer_error(call, response, &own);
                fail(call, &own);
                return;
        }
        digest = is_schema1(response) ? NULL : digest_header(response);
        if (digest)
                complete_with_digest(call, digest, response);
        else
                get_instead(call, on_resolve_get);
}

/* The question of a new call. */
typedef struct About {
        Question question;
        const char *reference;
        bool may_wait;
} About;

/* Sends the question to a mirror. Fetches the manifest even for QUESTION_CHECK: only the bytes
 * prove that the mirror has it. */
static int ask_mirror(RegistryCall *call, Registry *mirror, ManifestReceiver receiver, Error *err)
{
        _cleanup_(freep) char *repository = mirror_name(mirror->mirror_name, call->repository);

        if (!repository)
                return error_oom(err);
        return (call->question == QUESTION_INSPECT ? registry_inspect
                : call->question == QUESTION_READ  ? registry_read
                                                   : registry_fetch)(
                mirror, repository, call->reference, receiver, &call->inner, err);
}

static int start(Registry *registry, const char *repository, About about, ManifestReceiver receiver,
                 RegistryCall **ret, Error *err)
{
        RegistryCall *call;
        int r;

        r = call_new(registry, repository, receiver.userdata, &call, err);
        if (r < 0)
                return r;
        call->manifest_done = receiver.done;
        call->may_wait = about.may_wait;
        call->question = about.question;
        call->ask_mirror = ask_mirror;
        call->reference = strdup(about.reference);
        if (!call->reference) {
                call_free(call);
                return error_oom(err);
        }
        *ret = call;
        return 0;
}

static int resolve(Registry *registry, const char *repository, About about,
                   ManifestReceiver receiver, RegistryCall **ret, Error *err)
{
        _cleanup_(call_freep) RegistryCall *call = NULL;
        int r;

        r = start(registry, repository, about, receiver, &call, err);
        if (r < 0)
                return r;
        if (registry->is_layout)
                r = layout_start(call, LAYOUT_RESOLVE, err);
        else if (head_works(registry, time_monotonic()))
                r = ask(call, HTTP_HEAD, "manifests", about.reference, on_resolve_head, err);
        else
                r = ask(call, HTTP_GET, "manifests", about.reference, on_resolve_get, err);
        if (r < 0)
                return r;
        *ret = TAKE(call);
        return 0;
}

int registry_resolve(Registry *registry, const char *repository, const char *tag,
                     ManifestReceiver receiver, RegistryCall **ret, Error *err)
{
        return resolve(registry, repository, (About){ QUESTION_RESOLVE, tag, false }, receiver, ret,
                       err);
}

int registry_resolve_later(Registry *registry, const char *repository, const char *tag,
                           ManifestReceiver receiver, RegistryCall **ret, Error *err)
{
        return resolve(registry, repository, (About){ QUESTION_RESOLVE, tag, true }, receiver, ret,
                       err);
}

/* --- existence of a digest -------------------------------------------------------------------- */

static void on_check_get(RegistryCall *call, const HttpResponse *response, const Error *error)
{
        Manifest manifest = { .digest = call->reference, .size = -1 };
        Error own = { 0 };

        if (error) {
                complete(call, NULL, error);
                return;
        }
        if (answer_check_bytes(call, response, call->reference, &own) < 0)
                fail(call, &own);
        else
                complete(call, &manifest, NULL);
}

static void on_check_get_after_head(RegistryCall *call, const HttpResponse *response,
                                    const Error *error)
{
        if (!error)
                note_get(call, response);
        on_check_get(call, response, error);
}

static void on_check_head(RegistryCall *call, const HttpResponse *response, const Error *error)
{
        Manifest manifest = { .digest = call->reference, .size = -1 };
        Error own = { 0 };

        if (!error && is_refused(call, response)) {
                get_instead(call, on_check_get_after_head);
                return;
        }
        if (!error && response->status != 200) {
                (void)answer_error(call, response, &own);
                fail(call, &own);
                return;
        }
        complete(call, error ? NULL : &manifest, error);
}

int registry_check(Registry *registry, const char *repository, const char *digest,
                   ManifestReceiver receiver, RegistryCall **ret, Error *err)
{
        _cleanup_(call_freep) RegistryCall *call = NULL;
        int r;

        r = start(registry, repository, (About){ QUESTION_CHECK, digest, false }, receiver, &call,
                  err);
        if (r >= 0 && registry->is_layout)
                r = layout_start(call, LAYOUT_CHECK, err);
        else if (r >= 0 && head_works(registry, time_monotonic()))
                r = ask(call, HTTP_HEAD, "manifests", digest, on_check_head, err);
        else if (r >= 0)
                r = ask(call, HTTP_GET, "manifests", digest, on_check_get, err);
        if (r < 0)
                return r;
        *ret = TAKE(call);
        return 0;
}

/* --- a manifest by its digest ----------------------------------------------------------------- */

static void walk_on(RegistryCall *call);

static int take_config(RegistryCall *call, const HttpResponse *response, Error *err)
{
        ManifestFetch *fetch = call->fetch;
        ParsedConfig config = { 0 };

        if (config_parse(response->body, response->body_size, &fetch->arena, &config, err) < 0)
                return error_prefix(err, -EBADMSG, "GET %s", call->url);
        return manifest_walk_take_config(&fetch->walk, &config) < 0 ? error_oom(err) : 0;
}

static int take_manifest(RegistryCall *call, const HttpResponse *response, Error *err)
{
        ManifestFetch *fetch = call->fetch;
        ParsedManifest parsed = { 0 };

        if (manifest_parse(response->body, response->body_size, &fetch->arena, &parsed, err) < 0)
                return error_prefix(err, -EBADMSG, "GET %s", call->url);
        return manifest_walk_take(&fetch->walk, &parsed) < 0 ? error_oom(err) : 0;
}

/* Takes the manifest or configuration that was requested last. */
static void on_part(RegistryCall *call, const HttpResponse *response, const Error *error)
{
        ManifestFetch *fetch = call->fetch;
        Error own = { 0 };
        int r;

        if (error) {
                complete(call, NULL, error);
                return;
        }
        r = answer_check_bytes(call, response, fetch->asked, &own);
        if (r >= 0)
                r = fetch->take(call, response, &own);
        if (r < 0)
                fail(call, &own);
        else
                walk_on(call);
}

/* Verifies the digest of the bytes, then parses the manifest. */
static int verify(RegistryCall *call, const HttpResponse *response, ParsedManifest *parsed,
                  Error *err)
{
        const char *claimed = digest_header(response), *type;
        ManifestFetch *fetch = call->fetch;

        if (response->status != 200)
                return answer_error(call, response, err);
        if (is_schema1(response))
                return refuse_schema1(call, err);
        if (!digest_matches(call->reference, response->body, response->body_size) ||
            (claimed && !digest_matches(claimed, response->body, response->body_size)))
                return answer_refuse_bytes(call, err);
        if (manifest_parse(response->body, response->body_size, &fetch->arena, parsed, err) < 0)
                return error_prefix(err, -EBADMSG, "GET %s", call->url);
        if (manifest_type(http_header(response, "Content-Type", NULL), parsed, &fetch->arena, &type,
                          err) < 0)
                return error_prefix(err, -EBADMSG, "GET %s", call->url);
        fetch->manifest = (Manifest){ .digest = call->reference,
                                      .media_type = type,
                                      .size = (int64_t)response->body_size,
                                      .artifact = parsed->artifact };
        return 0;
}

/* Requests the next manifest or configuration that is needed, or completes the call. */
static void walk_on(RegistryCall *call)
{
        ManifestFetch *fetch = call->fetch;
        Error own = { 0 };
        int r = 0;

        switch (manifest_walk_next(&fetch->walk, &fetch->asked)) {
        case WALK_MANIFEST:
                fetch->take = take_manifest;
                r = ask(call, HTTP_GET, "manifests", fetch->asked, on_part, &own);
                break;
        case WALK_CONFIG:
                fetch->take = take_config;
                r = ask(call, HTTP_GET, "blobs", fetch->asked, on_part, &own);
                break;
        case WALK_DONE:
                manifest_walk_end(&fetch->walk, &fetch->manifest);
                complete(call, &fetch->manifest, NULL);
                return;
        }
        if (r < 0)
                fail(call, &own);
}

static void on_fetch(RegistryCall *call, const HttpResponse *response, const Error *error)
{
        ParsedManifest parsed = { 0 };
        Error own = { 0 };
        int r;

        if (error) {
                complete(call, NULL, error);
                return;
        }
        r = verify(call, response, &parsed, &own);
        if (r >= 0 && manifest_walk_take(&call->fetch->walk, &parsed) < 0)
                r = error_oom(&own);
        if (r < 0)
                fail(call, &own);
        else
                walk_on(call);
}

/* Receives a manifest that was requested by its tag. */
static void on_resolve_image(RegistryCall *call, const HttpResponse *response, const Error *error)
{
        char digest[DIGEST_SIZE_MAX], *copy;
        Error own = { 0 };

        if (error) {
                complete(call, NULL, error);
                return;
        }
        if (read_digest(call, response, digest, &own) < 0) {
                fail(call, &own);
                return;
        }
        copy = strdup(digest);
        if (!copy) {
                (void)error_oom(&own);
                fail(call, &own);
                return;
        }
        free(call->reference);
        call->reference = copy;
        call->is_resolved = true;
        manifest_walk_begin(&call->fetch->walk, copy, WALK_WANTS_PLATFORMS, &call->fetch->arena);
        on_fetch(call, response, NULL);
}

static int fetch_new(RegistryCall *call, Error *err)
{
        call->fetch = calloc(1, sizeof(*call->fetch));
        if (!call->fetch)
                return error_oom(err);
        call->free_part = fetch_free;
        arena_init(&call->fetch->arena, 4 * (size_t)MANIFEST_MAX);
        return 0;
}

static int fetch_manifest(Registry *registry, const char *repository, About about,
                          ManifestReceiver receiver, RegistryCall **ret, Error *err)
{
        static const WalkWants wants[] = { [QUESTION_FETCH] = WALK_WANTS_PLATFORMS,
                                           [QUESTION_INSPECT] = WALK_WANTS_CREATED,
                                           [QUESTION_READ] = WALK_WANTS_NOTHING };
        _cleanup_(call_freep) RegistryCall *call = NULL;
        int r;

        r = start(registry, repository, about, receiver, &call, err);
        if (r < 0)
                return r;
        if (registry->is_layout) {
                r = layout_start(call, LAYOUT_FETCH, err);
                if (r >= 0)
                        *ret = TAKE(call);
                return r;
        }
        r = fetch_new(call, err);
        if (r < 0)
                return r;
        manifest_walk_begin(&call->fetch->walk, call->reference, wants[about.question],
                            &call->fetch->arena);
        r = ask(call, HTTP_GET, "manifests", about.reference, on_fetch, err);
        if (r < 0)
                return r;
        *ret = TAKE(call);
        return 0;
}

int registry_fetch(Registry *registry, const char *repository, const char *digest,
                   ManifestReceiver receiver, RegistryCall **ret, Error *err)
{
        return fetch_manifest(registry, repository, (About){ QUESTION_FETCH, digest, false },
                              receiver, ret, err);
}

int registry_inspect(Registry *registry, const char *repository, const char *digest,
                     ManifestReceiver receiver, RegistryCall **ret, Error *err)
{
        return fetch_manifest(registry, repository, (About){ QUESTION_INSPECT, digest, false },
                              receiver, ret, err);
}

int registry_read(Registry *registry, const char *repository, const char *digest,
                  ManifestReceiver receiver, RegistryCall **ret, Error *err)
{
        return fetch_manifest(registry, repository, (About){ QUESTION_READ, digest, false },
                              receiver, ret, err);
}

int registry_resolve_image(Registry *registry, const char *repository, const char *tag,
                           ManifestReceiver receiver, RegistryCall **ret, Error *err)
{
        const About about = { QUESTION_RESOLVE, tag, false };
        _cleanup_(call_freep) RegistryCall *call = NULL;
        int r;

        if (registry->is_layout)
                return resolve(registry, repository, about, receiver, ret, err);
        r = start(registry, repository, about, receiver, &call, err);
        if (r >= 0)
                r = fetch_new(call, err);
        if (r >= 0)
                r = ask(call, HTTP_GET, "manifests", tag, on_resolve_image, err);
        if (r < 0)
                return r;
        *ret = TAKE(call);
        return 0;
}
