/* Measures the search for releases by layer and by base image: bench-images FILE WHAT [N]. Creates
 * a database with N images of 20 layers (default: a million), each in one release. WHAT says which
 * facts are stored: "facts": those of all images; "none": no facts; "versions": none, with N
 * further versions that no release has; "unused": as "versions", and facts are put for those. With
 * "facts" prints a line for each query: its name, its median processor time in microseconds, and
 * the number of releases that the last query found. */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/digest.h"
#include "base/parse.h"
#include "model/changes/changes-images.h"
#include "store/releases.h"

#define N_COMPONENTS 20
#define N_DEFAULT    1000000
#define N_LAYERS     20
#define N_BASE       6 /* layers of the base image, which all components have for BASE_RUN versions */
#define N_SHARED     8 /* layers that SHARED_RUN versions of a component have */
#define BASE_RUN     100
#define SHARED_RUN   10
#define N_RUNS       101
#define CHUNK        2000
#define SEEN         (1700000000 * USEC_PER_SEC)
#define MEDIA_TYPE   "application/vnd.oci.image.manifest.v1+json"

static ComponentSpec components[N_COMPONENTS];
static size_t n_versions;

static void check(int r, const Error *error)
{
        if (r >= 0)
                return;
        (void)fprintf(stderr, "bench-images: %s\n", error_message(error));
        exit(1);
}

static void apply(Store *store, Changes *changes)
{
        Error error = { 0 };

        check(store_apply(store, changes, &error), &error);
        changes_clear(changes);
}

static void put_objects(Store *store, Changes *changes, Arena *arena)
{
        changes_put_tenant(changes, DEFAULT_TENANT, 1);
        for (size_t i = 0; i < N_COMPONENTS; i++) {
                ComponentSpec *component = &components[i];

                component->object.meta =
                        (Meta){ .name = arena_printf(arena, "c%zu", i), .tenant = DEFAULT_TENANT };
                component->object.id =
                        object_id(KIND_COMPONENT, DEFAULT_TENANT, component->object.meta.name);
                component->image_repository = "r.example.com/a/b";
                component->default_channel = "stable";
                changes_put_component(changes, component, NULL, 1);
        }
        apply(store, changes);
}

/* Digests are random, as real ones are, so that the writes to indexes are scattered. */
static const char *digest_of(Arena *arena, const char *what, size_t a, size_t b)
{
        char digest[DIGEST_SIZE_MAX];
        const char *text = arena_printf(arena, "%s %zu %zu", what, a, b);

        digest_sha256(text, strlen(text), digest);
        return arena_strdup(arena, digest);
}

static const char *layer_of(Arena *arena, size_t component, size_t version, size_t layer)
{
        if (layer < N_BASE)
                return digest_of(arena, "base", version / BASE_RUN, layer);
        if (layer < N_BASE + N_SHARED)
                return digest_of(arena, "shared", component,
                                 version / SHARED_RUN * N_LAYERS + layer);
        return digest_of(arena, "own", component, version * N_LAYERS + layer);
}

static const char *base_of(Arena *arena, size_t version)
{
        return digest_of(arena, "image of base", version / BASE_RUN, 0);
}

/* --- rows ------------------------------------------------------------------------------------- */

/* Puts the rows that a sync stores about a version. */
static void put_version(Changes *changes, size_t c, size_t v, const char *digest, Arena *arena)
{
        const char *id = components[c].object.id.text;
        const char *tag = arena_printf(arena, "v1.%zu.0", v);
        const PlatformDigest platform = { "linux/amd64", digest };
        unsigned char key[8];

        for (size_t i = 0; i < sizeof(key); i++)
                key[i] = (unsigned char)(v >> (8 * (sizeof(key) - 1 - i)));
        changes_put_tag(changes, id,
                        &(TagRecord){ .tag = tag,
                                      .digest = digest,
                                      .first_seen_at = SEEN,
                                      .changed_at = SEEN,
                                      .checked_at = SEEN });
        changes_put_version(changes, id,
                            &(VersionMap){ .id = version_map_id(id, digest),
                                           .digest = digest,
                                           .tag = tag,
                                           .semver = tag + 1,
                                           .channel = "stable",
                                           .sort_key = { key, sizeof(key) },
                                           .resolved_at = SEEN });
        changes_put_manifest(
                changes, id,
                &(Manifest){ .digest = digest,
                             .media_type = MEDIA_TYPE,
                             .size = 4096,
                             .platforms = { (PlatformDigest *)(uintptr_t)&platform, 1 },
                             .artifact = "" },
                SEEN);
}

