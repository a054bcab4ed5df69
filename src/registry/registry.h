#pragma once

/* The OCI client: what a registry says of tags and manifests, believed only as far as it can be
 * checked.
 *
 * Contract of every call: done is called exactly once and never before the starting function
 * returned, unless the caller cancels the RegistryCall first. The caller owns the RegistryCall
 * until then. A Registry that is freed completes its calls with ERROR_CANCELED, so no caller is
 * left with a call that never ends. What done is given is borrowed. A failure tells the URL, what
 * came, and changes nothing here but back-off. Credentials go to the origin they were given for and
 * to a token realm that may have them (design: same host, same registrable domain, or pinned),
 * never elsewhere. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text-index.h"
#include "http/http.h"
#include "model/registry.h"
#include "model/version-map.h"

typedef struct Registry Registry;
typedef struct RegistryCall RegistryCall;

/* spec may be NULL: then host names a registry nobody declared, asked anonymously over https.
 * credentials: the folder of systemd credentials ($CREDENTIALS_DIRECTORY), NULL if there is none.
 * Secrets are read when first needed and again after a 401, so that they can be renewed. */
int registry_new(HttpClient *http, const RegistrySpec *spec, const char *host,
                 const char *credentials, Registry **ret, Error *err);
/* Completes the calls of the registry with ERROR_CANCELED, then frees it. A completion may cancel
 * other calls; a new call on this registry fails with ERROR_CANCELED. Not from within a completion.
 */
Registry *registry_free(Registry *registry);
DEFINE_FREEP(Registry, registry_free)

const char *registry_name(const Registry *registry); /* the spec's name, or the host */
const char *registry_url(const Registry *registry);  /* without a slash at the end */

RegistryCall *registry_call_cancel(RegistryCall *call);
DEFINE_FREEP(RegistryCall, registry_call_cancel)

/* A tag, with what a registry's own list says of it. */
typedef struct ListedTag {
        const char *tag;
        const char *digest; /* NULL: not said */
        usec_t pushed_at;   /* wall, by the registry's clock; 0: not said */
} ListedTag;

/* Tags with the memory of their texts. */
typedef struct ListedTags {
        ListedTag *items; /* malloc()ed */
        size_t n;
        TextIndex index; /* of items */
        Arena arena;
} ListedTags;
void listed_tags_done(ListedTags *tags);

/* All tags of a repository, by the registry's own API where that is cheaper (connector.h), else by
 * OCI's. digest is over the bytes of the list: if it equals known->digest, unchanged is set and the
 * list is not even parsed; with known->etag the registry is asked only for what changed. Tags that
 * are no OCI tags are left out and counted; each tag stands once. A list that could not be read to
 * its end is an error, never a shorter list. */
typedef struct TagList {
        bool unchanged;
        bool stale; /* a proxy says that it could not ask (RFC 7234, 5.5.1): what is missing may be
                       there */
        char digest[DIGEST_SIZE_MAX];
        char etag[ETAG_SIZE_MAX]; /* of a list of one page; "" if it has none */
        const ListedTag *tags;    /* NULL if unchanged; not sorted */
        ListedTags *owned; /* what tags are in: the receiver may move it out, and then frees it */
        size_t n_tags;
        bool with_digests;          /* it says the digest of every tag: none has to be asked for */
        size_t n_rejected;          /* not valid as tags */
        const char *first_rejected; /* escaped; NULL if none */
        const char *warning; /* why the list may not be what is meant; for people; NULL if none */
        unsigned n_pages;
} TagList;

/* Of the last list; NULL or "" if there was none. */
typedef struct KnownList {
        const char *digest;
        const char *etag;
        bool with_digests; /* as that list said */
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

/* The digest a tag has now: HEAD, or GET where the answer lacks a usable digest.
 * manifest->platforms stays empty; media_type may be NULL, size -1. A tag that is not there is
 * ERROR_NOT_FOUND. */
int registry_resolve(Registry *registry, const char *repository, const char *tag,
                     ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* Fetches a manifest by digest, verifies its bytes, and reads media type, size and platforms (for
 * an image without an index, from its configuration, verified too). */
int registry_fetch(Registry *registry, const char *repository, const char *digest,
                   ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* The same, and when the image was built, by its configuration; of an index, the one of its first
 * platform, which is fetched and verified too. */
int registry_inspect(Registry *registry, const char *repository, const char *digest,
                     ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* Whether a digest is still there: HEAD by digest. ERROR_NOT_FOUND if not. manifest->only_mirror is
 * set where the registry has it no longer, and one of its mirrors has. */
int registry_check(Registry *registry, const char *repository, const char *digest,
                   ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* What of an image is asked for. */
typedef struct ImagesQuestion {
        const char *repository, *digest;
        bool skip_digest; /* the digest itself is known to be there; platforms then has some */
        PlatformDigests platforms; /* whose manifests are asked for as well */
        bool with_bytes;           /* fetch and verify all; else HEAD says enough */
} ImagesQuestion;

/* Whether an image can be pulled: the digest and the manifests of its platforms are asked for, one
 * after another. ERROR_NOT_FOUND if the digest is not there. manifest->gone_platform is the first
 * platform whose manifest is not; what follows it was not asked for. The question is copied. */
int registry_check_images(Registry *registry, const ImagesQuestion *question,
                          ManifestReceiver receiver, RegistryCall **ret, Error *err);

bool registry_has_mirrors(const Registry *registry);

void registry_stats(const Registry *registry, HttpPoolStats *ret);
