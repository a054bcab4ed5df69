#pragma once

/* A reconciler for tests of the controllers. Its registry is a folder of images; its database is in
 * memory. */

#include <sys/stat.h>

#include "layout.h"
#include "reconcile/internal.h"
#include "store/releases.h"
#include "unit.h"

#define WORLD_TURNS_MAX 20000
#define WORLD_REGISTRY                                                                             \
        "---\n{apiVersion: relman/v1, kind: Registry, metadata: {name: files}, spec: {url: "       \
        "'oci-layout:%s/images', type: oci-layout}}\n"
#define WORLD_COMPONENT                                                                            \
        "---\n{apiVersion: relman/v1, kind: Component, metadata: {name: c%zu}, spec: "             \
        "{imageRepository: r.example.com/app/api, registry: files}}\n"

static const char *const world_images[] = { "app/api:v1.0.0", "app/api:v1.1.0" };

typedef struct World {
        char folder[64], specs[80], locks[80];
        sd_event *event;
        Store *store;
        HttpClient *http;
        Reconciler *reconciler;
        Arena arena;
} World;

static inline int world_on_end(sd_event_source *source, uint64_t at, void *userdata)
{
        (void)source, (void)at, (void)userdata;
        return 0;
}

static inline void world_init(World *world)
{
        const ReconcileOptions options = { .specs_path = world->specs,
                                           .locks_path = world->locks,
                                           .poll_interval = USEC_PER_HOUR };
        Error error = { 0 };

        *world = (World){ .folder = "/tmp/relman-world-XXXXXX" };
        arena_init(&world->arena, TEST_ARENA_MAX);
        assert_non_null(mkdtemp(world->folder));
        (void)snprintf(world->specs, sizeof(world->specs), "%s/specs", world->folder);
        (void)snprintf(world->locks, sizeof(world->locks), "%s/locks", world->folder);
        assert_int_equal(mkdir(world->specs, 0755), 0);
        layout_write(world->folder, world_images, ARRAY_SIZE(world_images));
        assert_true(sd_event_new(&world->event) >= 0);
        /* without a timer, a loop with only idle sources would wait indefinitely */
        assert_true(sd_event_add_time_relative(world->event, NULL, CLOCK_MONOTONIC, USEC_PER_MIN, 0,
                                               world_on_end, NULL) >= 0);
        assert_int_equal(store_open(&(StoreOptions){ .path = ":memory:" }, &world->store, &error),
                         0);
        assert_int_equal(http_client_new(world->event, "test", &world->http, &error), 0);
        assert_int_equal(reconciler_new(world->event, world->store, world->http, &options,
                                        &world->reconciler, &error),
                         0);
}

static inline void world_done(World *world)
{
        reconciler_free(world->reconciler);
        http_client_free(world->http);
        store_close(world->store);
        sd_event_unref(world->event);
        arena_done(&world->arena);
        assert_int_equal(test_remove_tree(world->folder), 0);
}

/* Loads n components and the documents in more. */
static inline void world_load(World *world, size_t n, const char *more)
{
        char path[100];
        Error error = { 0 };
        FILE *file;

        (void)snprintf(path, sizeof(path), "%s/all.yaml", world->specs);
        file = fopen(path, "we");
        assert_non_null(file);
        assert_true(fprintf(file, WORLD_REGISTRY, world->folder) > 0);
        for (size_t i = 0; i < n; i++)
                assert_true(fprintf(file, WORLD_COMPONENT, i) > 0);
        assert_true(fputs(more, file) >= 0);
        assert_int_equal(fclose(file), 0);
        assert_case(reconciler_load_specs(world->reconciler, &error) >= 0, "%s",
                    error_message(&error));
}

static inline void world_run(World *world)
{
        Reconciler *reconciler = world->reconciler;

        for (unsigned n = 0;
             !poller_is_idle(&reconciler->poller) || !composer_is_idle(&reconciler->composer) ||
             !deployer_is_idle(&reconciler->deployer) ||
             queue_is_due(reconciler->queue, time_monotonic());
             n++) {
                assert_true(n < WORLD_TURNS_MAX);
                assert_true(sd_event_run(world->event, UINT64_MAX) >= 0);
        }
}