static void put_facts(Changes *changes, size_t c, size_t v, const char *digest, Arena *arena)
{
        const char *layers[N_LAYERS];
        Pair annotations[] = {
                { "org.opencontainers.image.base.digest", base_of(arena, v) },
                { "org.opencontainers.image.base.name", "docker.io/library/debian:bookworm-slim" },
                { "org.opencontainers.image.revision", "8c1ec1a4f8c1a0c9f0b0f5d6c7e8a9b0c1d2e3f4" },
                { "org.opencontainers.image.source", "https://github.com/example/service" },
                { "org.opencontainers.image.version", arena_printf(arena, "1.%zu.0", v) },
        };
        ImageFacts facts = {
                .digest = digest,
                .media_type = MEDIA_TYPE,
                .config = digest_of(arena, "config", c, v),
                .layers = { layers, N_LAYERS },
                .annotations = { annotations, ARRAY_SIZE(annotations) },
                .has_config = true,
                .platform = "linux/amd64",
                .created = 1700000000,
        };

        for (size_t i = 0; i < N_LAYERS; i++)
                layers[i] = layer_of(arena, c, v, i);
        changes_put_image(changes, &facts);
}

/* Puts a release of the version v of each component. */
static void put_release(Changes *changes, size_t v, bool has_facts)
{
        ReleaseComponent parts[N_COMPONENTS];
        PlatformDigest platforms[N_COMPONENTS];
        _cleanup_(arena_done) Arena arena;
        Release release = { .tenant = DEFAULT_TENANT, .status = RELEASE_READY };

        arena_init(&arena, 1024 * 1024);
        release.name = release.display_name = arena_printf(&arena, "r%06zu", v);
        release.id = object_id(KIND_RELEASE, DEFAULT_TENANT, release.name);
        release.spec_digest = "";
        release.created_at = release.updated_at = SEEN + v * USEC_PER_SEC;
        for (size_t c = 0; c < N_COMPONENTS; c++) {
                const char *digest = digest_of(&arena, "image", c, v);

                put_version(changes, c, v, digest, &arena);
                platforms[c] = (PlatformDigest){ "linux/amd64", digest };
                parts[c] = (ReleaseComponent){ .component_id = components[c].object.id.text,
                                               .component_name = components[c].object.meta.name,
                                               .repository = "r.example.com/a/b",
                                               .digest = digest,
                                               .tag = arena_printf(&arena, "v1.%zu.0", v),
                                               .semver = arena_printf(&arena, "1.%zu.0", v),
                                               .channel = "stable",
                                               .media_type = MEDIA_TYPE,
                                               .size = 4096,
                                               .platforms = { &platforms[c], 1 },
                                               .resolved_at = SEEN };
        }
        release.components = (ReleaseComponents){ parts, N_COMPONENTS };
        changes_put_release(changes, &release, NULL);
        for (size_t c = 0; has_facts && c < N_COMPONENTS; c++)
                put_facts(changes, c, v, parts[c].digest, &arena);
}

/* Puts versions that no release has. */
static void put_unused(Store *store, Changes *changes, bool has_facts)
{
        for (size_t v = n_versions; v < 2 * n_versions; v++)
                for (size_t c = 0; c < N_COMPONENTS; c++) {
                        _cleanup_(arena_done) Arena arena;
                        const char *digest;

                        arena_init(&arena, 64 * 1024);
                        digest = digest_of(&arena, "image", c, v);
                        put_version(changes, c, v, digest, &arena);
                        if (has_facts)
                                put_facts(changes, c, v, digest, &arena);
                        if (changes->n >= CHUNK)
                                apply(store, changes);
                }
        apply(store, changes);
}

