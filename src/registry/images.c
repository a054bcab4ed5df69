/* Checks whether an image can be pulled: first the digest itself, then the manifest of each
 * platform. After a garbage collection a registry may still serve the index but not its manifests.
 */

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "registry/internal.h"

/* enough memory for the platforms of an index with MANIFEST_ENTRIES_MAX entries */
#define IMAGES_ARENA_MAX ((size_t)64 * 1024 * 1024)

typedef struct ImagesCheck {
        Arena arena;
        PlatformDigests platforms;
        size_t next; /* index of the next platform */
        /* number of platforms without an answer, and the first of their errors */
        unsigned n_unanswered;
        Error unanswered;
        ImagesWay way;
        Manifest manifest; /* the result for the caller */
        ImageFacts *facts; /* facts of the manifests that were read */
        size_t n_facts;
} ImagesCheck;

static void images_free(RegistryCall *call)
{
        arena_done(&call->images->arena);
        error_done(&call->images->unanswered);
        free(call->images);
}

static void images_next(RegistryCall *call);

/* Returns the platform being checked; NULL while the digest itself is checked. */
static const PlatformDigest *current_platform(const ImagesCheck *check)
{
        return check->next > 0 ? &check->platforms.items[check->next - 1] : NULL;
}

/* An error about one platform does not end the check. A missing manifest of a later platform is a
 * better result than this error. */
static void images_fail(RegistryCall *call, const Error *error)
{
        ImagesCheck *check = call->images;
        const PlatformDigest *platform = current_platform(check);
        _cleanup_(error_done) Error own = { 0 };

        if (!platform) {
                call_complete(call, NULL, error);
                return;
        }
        if (error->kind == ERROR_NOT_FOUND) {
                check->manifest.gone_platform = platform;
                call_complete(call, &check->manifest, NULL);
                return;
        }
        (void)error_set(&own, error->kind, error->code, "platform %s: %s", platform->platform,
                        error_message(error));
        if (error->kind != ERROR_UNREACHABLE) {
                call_complete(call, NULL, &own);
                return;
        }
        if (check->n_unanswered++ == 0)
                error_move(&check->unanswered, &own);
        if (check->n_unanswered < IMAGES_UNANSWERED_MAX)
                images_next(call);
        else
                call_complete(call, NULL, &check->unanswered);
}

/* Keeps the facts of the manifest that was checked. Facts are optional: if memory runs out, the
 * check continues without them. */
static void images_keep_facts(ImagesCheck *check, const ImageFactList *facts)
{
        const ImageFactList one = { facts->items, MIN(facts->n, 1U) };
        ImageFactList copy;

        if (one.n == 0 || image_facts_copy(&one, &check->arena, &copy) < 0)
                return;
        check->facts[check->n_facts++] = copy.items[0];
        check->manifest.facts = (ImageFactList){ check->facts, check->n_facts };
}

static void on_image(const Manifest *manifest, const Error *error, void *userdata)
{
        RegistryCall *call = userdata;
        ImagesCheck *check = call->images;

        call->inner = NULL;
        if (error) {
                images_fail(call, error);
                return;
        }
        if (manifest->only_mirror)
                check->manifest.only_mirror = arena_strdup(&check->arena, manifest->only_mirror);
        images_keep_facts(check, &manifest->facts);
        images_next(call);
}

static int images_ask(RegistryCall *call, const char *digest, Error *err)
{
        static int (*const ways[])(Registry * registry, const char *repository, const char *digest,
                                   ManifestReceiver receiver, RegistryCall **ret,
                                   Error *err) = { [IMAGES_HEAD] = registry_check,
                                                   [IMAGES_READ] = registry_read,
                                                   [IMAGES_FETCH] = registry_fetch };
        const ManifestReceiver receiver = { on_image, call };

        return ways[call->images->way](call->registry, call->repository, digest, receiver,
                                       &call->inner, err);
}

static void images_next(RegistryCall *call)
{
        ImagesCheck *check = call->images;
        _cleanup_(error_done) Error error = { 0 };

        if (check->next == check->platforms.n)
                call_complete(call, check->n_unanswered > 0 ? NULL : &check->manifest,
                              check->n_unanswered > 0 ? &check->unanswered : NULL);
        else if (images_ask(call, check->platforms.items[check->next++].digest, &error) < 0)
                images_fail(call, &error);
}

static int images_copy(ImagesCheck *check, const ImagesQuestion *question)
{
        const PlatformDigests *platforms = &question->platforms;
        PlatformDigest *items = arena_alloc_array(&check->arena, platforms->n + 1, sizeof(*items));

        for (size_t i = 0; items && i < platforms->n; i++)
                items[i] = (PlatformDigest){
                        .platform = arena_strdup(&check->arena, platforms->items[i].platform),
                        .digest = arena_strdup(&check->arena, platforms->items[i].digest),
                };
        check->platforms = (PlatformDigests){ items, platforms->n };
        check->facts = arena_alloc_array(&check->arena, platforms->n + 1, sizeof(*check->facts));
        check->way = question->way;
        check->manifest = (Manifest){ .digest = arena_strdup(&check->arena, question->digest),
                                      .size = -1,
                                      .created = -1 };
        return check->arena.failed ? -ENOMEM : 0;
}

int registry_check_images(Registry *registry, const ImagesQuestion *question,
                          ManifestReceiver receiver, RegistryCall **ret, Error *err)
{
        _cleanup_(call_freep) RegistryCall *call = NULL;
        ImagesCheck *check;
        int r;

        r = call_new(registry, question->repository, receiver.userdata, &call, err);
        if (r < 0)
                return r;
        call->manifest_done = receiver.done;
        call->images = check = calloc(1, sizeof(*check));
        if (!check)
                return error_oom(err);
        call->free_part = images_free;
        arena_init(&check->arena, IMAGES_ARENA_MAX);
        if (images_copy(check, question) < 0)
                return error_oom(err);
        if (question->skip_digest && check->platforms.n == 0)
                return error_set(err, ERROR_INTERNAL, -EINVAL, "nothing is asked for");
        r = images_ask(call,
                       question->skip_digest ? check->platforms.items[check->next++].digest
                                             : check->manifest.digest,
                       err);
        if (r < 0)
                return r;
        *ret = TAKE(call);
        return 0;
}
