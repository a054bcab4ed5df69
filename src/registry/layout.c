#include "registry/layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/file.h"
#include "base/limits.h"
#include "model/image/image.h"
#include "registry/content.h"
#include "registry/tag-collector.h"
#include "registry/wire/manifest-walk.h"

#define REF_NAME "org.opencontainers.image.ref.name"
/* annotation with the full name of an image, from docker save and ctr images export */
#define IMAGE_NAME    "io.containerd.image.name"
#define REFERENCE_MAX (REPOSITORY_MAX + TAG_MAX + 2)

/* Returns the folder of a repository's layout: its subfolder, or the folder of all repositories.
 * NULL if memory ran out. */
static const char *folder_of(const RegistryCall *call, Arena *arena, bool *ret_is_own)
{
        const char *root = call->registry->url + strlen(LAYOUT_SCHEME);
        const char *own = arena_printf(arena, "%s/%s", root, call->repository);
        const char *mark = arena_printf(arena, "%s/oci-layout", own ? own : "");

        if (!own || !mark)
                return NULL;
        *ret_is_own = access(mark, F_OK) == 0;
        return *ret_is_own ? own : root;
}

/* Returns the tag in a name such as TAG or REPOSITORY:TAG. NULL if the name is of another
 * repository. */
static const char *tag_of(const RegistryCall *call, const char *name)
{
        const char *colon = strrchr(name, ':');
        size_t size = strlen(call->repository), n;

        if ((!colon && !strchr(name, '/')))
                return name;
        if (!colon)
                return NULL;
        n = (size_t)(colon - name);
        if (n < size || strncmp(colon - size, call->repository, size) != 0 ||
            (n > size && colon[-(ptrdiff_t)size - 1] != '/'))
                return NULL;
        return colon + 1;
}

typedef struct Index {
        Arena arena;
        TagCollector collector;
        char digest[DIGEST_SIZE_MAX]; /* of index.json */
        const char *other;            /* the first image name of another repository; NULL: none */
        const char *disputed;         /* the first tag with two digests; NULL: none */
} Index;

static void index_done(Index *index)
{
        tag_collector_done(&index->collector);
        arena_done(&index->arena);
}

/* Sets *ret to the tag in the full name of an image, or to NULL if the name is of another
 * repository. Returns 0 or -ENOMEM. */
static int tag_of_image(const RegistryCall *call, const char *name, Index *index, const char **ret)
{
        ImageReference image;
        Error own = { 0 };
        bool is_name = image_parse(name, &index->arena, &image, &own) >= 0;

        error_done(&own);
        *ret = NULL;
        if (is_name && streq(image.repository, call->repository))
                *ret = image.tag;
        else if (!index->other)
                index->other = escape_dup(&index->arena, name, strlen(name));
        return index->arena.failed ? -ENOMEM : 0;
}

static int note_disputed(Index *index, const char *tag)
{
        if (!index->disputed)
                index->disputed = arena_strdup(&index->arena, tag);
        return index->arena.failed ? -ENOMEM : 0;
}

/* Adds one image of index.json. If the folder belongs to one repository, IMAGE_NAME is ignored. */
static int collect_entry(const RegistryCall *call, JsonSpan entry, bool is_own, Index *index,
                         Error *err)
{
        JsonSpan annotations = json_span_member(entry, "annotations");
        size_t n_disputed = index->collector.n_disputed;
        char name[REFERENCE_MAX], image[REFERENCE_MAX], digest[DIGEST_SIZE_MAX];
        const char *tag = NULL;
        int r = 0;

        if (!is_own &&
            json_span_text(json_span_member(annotations, IMAGE_NAME), image, sizeof(image)))
                r = tag_of_image(call, image, index, &tag);
        else if (json_span_text(json_span_member(annotations, REF_NAME), name, sizeof(name)))
                tag = tag_of(call, name);
        if (r < 0)
                return error_oom(err);
        if (!tag || !json_span_text(json_span_member(entry, "digest"), digest, sizeof(digest)) ||
            !digest_is_valid(digest))
                return 0;
        r = tags_add(&index->collector, tag, digest, 0, err);
        if (r >= 0 && index->collector.n_disputed > n_disputed && note_disputed(index, tag) < 0)
                return error_oom(err);
        return r;
}

static int collect(const RegistryCall *call, JsonSpan json, bool is_own, Index *index, Error *err)
{
        JsonSpan manifests = json_span_member(json, "manifests");
        JsonCursor entry = { 0 };
        int r = 0;

        if (!json_span_is_array(manifests))
                return error_set(err, ERROR_HOSTILE, -EBADMSG, "not an image index");
        while (r >= 0 && json_span_next(manifests, &entry))
                r = collect_entry(call, entry.value, is_own, index, err);
        return r;
}

