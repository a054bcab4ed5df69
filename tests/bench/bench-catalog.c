/* Measures queries of a large database: bench-catalog FILE [N]. Creates a database with N versions
 * (default: a million) and N / 100 releases of 20 components. Prints a line for each query: its
 * name and its median time in microseconds. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/parse.h"
#include "release/diff.h"
#include "store/releases.h"

#define N_COMPONENTS 50
#define N_DEFAULT    1000000
#define N_PARTS      20
#define N_RUNS       101
#define CHUNK        2000

static ComponentSpec components[N_COMPONENTS];
/* number of versions of each component; total number of releases */
static size_t n_versions, n_releases;

static void check(int r, const Error *error)
{
        if (r >= 0)
                return;
        (void)fprintf(stderr, "bench-catalog: %s\n", error_message(error));
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

static const char *digest_of(Arena *arena, size_t component, size_t version)
{
        return arena_printf(arena, "sha256:%032zx%032zx", component, version);
}

static void put_versions(Store *store, Changes *changes)
{
        for (size_t c = 0; c < N_COMPONENTS; c++)
                for (size_t v = 0; v < n_versions; v++) {
                        _cleanup_(arena_done) Arena arena;
                        unsigned char key[8];
                        VersionMap version;

                        arena_init(&arena, 4096);
                        for (size_t i = 0; i < sizeof(key); i++)
                                key[i] = (unsigned char)(v >> (8 * (sizeof(key) - 1 - i)));
                        version = (VersionMap){ .digest = digest_of(&arena, c, v),
                                                .tag = arena_printf(&arena, "v1.%zu.0", v),
                                                .semver = arena_printf(&arena, "1.%zu.0", v),
                                                .channel = v % 10 ? "stable" : "beta",
                                                .sort_key = { key, sizeof(key) },
                                                .resolved_at = 1 };
                        version.id = version_map_id(components[c].object.id.text, version.digest);
                        changes_put_version(changes, components[c].object.id.text, &version);
                        if (changes->n >= CHUNK)
                                apply(store, changes);
                }
        apply(store, changes);
}

static void put_release(Changes *changes, size_t i)
{
        ReleaseComponent parts[N_PARTS];
        _cleanup_(arena_done) Arena arena;
        Release release = { .tenant = DEFAULT_TENANT, .status = RELEASE_READY };

        arena_init(&arena, 1024 * 1024);
        release.name = release.display_name = arena_printf(&arena, "r%06zu", i);
        release.id = object_id(KIND_RELEASE, DEFAULT_TENANT, release.name);
        release.spec_digest = "";
        release.created_at = release.updated_at = (usec_t)(1700000000 + i) * USEC_PER_SEC;
        for (size_t j = 0; j < N_PARTS; j++)
                parts[j] =
                        (ReleaseComponent){ .component_id = components[j].object.id.text,
                                            .component_name = components[j].object.meta.name,
                                            .repository = "r.example.com/a/b",
                                            .digest = digest_of(&arena, j, i + j),
                                            .tag = arena_printf(&arena, "v1.%zu.0", i + j),
                                            .semver = arena_printf(&arena, "1.%zu.0", i + j),
                                            .channel = "stable",
                                            .media_type = "application/vnd.oci.image.index.v1+json",
                                            .resolved_at = 1 };
        release.components = (ReleaseComponents){ parts, N_PARTS };
        changes_put_release(changes, &release, NULL);
}

static int compare_times(const void *a, const void *b)
{
        const usec_t *x = a, *y = b;

        return *x < *y ? -1 : *x > *y;
}

typedef int (*Question)(Store *store, size_t run, Arena *arena, Error *err);

static void measure(Store *store, const char *name, Question ask)
{
        usec_t times[N_RUNS];

        for (size_t i = 0; i < N_RUNS; i++) {
                _cleanup_(arena_done) Arena arena;
                Error error = { 0 };
                usec_t start = time_monotonic();

                arena_init(&arena, 64 * 1024 * 1024);
                check(ask(store, i, &arena, &error), &error);
                times[i] = time_monotonic() - start;
        }
        qsort(times, N_RUNS, sizeof(*times), compare_times);
        printf("%s %llu\n", name, (unsigned long long)times[N_RUNS / 2]);
}

static int ask_newest(Store *store, size_t run, Arena *arena, Error *err)
{
        const VersionFilter filter = { .channel = "stable", .limit = 1 };
        VersionMaps versions;

        return store_versions(store, components[run % N_COMPONENTS].object.id.text, &filter, arena,
                              &versions, err);
}

static int ask_digest(Store *store, size_t run, Arena *arena, Error *err)
{
        const ReleaseFilter filter = { .tenant = DEFAULT_TENANT,
                                       .digest = digest_of(arena, run % N_PARTS, n_releases / 2) };
        const Page page = { .limit = 20 };
        Releases releases;

        return store_search(store, &filter, &page, arena, &releases, err);
}

static int ask_compare(Store *store, size_t run, Arena *arena, Error *err)
{
        Release a, b;
        ReleaseDiff diff;
        int r;

        run %= n_releases - 1;
        r = store_release_by_name(store, DEFAULT_TENANT, arena_printf(arena, "r%06zu", run), arena,
                                  &a, err);
        if (r >= 0)
                r = store_release_by_name(store, DEFAULT_TENANT,
                                          arena_printf(arena, "r%06zu", run + 1), arena, &b, err);
        return r < 0 ? r : release_diff(&a.components, &b.components, arena, &diff);
}

static int ask_page(Store *store, size_t run, Arena *arena, Error *err)
{
        const ReleaseFilter filter = { .tenant = DEFAULT_TENANT };
        const Page page = { .limit = 20, .offset = n_releases - 20 };
        Releases releases;

        (void)run;
        return store_search(store, &filter, &page, arena, &releases, err);
}

int main(int argc, char **argv)
{
        _cleanup_(arena_done) Arena arena = { 0 };
        _cleanup_(changes_done) Changes changes = { 0 };
        _cleanup_(store_closep) Store *store = NULL;
        StoreOptions options = { .path = argc > 1 ? argv[1] : ":memory:", .now = 1 };
        uint64_t n = N_DEFAULT;
        Error error = { 0 };

        if (argc > 2 && (parse_uint64(argv[2], &n) < 0 || n < 10000))
                return 2;
        n_versions = (size_t)n / N_COMPONENTS;
        n_releases = (size_t)n / 100;
        arena_init(&arena, 1024 * 1024);
        changes_init(&changes);
        check(store_open(&options, &store, &error), &error);
        put_objects(store, &changes, &arena);
        put_versions(store, &changes);
        for (size_t i = 0; i < n_releases; i++) {
                put_release(&changes, i);
                if (i % 100 == 99)
                        apply(store, &changes);
        }
        measure(store, "newest-in-channel", ask_newest);
        measure(store, "releases-with-digest", ask_digest);
        measure(store, "compare", ask_compare);
        measure(store, "search-page-500", ask_page);
        return 0;
}
