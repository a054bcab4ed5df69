#pragma once

/* The OCI client: reads tags and manifests from registries, and trusts them only as far as it can
 * verify.
 *
 * Contract of every call: done is called exactly once, and never before the starting function
 * returned, unless the caller cancels the RegistryCall first. The caller owns the RegistryCall
 * until then. Freeing a Registry completes its calls with ERROR_CANCELED, so no caller is left with
 * a call that never ends. Arguments of done are borrowed. A failure names the URL and the answer.
 * It changes only the back-off. Credentials go only to their origin and to permitted token realms
 * (same host, same registrable domain, or pinned). */

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text-index.h"
#include "http/http.h"
#include "model/registry.h"
#include "model/version-map.h"

typedef struct Registry Registry;
typedef struct RegistryCall RegistryCall;

/* spec may be NULL: then host names an undeclared registry, accessed anonymously over https.
 * credentials: the folder of systemd credentials ($CREDENTIALS_DIRECTORY), NULL if there is none.
 * Secrets are read when first needed and again after a 401, so that they can be renewed. */
int registry_new(HttpClient *http, const RegistrySpec *spec, const char *host,
                 const char *credentials, Registry **ret, Error *err);
/* Completes the calls of the registry with ERROR_CANCELED, then frees it. A completion may cancel
 * other calls; a new call on this registry fails with ERROR_CANCELED. Do not call it from a
 * completion. */
Registry *registry_free(Registry *registry);
DEFINE_FREEP(Registry, registry_free)

const char *registry_name(const Registry *registry); /* the spec's name, or the host */
const char *registry_url(const Registry *registry);  /* without a trailing slash */

RegistryCall *registry_call_cancel(RegistryCall *call);
DEFINE_FREEP(RegistryCall, registry_call_cancel)

/* A tag, with the data of a vendor's list. */
typedef struct ListedTag {
        const char *tag;
        const char *digest; /* NULL: not given */
        usec_t pushed_at;   /* wall, by the registry's clock; 0: not given */
} ListedTag;

/* A list of tags that owns the memory of their texts. */
typedef struct ListedTags {
        ListedTag *items; /* malloc()ed */
        size_t n;
        TextIndex index; /* finds an item by tag */
        Arena arena;
} ListedTags;
void listed_tags_done(ListedTags *tags);

/* All tags of a repository, from the vendor's API where that is cheaper (connector.h), else from
 * OCI's. digest is over the bytes of the list: if it equals known->digest, unchanged is set and the
 * list is not parsed. With known->etag the request is conditional. Invalid tags are skipped and
 * counted; each tag occurs once. A list that could not be read to its end is an error, never a
 * shorter list. */
typedef struct TagList {
        bool unchanged;
        bool stale; /* a proxy could not revalidate the list (RFC 7234, 5.5.1), so tags may be
                       missing from it */
        char digest[DIGEST_SIZE_MAX];
        char etag[ETAG_SIZE_MAX]; /* of a list of one page; "" if it has none */
        const ListedTag *tags;    /* NULL if unchanged; not sorted */
        ListedTags *owned; /* the memory of tags: the receiver may move it out, and must then free
                            * it */
        size_t n_tags;
        bool with_digests;          /* it has the digest of every tag: no further requests */
        size_t n_rejected;          /* names that are not valid tags */
        const char *first_rejected; /* escaped; NULL if none */
        const char *warning;        /* why the list may not be the intended one; NULL if it is */
        unsigned n_pages;
} TagList;

/* The previous list; NULL or "" if there was none. */
typedef struct KnownList {
        const char *digest;
        const char *etag;
        bool with_digests; /* that list had all digests */
} KnownList;

typedef void (*TagsDone)(const TagList *list, const Error *error, void *userdata);

typedef struct TagsReceiver {
        TagsDone done;
        void *userdata;
} TagsReceiver;

int registry_list_tags(Registry *registry, const char *repository, const KnownList *known,
                       TagsReceiver receiver, RegistryCall **ret, Error *err);

typedef void (*ManifestDone)(const Manifest *manifest, const Error *error, void *userdata);

typedef struct ManifestReceiver {
        ManifestDone done;
        void *userdata;
} ManifestReceiver;

/* Resolves the digest of a tag: HEAD, or GET if the answer lacks a usable digest.
 * manifest->platforms stays empty; media_type may be NULL, size -1. ERROR_NOT_FOUND if the tag does
 * not exist. */
int registry_resolve(Registry *registry, const char *repository, const char *tag,
                     ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* Same as registry_resolve(), with one GET that also fetches the manifest, as registry_fetch()
 * does. If only the digest is available, size is -1. */
int registry_resolve_image(Registry *registry, const char *repository, const char *tag,
                           ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* Same as registry_resolve(), with low priority: its requests start only when no other request to
 * this registry waits. */
int registry_resolve_later(Registry *registry, const char *repository, const char *tag,
                           ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* Fetches a manifest by digest, verifies its bytes, and reads media type, size and platforms (for
 * an image without an index, from its configuration, verified too). */
int registry_fetch(Registry *registry, const char *repository, const char *digest,
                   ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* Same as registry_fetch(), and reads the build time from the configuration. For an index, that of
 * its first platform is fetched and verified too. */
int registry_inspect(Registry *registry, const char *repository, const char *digest,
                     ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* Checks with a HEAD whether a digest still exists. ERROR_NOT_FOUND if not. manifest->only_mirror
 * is set if the registry no longer has it but one of its mirrors does. */
int registry_check(Registry *registry, const char *repository, const char *digest,
                   ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* Which parts of an image to check. */
typedef struct ImagesQuestion {
        const char *repository, *digest;
        bool skip_digest;          /* the digest is known to exist; platforms must not be empty */
        PlatformDigests platforms; /* platforms whose manifests to check */
        bool with_bytes;           /* fetch and verify all; otherwise HEAD is enough */
} ImagesQuestion;

/* Checks whether an image can be pulled: the digest, then the manifests of its platforms.
 * ERROR_NOT_FOUND if the digest does not exist. manifest->gone_platform is the first platform whose
 * manifest does not exist; the check stops there. Copies the question. */
int registry_check_images(Registry *registry, const ImagesQuestion *question,
                          ManifestReceiver receiver, RegistryCall **ret, Error *err);

bool registry_has_mirrors(const Registry *registry);

void registry_stats(const Registry *registry, HttpPoolStats *ret);
