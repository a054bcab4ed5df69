#pragma once

/* The OCI client: reads tags and manifests from registries, and verifies them as far as possible.
 *
 * Contract of every call: done is called exactly once after the starting function has returned,
 * unless the caller cancels the RegistryCall first. Until done is called, the caller may cancel the
 * call, which frees it. Freeing a Registry completes its calls with ERROR_CANCELED, so each call
 * ends. The arguments of done are borrowed. Errors name the URL and the answer. Credentials are
 * sent only to the registry and to permitted token realms (same host, same registrable domain, or
 * pinned). */

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/text-index.h"
#include "http/http.h"
#include "model/registry.h"
#include "model/version-map.h"

typedef struct Registry Registry;
typedef struct RegistryCall RegistryCall;

/* spec may be NULL: then host names a registry without a spec, which is accessed anonymously over
 * https. credentials is the folder of systemd credentials ($CREDENTIALS_DIRECTORY); NULL if there
 * is none. Secrets are read at their first use, and again after a 401, so that a person can renew
 * them. */
int registry_new(HttpClient *http, const RegistrySpec *spec, const char *host,
                 const char *credentials, Registry **ret, Error *err);
/* Makes a client of a mirror of the registry, with the settings of the mirror only. Its calls take
 * the names that repositories have in the mirror (model/mirror-name.h). */
int registry_new_mirror(HttpClient *http, const RegistrySpec *spec, const RegistryMirror *mirror,
                        const char *credentials, Registry **ret, Error *err);
/* Completes the calls of the registry with ERROR_CANCELED, then frees the registry. A completion
 * may cancel other calls; a new call on this registry fails with ERROR_CANCELED. Do not call this
 * function from a completion. */
Registry *registry_free(Registry *registry);
DEFINE_FREEP(Registry, registry_free)

const char *registry_name(const Registry *registry); /* the spec's name, or the host */
const char *registry_url(const Registry *registry);  /* without a trailing slash */

RegistryCall *registry_call_cancel(RegistryCall *call);
DEFINE_FREEP(RegistryCall, registry_call_cancel)

/* A tag, with the digest and time that a vendor's list has. */
typedef struct ListedTag {
        const char *tag;
        const char *digest; /* NULL: not given */
        usec_t pushed_at;   /* wall clock of the registry; 0: not given */
} ListedTag;

/* A list of tags that owns the memory of their texts. */
typedef struct ListedTags {
        ListedTag *items; /* malloc()ed */
        size_t n;
        TextIndex index; /* finds an item by tag */
        Arena arena;
} ListedTags;
void listed_tags_done(ListedTags *tags);

/* All tags of a repository, from the vendor's API if there is a connector (connector.h), else from
 * OCI's. digest is a hash of the list. If it equals the digest in the ListQuestion, unchanged is
 * set and tags is NULL. With an etag in the ListQuestion the request is conditional. Invalid tags
 * are skipped and counted; each tag occurs once. A list that could not be read to its end is an
 * error, never a shorter list. */
typedef struct TagList {
        bool unchanged;
        /* a proxy could not revalidate the list (RFC 7234, 5.5.1), so it may lack new tags */
        bool stale;
        char digest[DIGEST_SIZE_MAX];
        char etag[ETAG_SIZE_MAX]; /* ETag of a list of one page; "": none */
        const ListedTag *tags;    /* not sorted; NULL if unchanged */
        /* owns the memory of tags; a receiver that moves it out must free it */
        ListedTags *owned;
        size_t n_tags;
        bool with_digests;          /* each tag has its digest */
        size_t n_rejected;          /* names that are not valid tags */
        const char *first_rejected; /* escaped; NULL if none */
        const char *warning;        /* why the list may lack images; NULL: no warning */
        unsigned n_pages;
} TagList;

typedef struct ListQuestion {
        const char *digest, *etag; /* those of the previous list; NULL or "" if there was none */
        bool with_digests;         /* with_digests of the previous list */
        size_t n_max; /* a list of more tags fails with the code TAGS_TOO_MANY; 0: any list */
} ListQuestion;

#define TAGS_TOO_MANY (-EXFULL)

typedef void (*TagsDone)(const TagList *list, const Error *error, void *userdata);