/* --- queries ---------------------------------------------------------------------------------- */

static int compare_times(const void *a, const void *b)
{
        const usec_t *x = a, *y = b;

        return *x < *y ? -1 : *x > *y;
}

static usec_t processor_time(void)
{
        struct timespec now;

        if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) < 0)
                return 0;
        return (usec_t)now.tv_sec * USEC_PER_SEC + (usec_t)now.tv_nsec / 1000;
}

/* Measures the first page of the releases with a layer or base. filter_of() sets it. */
static void measure(Store *store, const char *name,
                    void (*filter_of)(size_t run, Arena *arena, ReleaseFilter *ret))
{
        usec_t times[N_RUNS];
        int64_t total = 0;

        for (size_t i = 0; i < N_RUNS; i++) {
                const Page page = { .limit = 20 };
                ReleaseFilter filter = { .tenant = DEFAULT_TENANT };
                _cleanup_(arena_done) Arena arena;
                Error error = { 0 };
                Releases releases;
                usec_t start;

                arena_init(&arena, 64 * 1024 * 1024);
                filter_of(n_versions / N_RUNS * i, &arena, &filter);
                start = processor_time();
                check(store_search(store, &filter, &page, &arena, &releases, &error), &error);
                times[i] = processor_time() - start;
                total = releases.total;
        }
        qsort(times, N_RUNS, sizeof(*times), compare_times);
        printf("%s %llu %lld\n", name, (unsigned long long)times[N_RUNS / 2], (long long)total);
}

static void own_layer(size_t run, Arena *arena, ReleaseFilter *ret)
{
        ret->layer = layer_of(arena, run % N_COMPONENTS, run, N_LAYERS - 1);
}

static void shared_layer(size_t run, Arena *arena, ReleaseFilter *ret)
{
        ret->layer = layer_of(arena, run % N_COMPONENTS, run, N_BASE);
}

static void base_layer(size_t run, Arena *arena, ReleaseFilter *ret)
{
        ret->layer = layer_of(arena, run % N_COMPONENTS, run, 0);
}

static void base(size_t run, Arena *arena, ReleaseFilter *ret)
{
        ret->base = base_of(arena, run);
}

static void no_layer(size_t run, Arena *arena, ReleaseFilter *ret)
{
        ret->layer = digest_of(arena, "absent", run, 0);
}

int main(int argc, char **argv)
{
        const char *what = argc > 2 ? argv[2] : "facts";
        _cleanup_(arena_done) Arena arena = { 0 };
        _cleanup_(changes_done) Changes changes = { 0 };
        _cleanup_(store_closep) Store *store = NULL;
        StoreOptions options = { .path = argc > 1 ? argv[1] : ":memory:", .now = 1 };
        uint64_t n = N_DEFAULT;
        Error error = { 0 };

        if (argc > 3 && (parse_uint64(argv[3], &n) < 0 || n < 10000))
                return 2;
        n_versions = (size_t)n / N_COMPONENTS;
        arena_init(&arena, 1024 * 1024);
        changes_init(&changes);
        check(store_open(&options, &store, &error), &error);
        put_objects(store, &changes, &arena);
        for (size_t v = 0; v < n_versions; v++) {
                put_release(&changes, v, streq(what, "facts"));
                if (changes.n >= CHUNK)
                        apply(store, &changes);
        }
        apply(store, &changes);
        if (streq(what, "unused") || streq(what, "versions"))
                put_unused(store, &changes, streq(what, "unused"));
        if (!streq(what, "facts"))
                return 0;
        measure(store, "layer-of-one", own_layer);
        measure(store, "layer-of-some", shared_layer);
        measure(store, "layer-of-the-base", base_layer);
        measure(store, "layer-of-none", no_layer);
        measure(store, "base", base);
        return 0;
}
