/* Measures the gates of environments: bench-gates [N]. Creates a database in memory with N releases
 * (default: 10,000) and 200 environments. Each environment follows another one and has all gates.
 * Prints a line for each way to evaluate all environments: its name and its median processor time
 * in microseconds. */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../unit/world.h"
#include "base/parse.h"

#define N_ENVIRONMENTS 200
#define N_DEFAULT      10000
#define N_RUNS         21
#define CHUNK          1000

static World world;
static const char *ids[N_ENVIRONMENTS];

static void put_releases(size_t n)
{
        _cleanup_(changes_done) Changes changes;
        Error error = { 0 };

        changes_init(&changes);
        changes_put_tenant(&changes, DEFAULT_TENANT, 1);
        for (size_t i = 0; i < n; i++) {
                _cleanup_(arena_done) Arena arena;
                Release release = { .tenant = DEFAULT_TENANT,
                                    .status = RELEASE_READY,
                                    .managed_by = MANAGED_BY_API,
                                    .spec_digest = "",
                                    .created_at = (usec_t)(1700000000 + i) * USEC_PER_SEC };

                arena_init(&arena, 64 * 1024);
                release.name = release.display_name = arena_printf(&arena, "r%06zu", i);
                release.id = uuid_new(time_wall());
                release.updated_at = release.created_at;
                changes_put_release(&changes, &release, NULL);
                if (changes.n < CHUNK && i + 1 < n)
                        continue;
                assert_true(store_apply(world.store, &changes, &error) >= 0);
                changes_clear(&changes);
        }
}

static void load(void)
{
        _cleanup_(buffer_done) Buffer specs;

        buffer_init(&specs, 1024 * 1024);
        (void)buffer_puts(
                &specs,
                "---\n{apiVersion: relman/v1, kind: Release, metadata: {name: one}, spec: {mode: "
                "full}}\n"
                "---\n{apiVersion: relman/v1, kind: Group, metadata: {name: oncall}, spec: "
                "{members: [anna, bob, carl]}}\n"
                "---\n{apiVersion: relman/v1, kind: Calendar, metadata: {name: freeze}, spec: "
                "{windows: [{deny: '2199-12-20..2199-12-30'}]}}\n"
                "---\n{apiVersion: relman/v1, kind: Environment, metadata: {name: staging}, spec: "
                "{release: one}}\n");
        for (size_t i = 0; i < N_ENVIRONMENTS; i++) {
                const char *name = arena_printf(&world.arena, "e%03zu", i);
                Uuid id = object_id(KIND_ENVIRONMENT, DEFAULT_TENANT, name);

                ids[i] = arena_strdup(&world.arena, id.text);
                (void)buffer_printf(
                        &specs,
                        "---\n{apiVersion: relman/v1, kind: Environment, metadata: {name: %s}, "
                        "spec: {follows: staging, promotesFrom: staging, soak: 24h, promoters: "
                        "['group:oncall'], approvals: {count: 2, from: ['group:oncall'], "
                        "required: [anna]}, checks: {before: [{name: smoke, timeout: 1h}]}, "
                        "windows: [{allow: 'Mon..Fri 09:00..09:30', zone: Europe/Berlin}]}}\n",
                        name);
        }
        world_load(&world, 1, specs.data);
        world_run(&world);
}

/* Returns the processor time of this process in microseconds. */
static int64_t processor_time(void)
{
        struct timespec now;

        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
        return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Reads the pending release of every environment, as the list of the API does. */
static void ask_list(void)
{
        static Pending pendings[N_ENVIRONMENTS];
        _cleanup_(arena_done) Arena arena;
        Error error = { 0 };

        arena_init(&arena, 64 * 1024 * 1024);
        assert_true(deployer_pendings(&world.reconciler->deployer, ids, N_ENVIRONMENTS, &arena,
                                      pendings, &error) >= 0);
        for (size_t i = 0; i < N_ENVIRONMENTS; i++)
                assert_non_null(pendings[i].reason);
}

/* Decides which release each environment gets, as after a change that affects all environments. */
static void ask_each(void)
{
        for (size_t i = 0; i < N_ENVIRONMENTS; i++)
                (void)deployer_reconcile(&world.reconciler->deployer, ids[i]);
}

static int compare_times(const void *a, const void *b)
{
        const int64_t *x = a, *y = b;

        return *x < *y ? -1 : *x > *y;
}

static void measure(const char *name, void (*ask)(void))
{
        int64_t times[N_RUNS];

        for (size_t i = 0; i < N_RUNS; i++) {
                int64_t start = processor_time();

                ask();
                times[i] = processor_time() - start;
        }
        qsort(times, N_RUNS, sizeof(*times), compare_times);
        printf("%s %lld\n", name, (long long)times[N_RUNS / 2]);
}

int main(int argc, char *argv[])
{
        uint64_t n = N_DEFAULT;

        if (argc > 2 || (argc == 2 && parse_uint64(argv[1], &n) < 0)) {
                (void)fprintf(stderr, "usage: bench-gates [N]\n");
                return 2;
        }
        world_init(&world);
        put_releases(n);
        load();
        measure("list", ask_list);
        measure("decision", ask_each);
        world_done(&world);
        return 0;
}