typedef struct TagsReceiver {
        TagsDone done;
        void *userdata;
} TagsReceiver;

int registry_list_tags(Registry *registry, const char *repository, const ListQuestion *known,
                       TagsReceiver receiver, RegistryCall **ret, Error *err);

typedef void (*ManifestDone)(const Manifest *manifest, const Error *error, void *userdata);

typedef struct ManifestReceiver {
        ManifestDone done;
        void *userdata;
} ManifestReceiver;

/* Requests the digest of a tag: with HEAD, or with GET if the answer to HEAD has no usable digest.
 * manifest has no platforms and size -1; media_type may be NULL. ERROR_NOT_FOUND if the tag does
 * not exist. */
int registry_resolve(Registry *registry, const char *repository, const char *tag,
                     ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* Same as registry_resolve() followed by registry_fetch(), with one GET for the manifest. If the
 * digest is known but reading platforms fails, manifest has only the digest, and size -1. */
int registry_resolve_image(Registry *registry, const char *repository, const char *tag,
                           ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* Same as registry_resolve(), with low priority: a request starts only if no other request to this
 * registry waits. */
int registry_resolve_later(Registry *registry, const char *repository, const char *tag,
                           ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* Fetches a manifest by digest, verifies its bytes, and reads media type, size and platforms. The
 * platform of a single image is read from its configuration, which is verified too. */
int registry_fetch(Registry *registry, const char *repository, const char *digest,
                   ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* Same as registry_fetch(), and reads the build time from the configuration. For an index, the
 * configuration of its first platform is fetched and verified. */
int registry_inspect(Registry *registry, const char *repository, const char *digest,
                     ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* Fetches and verifies one manifest, but nothing that it refers to. The result has the facts of
 * this manifest, and no platforms. */
int registry_read(Registry *registry, const char *repository, const char *digest,
                  ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* Checks with HEAD, or with GET if HEAD is refused, whether a digest exists. ERROR_NOT_FOUND if it
 * does not. If only a mirror has the digest, manifest->only_mirror is the URL of the mirror. */
int registry_check(Registry *registry, const char *repository, const char *digest,
                   ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* The method that checks the manifests of an image: one request for each manifest, or more with
 * IMAGES_FETCH. */
typedef enum ImagesWay {
        IMAGES_HEAD,  /* with HEAD */
        IMAGES_READ,  /* with GET: verifies the manifests, and returns their facts */
        IMAGES_FETCH, /* like registry_fetch() */
} ImagesWay;

/* The parts of an image to check. */
typedef struct ImagesQuestion {
        const char *repository, *digest;
        bool skip_digest;          /* the digest is known to exist; platforms must not be empty */
        PlatformDigests platforms; /* platforms whose manifests to check */
        ImagesWay way;
} ImagesQuestion;

/* Checks whether an image can be pulled: the digest, then the manifests of its platforms.
 * ERROR_NOT_FOUND if the digest does not exist. The check stops at the first platform whose
 * manifest does not exist, and sets manifest->gone_platform to it. manifest->facts has the facts of
 * the manifests that were read. Copies the question. */
int registry_check_images(Registry *registry, const ImagesQuestion *question,
                          ManifestReceiver receiver, RegistryCall **ret, Error *err);

/* platforms whose referrers are found, against large indexes */
#define REFERRERS_PLATFORMS_MAX 16

typedef struct ReferrersQuestion {
        const char *repository, *digest;
        PlatformDigests platforms; /* images of the digest: their referrers are found, too */
} ReferrersQuestion;

/* Finds the manifests that refer to a digest or to its platforms: with OCI's referrers API, else by
 * the tags that the specification names for registries without it; and by the tags of cosign.
 * manifest->facts has one item whose `others` are these manifests. After an error it has what was
 * found before. Takes four requests or more for each digest. Copies the question. Call it only if
 * registry_has_referrers() returns true: folders with an image layout have none. */
bool registry_has_referrers(const Registry *registry);
int registry_find_referrers(Registry *registry, const ReferrersQuestion *question,
                            ManifestReceiver receiver, RegistryCall **ret, Error *err);

bool registry_has_mirrors(const Registry *registry);

void registry_stats(const Registry *registry, HttpPoolStats *ret);