/* Returns a warning about images of a shared layout that may be missing; NULL if there is none. */
static const char *describe_names(const RegistryCall *call, Index *index)
{
        const char *path = call->registry->url + strlen(LAYOUT_SCHEME);

        if (index->disputed)
                return arena_printf(
                        &index->arena,
                        "the layout '%s' has several images with the tag '%s', and no name says "
                        "which one is of '%s'; put each repository in its own folder",
                        path, index->disputed, call->repository);
        if (index->other && index->collector.n == 0)
                return arena_printf(&index->arena,
                                    "the layout '%s' has no image of '%s'; it has '%s'", path,
                                    call->repository, index->other);
        return NULL;
}

static int read_index(const RegistryCall *call, Index *ret, Error *err)
{
        _cleanup_(freep) char *data = NULL;
        const char *folder, *path;
        JsonSpan json;
        size_t size;
        bool is_own;
        int r;

        arena_init(&ret->arena, LIST_MEMORY_MAX);
        ret->collector = (TagCollector){ .arena = &ret->arena };
        folder = folder_of(call, &ret->arena, &is_own);
        path = folder ? arena_printf(&ret->arena, "%s/index.json", folder) : NULL;
        if (!path)
                return error_oom(err);
        r = file_read(path, TAG_PAGE_MAX, &data, &size, err);
        if (r < 0)
                return r;
        digest_sha256(data, size, ret->digest);
        r = tags_read_page(data, size, &json, err);
        if (r >= 0)
                r = collect(call, json, is_own, ret, err);
        return r < 0 ? error_prefix(err, r, "'%s'", path) : 0;
}

/* --- blobs ------------------------------------------------------------------------------------ */

/* Reads a blob into the arena and verifies its digest. */
static int read_blob(const RegistryCall *call, const char *digest, Arena *arena, const char **ret,
                     size_t *ret_size, Error *err)
{
        bool is_own;
        const char *folder = folder_of(call, arena, &is_own);
        const char *colon = strchr(digest, ':');
        const char *path = folder ? arena_printf(arena, "%s/blobs/%.*s/%s", folder,
                                                 (int)(colon - digest), digest, colon + 1)
                                  : NULL;
        char *data;
        int r;

        if (!path)
                return error_oom(err);
        r = file_read(path, MANIFEST_MAX, &data, ret_size, err);
        if (r < 0)
                return r;
        *ret = arena_memdup(arena, data, *ret_size + 1);
        free(data);
        if (!*ret)
                return error_oom(err);
        if (!digest_matches(digest, *ret, *ret_size))
                return error_set(err, ERROR_HOSTILE, -EBADMSG,
                                 "'%s': its bytes do not have this digest", path);
        return 0;
}

static int read_manifest(const RegistryCall *call, const char *digest, Arena *arena,
                         ParsedManifest *ret, size_t *ret_size, Error *err)
{
        const char *data = NULL;
        int r;

        *ret_size = 0;
        r = read_blob(call, digest, arena, &data, ret_size, err);
        if (r < 0)
                return r;
        r = manifest_parse(data, *ret_size, arena, ret, err);
        return r < 0 ? error_prefix(err, r, "manifest %s", digest) : 0;
}

static int read_config(const RegistryCall *call, const char *digest, Arena *arena,
                       ParsedConfig *ret, Error *err)
{
        const char *data = NULL;
        size_t size = 0;
        int r;

        r = read_blob(call, digest, arena, &data, &size, err);
        return r < 0 ? r : config_parse(data, size, arena, ret, err);
}

/* Reads the further manifests and configurations that the walk requests. */
static int walk_on(const RegistryCall *call, Arena *arena, ManifestWalk *walk, Error *err)
{
        const char *digest;
        int r = 0;

        while (r >= 0) {
                ParsedManifest child;
                ParsedConfig config;
                size_t size;

                switch (manifest_walk_next(walk, &digest)) {
                case WALK_DONE: return 0;
                case WALK_MANIFEST:
                        r = read_manifest(call, digest, arena, &child, &size, err);
                        if (r >= 0 && manifest_walk_take(walk, &child) < 0)
                                r = error_oom(err);
                        break;
                case WALK_CONFIG:
                        r = read_config(call, digest, arena, &config, err);
                        if (r >= 0 && manifest_walk_take_config(walk, &config) < 0)
                                r = error_oom(err);
                        break;
                }
        }
        return r;
}

static int describe(const RegistryCall *call, Arena *arena, Manifest *ret, Error *err)
{
        ManifestWalk *walk = arena_alloc(arena, sizeof(*walk));
        ParsedManifest parsed;
        size_t size;
        int r;

        if (!walk)
                return error_oom(err);
        r = read_manifest(call, call->reference, arena, &parsed, &size, err);
        if (r < 0)
                return r;
        manifest_walk_begin(walk, call->reference, WALK_WANTS_CREATED, arena);
        if (manifest_walk_take(walk, &parsed) < 0)
                return error_oom(err);
        r = walk_on(call, arena, walk, err);
        *ret = (Manifest){ .digest = call->reference,
                           .media_type = parsed.media_type
                                                 ? parsed.media_type
                                                 : "application/vnd.oci.image.manifest.v1+json",
                           .size = (int64_t)size,
                           .artifact = parsed.artifact };
        manifest_walk_end(walk, ret);
        return r;
}

/* --- answers ---------------------------------------------------------------------------------- */

static void answer_tags(RegistryCall *call)
{
        _cleanup_(index_done) Index index = { 0 };
        TagsDone done = call->tags_done;
        void *userdata = call->userdata;
        TagList list = { .with_digests = true, .n_pages = 1 };
        _cleanup_(listed_tags_done) ListedTags owned = { 0 };
        Error error = { 0 };
        const char *warning = NULL;
        int r = read_index(call, &index, &error);

        memcpy(list.digest, index.digest, sizeof(list.digest));
        if (r >= 0) {
                warning = describe_names(call, &index);
                r = index.arena.failed ? error_oom(&error) : 0;
        }
        list.unchanged = r >= 0 && call->known_digest && streq(call->known_digest, index.digest);
        if (!list.unchanged) {
                owned = tag_collector_take(&index.collector);
                list.owned = &owned;
                list.tags = owned.items;
                list.n_tags = owned.n;
                list.n_rejected = index.collector.n_rejected;
                list.first_rejected = index.collector.first_rejected;
                list.warning = warning;
        }
        done(r < 0 ? NULL : &list, r < 0 ? &error : NULL, userdata);
        error_done(&error);
        call_free(call);
}

static int find_tag(const RegistryCall *call, Index *index, Manifest *ret, Error *err)
{
        int r = read_index(call, index, err);

        for (size_t i = 0; r >= 0 && i < index->collector.n; i++)
                if (streq(index->collector.tags[i].tag, call->reference)) {
                        *ret = (Manifest){ .digest = index->collector.tags[i].digest,
                                           .size = -1,
                                           .created = -1 };
                        if (ret->digest)
                                return 0;
                }
        return r < 0 ? r
                     : error_set(err, ERROR_NOT_FOUND, -ENOENT,
                                 "the layout '%s' has no image '%s' with one digest",
                                 call->registry->url, call->reference);
}

static void answer_manifest(RegistryCall *call)
{
        _cleanup_(index_done) Index index = { 0 };
        _cleanup_(arena_done) Arena arena;
        ManifestDone done = call->manifest_done;
        void *userdata = call->userdata;
        Manifest manifest = { .digest = call->reference, .size = -1, .created = -1 };
        ParsedManifest parsed;
        Error error = { 0 };
        size_t size;
        int r;

        arena_init(&arena, 8 * (size_t)MANIFEST_MAX);
        if (call->layout == LAYOUT_RESOLVE)
                r = find_tag(call, &index, &manifest, &error);
        else if (call->layout == LAYOUT_FETCH)
                r = describe(call, &arena, &manifest, &error);
        else
                r = read_manifest(call, call->reference, &arena, &parsed, &size, &error);
        done(r < 0 ? NULL : &manifest, r < 0 ? &error : NULL, userdata);
        error_done(&error);
        call_free(call);
}

/* Reads the blob that the reference of the call names, as a digest or as a tag. */
static int read_document(const RegistryCall *call, Arena *arena, Document *ret, Error *err)
{
        _cleanup_(index_done) Index index = { 0 };
        Manifest manifest = { .digest = call->reference };
        int r = 0;

        if (!strchr(call->reference, ':'))
                r = find_tag(call, &index, &manifest, err);
        return r < 0 ? r : read_blob(call, manifest.digest, arena, &ret->data, &ret->size, err);
}

static void answer_document(RegistryCall *call)
{
        _cleanup_(arena_done) Arena arena;
        Document document = { 0 };
        Error error = { 0 };
        int r;

        arena_init(&arena, 8 * (size_t)MANIFEST_MAX);
        if (call->layout == LAYOUT_REFERRERS)
                r = error_set(&error, ERROR_NOT_FOUND, -ENOENT,
                              "an image layout has no list of referrers");
        else
                r = read_document(call, &arena, &document, &error);
        call_complete_document(call, r < 0 ? NULL : &document, r < 0 ? &error : NULL);
        error_done(&error);
}

static int on_later(sd_event_source *source, void *userdata)
{
        RegistryCall *call = userdata;

        (void)source;
        if (call->layout == LAYOUT_TAGS)
                answer_tags(call);
        else if (call->layout == LAYOUT_DOCUMENT || call->layout == LAYOUT_REFERRERS)
                answer_document(call);
        else
                answer_manifest(call);
        return 0;
}

int layout_start(RegistryCall *call, LayoutQuestion question, Error *err)
{
        int r;

        call->layout = question;
        r = sd_event_add_defer(http_client_event(call->registry->http), &call->later, on_later,
                               call);
        return r < 0 ? error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r)) : 0;
}
