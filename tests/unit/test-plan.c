/* Tests the parts of a poll without input and output: due times, tags, versions, heads, specs. */

#include <errno.h>
#include <stdlib.h>

#include "fixture.h"
#include "plan/evaluate.h"
#include "plan/plan-specs.h"
#include "plan/plan-versions.h"
#include "plan/tag-order.h"
#include "plan/tag-set.h"
#include "queue/due-heap.h"
#include "sync/turns.h"
#include "unit.h"

#define DIGEST_D "sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"

TEST_ARENA(arena, set_up, tear_down)

/* Compares the first item with the result of a linear search. */
static void test_the_earliest_is_first_under_any_order_of_calls(void **state)
{
        enum {
                N = 200
        };
        static DueItem items[N];
        static usec_t at[N];
        static bool in[N];
        DueHeap heap = { 0 };
        uint64_t seed = 5;

        (void)state;
        for (size_t step = 0; step < 20000; step++) {
                size_t i = test_random(&seed) % N;
                usec_t first = USEC_INFINITY;

                if (test_random(&seed) % 3) {
                        at[i] = test_random(&seed) % 1000;
                        in[i] = true;
                        assert_int_equal(due_heap_set(&heap, &items[i], at[i]), 0);
                } else {
                        due_heap_remove(&heap, &items[i]);
                        in[i] = false;
                }
                for (size_t j = 0; j < N; j++)
                        first = in[j] ? MIN(first, at[j]) : first;
                if (first == USEC_INFINITY)
                        assert_null(due_heap_first(&heap));
                else
                        assert_int_equal(due_heap_first(&heap)->at, first);
        }
        due_heap_done(&heap);
}

/* --- tags and heads --------------------------------------------------------------------------- */

typedef struct World {
        ComponentSpec spec;
        VersionPolicy *policy;
        TagRecord records[64];
        TagRecords known; /* sorted by tag */
        const Assignments *assigned;
        TagSet set;
} World;

static void world_init(World *world)
{
        Error error = { 0 };

        *world = (World){ .spec = { .object = { .kind = KIND_COMPONENT, .meta = { .name = "api" } },
                                    .default_channel = "stable" } };
        world->known.items = world->records;
        assert_int_equal(version_policy_new(&world->spec, &world->policy, &error), 0);
}

static void world_done(World *world)
{
        tag_set_done(&world->set);
        version_policy_free(world->policy);
}

static ListedTags list_of(const char *const *tags, const char *const *digests, size_t n)
{
        ListedTags listed = { .items = calloc(n + 1, sizeof(ListedTag)), .n = n };

        assert_non_null(listed.items);
        for (size_t i = 0; i < n; i++) {
                listed.items[i] =
                        (ListedTag){ .tag = tags[i], .digest = digests ? digests[i] : NULL };
                assert_int_equal(text_index_add(&listed.index, tags[i], i), 0);
        }
        return listed;
}

/* Processes a tag list. The next call starts with the resulting set. */
static void look(World *world, const char *const *tags, size_t n, bool accept)
{
        ListedTags listed = list_of(tags, NULL, n);
        const TagSetInput input = {
                .max = 1000,
                .listed = &listed,
                .accept_shrunk = accept,
                .now = 1000,
                .assigned = world->assigned,
        };
        Error error = { 0 };

        tag_set_done(&world->set);
        assert_int_equal(tag_set_begin(&world->set, &input, world->policy, &error), 0);
        assert_int_equal(tag_set_add_known(&world->set, &input, &world->known, &arena, &error), 0);
        assert_int_equal(tag_set_add_listed(&world->set, &input, USEC_INFINITY, &error), 0);
        assert_null(listed.items); /* the array was freed; its texts are still used */
        assert_int_equal(
                tag_set_classify(&world->set, &input, world->policy, USEC_INFINITY, &arena, &error),
                0);
        for (size_t i = 0; i < world->set.n; i++)
                if (world->set.items[i].resolve)
                        assert_int_equal(
                                tag_set_resolved(
                                        &world->set.items[i],
                                        arena_printf(
                                                &arena, "sha256:%064zu",
                                                (size_t)strlen(world->set.items[i].tag) * 1000 + i),
                                        1000, &arena) >= 0,
                                1);
}

static int compare_records(const void *a, const void *b)
{
        return strcmp(((const TagRecord *)a)->tag, ((const TagRecord *)b)->tag);
}

static void keep(World *world)
{
        world->known.n = 0;
        for (size_t i = 0; i < world->set.n; i++)
                world->records[world->known.n++] = tag_state_record(&world->set.items[i]);
        qsort(world->records, world->known.n, sizeof(TagRecord), compare_records);
}

static void test_a_tag_is_deleted_after_two_complete_lists_without_it(void **state)
{
        static const char *const all[] = { "v1.0.0", "v1.1.0", "v1.2.0" };
        World world;

        (void)state;
        world_init(&world);
        look(&world, all, 3, false);
        assert_int_equal(world.set.n_listed, 3);
        keep(&world);
        look(&world, all, 2, false);
        assert_int_equal(world.set.n_missing, 1);
        assert_false(tag_state_is_gone(tag_set_find(&world.set, "v1.2.0")));
        keep(&world);
        look(&world, all, 2, false);
        assert_true(tag_state_is_gone(tag_set_find(&world.set, "v1.2.0")));
        keep(&world);
        look(&world, all, 3, false);
        assert_false(tag_state_is_gone(tag_set_find(&world.set, "v1.2.0")));
        assert_int_equal(tag_set_find(&world.set, "v1.2.0")->missing, 0);
        world_done(&world);
}

static void test_a_list_that_shrank_by_more_than_half_is_held(void **state)
{
        static const char *const all[] = { "v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0" };
        static const struct {
                size_t n;
                bool accept, held;
        } cases[] = { { 4, false, false },
                      { 2, false, false },
                      { 1, false, true },
                      { 0, false, true },
                      { 0, true, false } };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                World world;

                world_init(&world);
                look(&world, all, 4, false);
                keep(&world);
                look(&world, cases[i].n > 0 ? all : NULL, cases[i].n, cases[i].accept);
                assert_case(world.set.held == cases[i].held, "case %zu", i);
                if (cases[i].held)
                        assert_int_equal(world.set.n_missing, 0);
                world_done(&world);
        }
}

static void test_known_tags_are_not_asked_for_again(void **state)
{
        static const char *const all[] = { "v1.0.0", "v1.1.0", "latest" };
        World world;
        size_t n = 0;

        (void)state;
        world_init(&world);
        look(&world, all, 3, false);
        keep(&world);
        look(&world, all, 3, false);
        for (size_t i = 0; i < world.set.n; i++)
                n += world.set.items[i].resolve;
        assert_int_equal(n, 0);
        /* the tag is not eligible, so relman never requests its digest */
        assert_null(tag_set_find(&world.set, "latest")->digest);
        world_done(&world);
}

static HeadPlan heads_of(World *world, const Channels *stored, bool allow_downgrade)
{
        TagSurvey survey = { 0 };
        HeadPlan plan;

        assert_int_equal(tag_survey_step(&survey, &world->set, USEC_INFINITY), 0);
        assert_int_equal(plan_heads(&world->set, stored, allow_downgrade, &survey, &arena, &plan),
                         0);
        tag_survey_done(&survey);
        return plan;
}

static Channel channel_of(const TagState *head, const char *name)
{
        return (Channel){ .name = name,
                          .tag = head->tag,
                          .digest = head->digest,
                          .semver = head->version,
                          .sort_key = tag_state_key(head),
                          .specificity = head->specificity };
}

static void test_a_head_moves_forward_and_stays_if_its_tag_is_deleted(void **state)
{
        static const char *const all[] = { "v1.0.0", "v1.1.0", "v1.2.0", "v2.0.0-rc.1" };
        static const char *const fewer[] = { "v1.0.0", "v1.1.0", "v2.0.0-rc.1" };
        Channel channels[2];
        Channels stored = { channels, 0 };
        HeadPlan plan;
        World world;

        (void)state;
        world_init(&world);
        look(&world, all, 4, false);
        plan = heads_of(&world, &stored, false);
        assert_int_equal(plan.n_moves, 2);
        assert_string_equal(plan.moves[0].channel, "rc");
        assert_string_equal(plan.moves[1].to->tag, "v1.2.0");
        channels[0] = channel_of(plan.moves[0].to, "rc");
        channels[1] = channel_of(plan.moves[1].to, "stable");
        stored.n = 2;
        assert_int_equal(heads_of(&world, &stored, false).n_moves, 0);
        for (int i = 0; i < 2; i++) {
                keep(&world);
                look(&world, fewer, 3, false);
        }
        plan = heads_of(&world, &stored, false);
        assert_int_equal(plan.n_moves, 0);
        assert_int_equal(plan.n_missing, 1);
        assert_string_equal(plan.missing[0], "stable");
        plan = heads_of(&world, &stored, true);
        assert_int_equal(plan.n_moves, 1);
        assert_string_equal(plan.moves[0].to->tag, "v1.1.0");
        world_done(&world);
}

static void test_one_row_per_digest_named_by_the_most_specific_tag(void **state)
{
        static const char *const all[] = { "v1.2.0", "v1.2", "v1" };
        VersionPlan plan = { 0 };
        const TagState *put;
        size_t next = 0;
        bool is_new = false;
        Error error = { 0 };
        World world;

        (void)state;
        world_init(&world);
        look(&world, all, 3, false);
        for (size_t i = 0; i < world.set.n; i++)
                world.set.items[i].digest = DIGEST_A;
        assert_int_equal(plan_versions_names(&world.set, USEC_INFINITY, &plan, &error), 0);
        put = version_plan_next(&plan, &world.set, &next, &is_new);
        assert_non_null(put);
        assert_string_equal(put->tag, "v1.2.0");
        assert_true(is_new);
        assert_null(version_plan_next(&plan, &world.set, &next, &is_new));
        assert_int_equal(plan.n_delete, 0);
        version_plan_done(&plan);
        world_done(&world);
}

static void test_a_moved_tag_is_noticed(void **state)
{
        TagState tag = { .tag = "v1", .digest = DIGEST_A, .changed_at = 5 };

        (void)state;
        assert_int_equal(tag_set_resolved(&tag, DIGEST_A, 10, &arena), 0);
        assert_false(tag.moved);
        assert_int_equal(tag_set_resolved(&tag, DIGEST_B, 20, &arena), 1);
        assert_true(tag.moved);
        assert_string_equal(tag.extra->moved_from, DIGEST_A);
        assert_int_equal(tag.extra->moved_from_at, 5);
        assert_int_equal(tag.changed_at, 20);
}

/* --- specs ------------------------------------------------------------------------------------ */

static ComponentSpec specs[30];

static Model *model_of(size_t n)
{
        Model *model;

        assert_int_equal(model_new(ARRAY_SIZE(specs), &model), 0);
        for (size_t i = 0; i < n; i++) {
                specs[i] = (ComponentSpec){
                        .object = { .kind = KIND_COMPONENT,
                                    .meta = { .name = arena_printf(&arena, "c%zu", i),
                                              .tenant = "default" },
                                    .digest = DIGEST_A,
                                    .place = { "c.yaml", 1, 1 } },
                        .image_repository = "r.example/x",
                        .default_channel = "stable"
                };
                (void)snprintf(specs[i].object.id.text, sizeof(specs[i].object.id.text), "%036zu",
                               i);
                assert_int_equal(model_add(model, &specs[i].object), 0);
        }
        return model;
}

static StoredObjects stored_of(size_t n)
{
        StoredObjects stored = { arena_alloc_array(&arena, n + 1, sizeof(StoredObject)), n };

        for (size_t i = 0; i < n; i++)
                stored.items[i] = (StoredObject){ .kind = KIND_COMPONENT,
                                                  .id = arena_printf(&arena, "%036zu", i),
                                                  .tenant = "default",
                                                  .name = arena_printf(&arena, "c%zu", i),
                                                  .spec_digest = DIGEST_A,
                                                  .declared_file = "c.yaml",
                                                  .declared_line = 1 };
        return stored;
}

static void test_a_load_that_would_lose_more_than_half_removes_nothing(void **state)
{
        static const struct {
                size_t stored, loaded, n_deleted, n_held;
                bool confirm;
        } cases[] = {
                { 10, 10, 0, 0, false }, { 10, 5, 5, 0, false }, { 10, 4, 0, 6, false },
                { 10, 0, 0, 10, false }, { 10, 0, 10, 0, true }, { 4, 0, 4, 0, false },
                { 5, 0, 0, 5, false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Model *model = model_of(cases[i].loaded);
                StoredObjects stored = stored_of(cases[i].stored);
                const SpecPlanInput input = { .model = model,
                                              .stored = &stored,
                                              .confirm_prune = cases[i].confirm,
                                              .now = FIXTURE_TIME };
                SpecPlan plan;
                Error error = { 0 };

                assert_int_equal(plan_specs(&input, &arena, &plan, &error), 0);
                assert_case(plan.n_deleted == cases[i].n_deleted && plan.n_held == cases[i].n_held,
                            "case %zu: %zu deleted, %zu held", i, plan.n_deleted, plan.n_held);
                assert_int_equal(plan.n_retained, cases[i].n_held);
                spec_plan_done(&plan);
                model_unref(model);
        }
}

/* Objects that were held back stay held back, even if they become a smaller share of all
 * objects. */
static void test_what_is_held_stays_until_it_is_confirmed(void **state)
{
        static const struct {
                size_t stored, loaded, n_marked, n_deleted, n_held;
                bool confirm;
        } cases[] = {
                { 30, 24, 0, 6, 0, false }, { 30, 24, 6, 0, 6, false }, { 30, 24, 1, 0, 6, false },
                { 30, 24, 6, 6, 0, true },  { 28, 24, 4, 0, 4, false }, { 30, 30, 6, 0, 0, false },
                { 10, 4, 2, 0, 6, false },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Model *model = model_of(cases[i].loaded);
                StoredObjects stored = stored_of(cases[i].stored);
                const SpecPlanInput input = { .model = model,
                                              .stored = &stored,
                                              .confirm_prune = cases[i].confirm,
                                              .now = FIXTURE_TIME };
                size_t n_new = cases[i].n_held - MIN(cases[i].n_held, cases[i].n_marked);
                SpecPlan plan;
                Error error = { 0 };

                for (size_t at = stored.n - cases[i].n_marked; at < stored.n; at++)
                        stored.items[at].prune_held = stored.items[at].stalled = true;
                assert_int_equal(plan_specs(&input, &arena, &plan, &error), 0);
                assert_case(plan.n_deleted == cases[i].n_deleted && plan.n_held == cases[i].n_held,
                            "case %zu: %zu deleted, %zu held", i, plan.n_deleted, plan.n_held);
                for (size_t at = 0; at < n_new; at++)
                        assert_string_equal(plan.changes.items[at].condition->reason, "PruneHeld");
                if (cases[i].stored == cases[i].loaded) { /* all documents exist again */
                        assert_int_equal(plan.changes.n, cases[i].n_marked);
                        assert_int_equal(plan.changes.items[0].type, CHANGE_CLEAR_CONDITION);
                }
                spec_plan_done(&plan);
                model_unref(model);
        }
}

/* A release in use stays after its document was removed. The guard does not mark it. */
static void test_a_release_in_use_keeps_no_hold(void **state)
{
        Model *model = model_of(10);
        StoredObjects stored = stored_of(11);
        const SpecPlanInput input = { .model = model, .stored = &stored, .now = FIXTURE_TIME };
        SpecPlan plan;
        Error error = { 0 };

        (void)state;
        stored.items[10].kind = KIND_RELEASE;
        stored.items[10].status = RELEASE_DEPLOYED;
        stored.items[10].in_use = true;
        for (size_t at = 9; at < stored.n; at++)
                stored.items[at].prune_held = stored.items[at].stalled = true;
        assert_int_equal(plan_specs(&input, &arena, &plan, &error), 0);
        assert_int_equal(plan.n_held, 0);
        assert_int_equal(plan.n_deleted, 0);
        assert_int_equal(plan.changes.n, 2); /* both marks are cleared */
        for (size_t at = 0; at < plan.changes.n; at++)
                assert_int_equal(plan.changes.items[at].type, CHANGE_CLEAR_CONDITION);
        spec_plan_done(&plan);
        model_unref(model);
}

/* The marks are the first changes of the plan, because the new objects may be stored in parts. */
static void test_what_is_held_is_marked_before_anything_is_stored(void **state)
{
        Model *model = model_of(10);
        StoredObjects stored = stored_of(20);
        const SpecPlanInput input = { .model = model, .stored = &stored, .now = FIXTURE_TIME };
        SpecPlan plan;
        Error error = { 0 };

        (void)state;
        stored.items += 5; /* 5 are new, 5 unchanged, 10 missing */
        stored.n -= 5;
        assert_int_equal(plan_specs(&input, &arena, &plan, &error), 0);
        assert_int_equal(plan.n_held, 10);
        assert_int_equal(plan.n_created, 5);
        for (size_t i = 0; i < 10; i++)
                assert_int_equal(plan.changes.items[i].type, CHANGE_SET_CONDITION);
        spec_plan_done(&plan);
        model_unref(model);
}

static void test_specs_are_planned_in_steps(void **state)
{
        Model *model = model_of(10);
        StoredObjects stored = stored_of(20);
        const SpecPlanInput input = {
                .model = model, .stored = &stored, .confirm_prune = true, .now = FIXTURE_TIME
        };
        SpecPlan plan;
        Error error = { 0 };
        size_t n_steps = 1;

        (void)state;
        assert_int_equal(plan_specs_begin(&input, &arena, &plan, &error), 0);
        while (plan_specs_step(&plan, 0, SIZE_MAX, &error) > 0)
                n_steps++;
        assert_true(n_steps > 20);
        assert_int_equal(plan.n_deleted, 10);
        assert_true(spec_plan_memory(&plan) > 10 * sizeof(Change));
        spec_plan_done(&plan);
        model_unref(model);
}

static void test_a_component_finds_the_first_registry_of_its_host(void **state)
{
        static RegistrySpec registries[3];
        static const char *const names[] = { "b", "a", "c" };
        static const char *const tenants[] = { "default", "default", "other" };
        Model *model = model_of(2);

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(registries); i++) {
                registries[i] = (RegistrySpec){ .object = { .kind = KIND_REGISTRY,
                                                            .meta = { .name = names[i],
                                                                      .tenant = tenants[i] } },
                                                .url = "https://r.example" };
                registries[i].object.id = object_id(KIND_REGISTRY, tenants[i], names[i]);
                assert_int_equal(model_add(model, &registries[i].object), 0);
        }
        assert_int_equal(model_sort(model), 0);
        assert_ptr_equal(model_component_registry(model, &specs[0]), &registries[1]);
        specs[1].object.meta.tenant = "other";
        assert_ptr_equal(model_component_registry(model, &specs[1]), &registries[2]);
        specs[1].image_repository = "else.example/x";
        assert_null(model_component_registry(model, &specs[1]));
        specs[1].image_repository = "r.example:443/x"; /* the same host */
        assert_ptr_equal(model_component_registry(model, &specs[1]), &registries[2]);
        specs[1].image_repository = "r.example:80/x";
        assert_null(model_component_registry(model, &specs[1]));
        for (size_t i = 0; i < model_n_objects(model); i++)
                assert_int_equal(model_object(model, i)->kind,
                                 i < 3 ? KIND_REGISTRY : KIND_COMPONENT);
        model_unref(model);
}

static void test_a_broken_file_speaks_for_what_it_declared(void **state)
{
        Model *model = model_of(2);
        StoredObjects stored = stored_of(3);
        Broken broken[] = {
                { .file = "c.yaml", .kind = OBJECT_KIND_MAX_, .message = "c.yaml:1:1: error: x" }
        };
        const SpecPlanInput input = { .model = model, .stored = &stored, .now = FIXTURE_TIME };
        SpecPlan plan;
        Error error = { 0 };

        (void)state;
        model->brokens = (Brokens){ .items = broken, .n = 1 };
        assert_int_equal(plan_specs(&input, &arena, &plan, &error), 0);
        assert_int_equal(plan.n_deleted, 0);
        assert_int_equal(plan.n_retained, 1);
        assert_int_equal(plan.changes.n, 1);
        assert_int_equal(plan.changes.items[0].type, CHANGE_SET_CONDITION);
        assert_string_equal(plan.changes.items[0].condition->reason, "SpecInvalid");
        spec_plan_done(&plan);
        broken[0].file = "other.yaml"; /* a broken document protects only objects of its file */
        assert_int_equal(plan_specs(&input, &arena, &plan, &error), 0);
        assert_int_equal(plan.n_deleted, 1);
        spec_plan_done(&plan);
        model->brokens = (Brokens){ 0 };
        model_unref(model);
}

/* Three objects are stored and two are loaded. A document with errors may protect the third from
 * removal. */
static void test_what_cannot_be_read_keeps_what_it_declared(void **state)
{
        static const struct {
                const char *declared; /* NULL: the place is not in the database */
                Broken broken;
                const char *root;
                bool stays;
        } cases[] = {
                { "s/team/c.yaml", { .file = "s/team/", .kind = OBJECT_KIND_MAX_ }, "s", true },
                { "s/team/a/b/c.yaml", { .file = "s/team/", .kind = OBJECT_KIND_MAX_ }, "s", true },
                { "s/team/a/b/c.yaml",
                  { .file = "s/team/a/", .kind = OBJECT_KIND_MAX_ },
                  "s",
                  true },
                { "s/teams/c.yaml", { .file = "s/team/", .kind = OBJECT_KIND_MAX_ }, "s", false },
                { "s/team.yaml", { .file = "s/team/", .kind = OBJECT_KIND_MAX_ }, "s", false },
                { "s/c.yaml", { .file = "s/c.yaml", .kind = OBJECT_KIND_MAX_ }, "s", true },
                { "s/c.yaml", { .file = "s/d.yaml", .kind = OBJECT_KIND_MAX_ }, "s", false },
                /* documents with a readable name, then a document without one */
                { "s/c.yaml",
                  { .file = "s/d.yaml", .kind = KIND_COMPONENT, .tenant = "default", .name = "c2" },
                  "s",
                  true },
                { "s/c.yaml",
                  { .file = "s/c.yaml", .kind = KIND_COMPONENT, .tenant = "default", .name = "c3" },
                  "s",
                  false },
                { "s/c.yaml", { .file = "s/c.yaml", .kind = KIND_COMPONENT }, "s", true },
                /* the system refused to read the file or folder, so its content is unknown */
                { "s/c.yaml",
                  { .file = "s/new/", .kind = OBJECT_KIND_MAX_, .is_unread = true },
                  "s",
                  true },
                { "s/c.yaml",
                  { .file = "s/other.yaml", .kind = OBJECT_KIND_MAX_, .is_unread = true },
                  "s",
                  false }, /* this object was declared in another file */
                /* the path of the tree has changed */
                { "old/c.yaml", { .file = "s/d.yaml", .kind = OBJECT_KIND_MAX_ }, "s", true },
                { "/a/c.yaml", { .file = "//d.yaml", .kind = OBJECT_KIND_MAX_ }, "/", false },
                { NULL, { .file = "s/d.yaml", .kind = OBJECT_KIND_MAX_ }, "s", true },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Model *model = model_of(2);
                StoredObjects stored = stored_of(3);
                Broken broken = cases[i].broken;
                const SpecPlanInput input = { .model = model,
                                              .stored = &stored,
                                              .now = FIXTURE_TIME };
                SpecPlan plan;
                Error error = { 0 };

                broken.message = "s: error: x";
                stored.items[0].declared_file = "s/other.yaml";
                stored.items[2].declared_file = cases[i].declared;
                model->brokens = (Brokens){ .items = &broken, .n = 1, .root = cases[i].root };
                assert_int_equal(plan_specs(&input, &arena, &plan, &error), 0);
                assert_case(plan.n_deleted == !cases[i].stays, "case %zu", i);
                assert_case(plan.n_retained == cases[i].stays, "case %zu", i);
                spec_plan_done(&plan);
                model->brokens = (Brokens){ 0 };
                model_unref(model);
        }
}

static void test_nothing_changed_is_nothing_to_do(void **state)
{
        Model *model = model_of(3);
        StoredObjects stored = stored_of(3);
        const SpecPlanInput input = { .model = model, .stored = &stored, .now = FIXTURE_TIME };
        SpecPlan plan;
        Error error = { 0 };

        (void)state;
        assert_int_equal(plan_specs(&input, &arena, &plan, &error), 0);
        assert_int_equal(plan.changes.n, 0);
        spec_plan_done(&plan);
        stored.items[1].declared_line = 9; /* the document moved to another file */
        stored.items[2].spec_digest = DIGEST_B;
        assert_int_equal(plan_specs(&input, &arena, &plan, &error), 0);
        assert_int_equal(plan.n_updated, 1);
        assert_int_equal(plan.changes.items[0].type, CHANGE_SET_DECLARED);
        spec_plan_done(&plan);
        model_unref(model);
}

static void test_naming_digests_in_slices_comes_to_the_same(void **state)
{
        enum {
                TAGS = 1000
        };
        TagState items[TAGS] = { 0 };
        TagSet set = { .items = items, .n = TAGS };
        VersionPlan plan = { 0 };
        Error error = { 0 };
        size_t n = 0;
        int r;

        (void)state;
        for (size_t i = 0; i < TAGS; i++) {
                items[i].eligible = true;
                items[i].tag = arena_printf(&arena, "v%zu", i);
                items[i].digest = arena_printf(&arena, "sha256:%064zu", i / 2);
        }
        while ((r = plan_versions_names(&set, 0, &plan, &error)) > 0)
                n++; /* a call without time processes one slice */
        assert_int_equal(r, 0);
        assert_int_equal(n, TAGS / 256);
        assert_int_equal(plan.n_names, TAGS / 2);
        version_plan_done(&plan);
}

enum {
        SLICED = 1000,
        SLICES = SLICED / 256 /* calls without time that leave more to do */
};

/* Returns versions in two channels. Some lack a digest; some tags are held or moved. */
static TagSet many_tags(TagState items[SLICED])
{
        for (size_t i = 0; i < SLICED; i++) {
                const uint8_t key[2] = { (uint8_t)(i * 7 % SLICED >> 8),
                                         (uint8_t)(i * 7 % SLICED) };
                const Version version = { .text = "1.0.0",
                                          .sort_key = { .data = key, .size = sizeof(key) } };

                items[i] = (TagState){ .tag = arena_printf(&arena, "v%zu", i),
                                       .channel = i % 2 ? "edge" : "stable",
                                       .eligible = true,
                                       .resolve = i % 5 == 0,
                                       .moved = i % 100 == 3,
                                       .held_until = i % 50 == 7 ? 1000 + i : 0 };
                if (i % 5 != 0)
                        items[i].digest = arena_printf(&arena, "sha256:%064zu", i);
                assert_int_equal(tag_state_set_version(&items[i], &version, &arena), 0);
                if (i % 40 == 20)
                        assert_int_equal(tag_state_set_problem(&items[i], "x", &arena), 0);
                if (i % 200 == 51)
                        assert_int_equal(tag_state_keep(&items[i], DIGEST_A, &arena), 0);
        }
        return (TagSet){ .items = items, .n = SLICED };
}

static void assert_same_picks(const TagPicks *a, const TagPicks *b, size_t n)
{
        assert_int_equal(a->n, n);
        assert_int_equal(b->n, n);
        assert_memory_equal(a->items, b->items, n * sizeof(*a->items));
}

static void test_a_survey_in_slices_finds_the_same(void **state)
{
        static TagState items[SLICED];
        const TagSet set = many_tags(items);
        TagSurvey at_once = { .wants_names = true }, sliced = { .wants_names = true };
        unsigned n = 0;
        int r;

        (void)state;
        assert_int_equal(tag_survey_step(&at_once, &set, USEC_INFINITY), 0);
        while ((r = tag_survey_step(&sliced, &set, 0)) > 0)
                n++;
        assert_int_equal(r, 0);
        assert_int_equal(n, SLICES);
        assert_int_equal(sliced.newest.channels.n, 2);
        map_foreach (&at_once.newest.channels, entry) {
                const TagState *newest = entry->value;

                assert_ptr_equal(map_get(&sliced.newest.channels, entry->key), newest);
                for (size_t i = 0; i < SLICED; i++)
                        assert_true(!streq(items[i].channel, entry->key) ||
                                    !tag_state_is_candidate(&items[i]) ||
                                    tag_state_compare(&items[i], newest) <= 0);
        }
        assert_same_picks(&at_once.moved, &sliced.moved, SLICED / 100);
        assert_same_picks(&at_once.blocked, &sliced.blocked, SLICED / 200);
        assert_same_picks(&at_once.held, &sliced.held, sliced.held.n);
        assert_true(sliced.has_resolved);
        assert_int_equal(sliced.n_named, TAG_SURVEY_NAMED);
        assert_memory_equal(at_once.named, sliced.named, sizeof(sliced.named));
        for (size_t i = 1; i < sliced.n_named; i++)
                assert_true(tag_state_compare(sliced.named[i - 1], sliced.named[i]) > 0);
        tag_survey_done(&at_once);
        tag_survey_done(&sliced);
}

/* Only held tags that are newer than the head of their channel are listed. */
static void test_a_survey_keeps_held_versions_above_the_head(void **state)
{
        static TagState items[SLICED];
        TagSet set = many_tags(items);
        TagSurvey survey = { 0 };

        (void)state;
        set.n = 100; /* item 99 is the head of channel 'edge' */
        items[97].held_until = items[98].held_until = 1;
        assert_int_equal(tag_survey_step(&survey, &set, USEC_INFINITY), 0);
        assert_int_equal(survey.held.n, 1);
        /* item 98 is in 'stable' and newer than its head */
        assert_ptr_equal(survey.held.items[0], &items[98]);
        tag_survey_done(&survey);
}

static void test_the_order_of_tags_in_slices_is_the_same(void **state)
{
        static TagState items[SLICED];
        const TagSet set = many_tags(items);
        TagHeads heads = { 0 };
        TagOrder order = { 0 };
        TagStates at_once, sliced;
        unsigned n = 0;
        int r;

        (void)state;
        items[857].resolve = true; /* item 857 is the newest of 'edge' */
        assert_int_equal(tag_order_heads(&heads, &set, USEC_INFINITY, &arena, &at_once), 0);
        while ((r = tag_order_heads(&heads, &set, 0, &arena, &sliced)) > 0)
                n++;
        assert_int_equal(r, 0);
        assert_int_equal(n, SLICES);
        assert_int_equal(sliced.n, 1);
        assert_ptr_equal(sliced.items[0], &items[857]);
        assert_int_equal(sliced.n, at_once.n);
        assert_memory_equal(sliced.items, at_once.items, sliced.n * sizeof(*sliced.items));

        n = 0;
        while ((r = tag_order_step(&order, &set, tag_state_is_pending, 0)) > 0)
                n++;
        assert_int_equal(r, 0);
        assert_true(n >= 2 * SLICES); /* steps for counting, filling and sorting */
        assert_int_equal(order.sorting.n, SLICED / 5 + 1);
        for (size_t i = 1; i < order.sorting.n; i++)
                assert_true(tag_state_compare(order.sorting.items[i - 1], order.sorting.items[i]) >
                            0);
        tag_order_done(&order);
}

static void test_tags_are_evaluated_in_slices(void **state)
{
        static TagState items[SLICED];
        TagSet set = many_tags(items);
        const ComponentSpec spec = { .default_channel = "stable",
                                     .minimum_age = 100,
                                     .versioning_strategy = { .order_by = ORDER_BY_CREATED } };
        const Channels channels = { 0 };
        const Map manifests = { 0 };
        const TagGuard guard = { 0 };
        const JudgeInput input = { .spec = &spec,
                                   .manifests = &manifests,
                                   .guard = &guard,
                                   .channels = &channels,
                                   .now = 1050 };
        Judging judging = { 0 };
        JudgeWants wants;
        unsigned n = 0;
        int r;

        (void)state;
        for (size_t i = 0; i < SLICED; i++)
                items[i].changed_at = i % 10 == 1 ? 1000 : 100;
        while ((r = judge_tags(&set, &input, &judging, 0, &arena)) > 0)
                n++;
        assert_int_equal(r, 0);
        assert_int_equal(n, 2 * SLICES); /* steps for the ages, then for the tags */
        for (size_t i = 0; i < SLICED; i++)
                if (items[i].digest && !tag_state_moved_to(&items[i]))
                        assert_int_equal(items[i].held_until, i % 10 == 1 ? 1100 : 0);
        n = 0;
        while ((r = judge_wants(&set, &input, &judging, 0, &arena, &wants)) > 0)
                n++;
        assert_int_equal(r, 0);
        assert_int_equal(n, SLICES);
        assert_true(wants.n > SLICED / 2);
}

static void test_turns_go_round_in_the_order_of_asking(void **state)
{
        TurnItem a = { 0 }, b = { 0 }, c = { 0 };
        Turns turns = { .max = 1 };

        (void)state;
        assert_true(turns_take(&turns, &a, 1));
        assert_true(turns_take(&turns, &a, 1));
        assert_false(turns_take(&turns, &b, 1));
        assert_false(turns_take(&turns, &c, 1));
        assert_false(turns_take(&turns, &b, 1)); /* b waits only once */
        assert_null(turns_next(&turns));
        turns_leave(&turns, &a);
        assert_ptr_equal(turns_next(&turns), &b);
        assert_null(turns_next(&turns));
        assert_true(turns_take(&turns, &b, 1));
        assert_false(turns_take(&turns, &a, 1)); /* a waits again, after c */
        turns_leave(&turns, &c);                 /* removes c while it waits */
        turns_leave(&turns, &c);
        turns_leave(&turns, &b);
        assert_ptr_equal(turns_next(&turns), &a);
        turns_leave(&turns, &a);
        assert_null(turns_next(&turns));
        assert_true(turns_take(&turns, &c, 1));
        turns_leave(&turns, &c);
        assert_int_equal(turns.n, 0);
        assert_null(turns.last);
}

static void test_turns_are_held_together_while_their_sizes_fit(void **state)
{
        TurnItem large = { 0 }, a = { 0 }, b = { 0 }, c = { 0 };
        Turns turns = { .max = 10 };

        (void)state;
        assert_true(turns_take(&turns, &a, 6));
        assert_true(turns_take(&turns, &b, 4));
        assert_false(turns_take(&turns, &large, 50));
        assert_false(turns_take(&turns, &c, 1)); /* c must not overtake `large` */
        turns_leave(&turns, &a);
        assert_null(turns_next(&turns));
        turns_leave(&turns, &b);
        assert_ptr_equal(turns_next(&turns), &large); /* alone */
        assert_null(turns_next(&turns));
        assert_false(turns_take(&turns, &a, 6));
        turns_leave(&turns, &large);
        assert_ptr_equal(turns_next(&turns), &c);
        assert_ptr_equal(turns_next(&turns), &a);
        assert_null(turns_next(&turns));
        assert_int_equal(turns.n, 7);
}

static void test_turns_that_were_given_are_known_until_they_are_taken(void **state)
{
        Turns turns = { .max = 10 };
        TurnItem a = { 0 }, b = { 0 }, c = { 0 };

        (void)state;
        assert_true(turns_take(&turns, &a, 10));
        assert_null(turns.given);
        assert_false(turns_take(&turns, &b, 5));
        assert_false(turns_take(&turns, &c, 5));
        turns_leave(&turns, &a);
        assert_ptr_equal(turns_next(&turns), &b);
        assert_ptr_equal(turns_next(&turns), &c);
        assert_ptr_equal(turns.given, &c);
        assert_ptr_equal(c.next, &b);
        assert_true(turns_take(&turns, &b, 5));
        assert_null(c.next);
        assert_false(b.given);
        turns_leave(&turns, &c);
        assert_null(turns.given);
        turns_leave(&turns, &b);
        assert_int_equal(turns.n, 0);
}

static void test_turns_keep_their_bound_when_a_size_changes(void **state)
{
        TurnItem a = { 0 }, b = { 0 }, c = { 0 };
        Turns turns = { .max = 10 };

        (void)state;
        assert_true(turns_take(&turns, &a, 2));
        assert_true(turns_take(&turns, &b, 4));
        assert_true(turns_take(&turns, &a, 6)); /* a still fits */
        assert_int_equal(turns.n, 10);
        assert_false(turns_take(&turns, &c, 9));
        assert_false(turns_take(&turns, &c, 3)); /* c now needs less, but still waits */
        assert_false(turns_take(&turns, &b, 5)); /* b needs too much, and waits behind c */
        assert_false(b.holds);
        assert_int_equal(turns.n, 6);
        assert_ptr_equal(turns_next(&turns), &c);
        assert_int_equal(turns.n, 9);
        assert_null(turns_next(&turns));
        assert_true(turns_take(&turns, &a, 2)); /* a gives back a part */
        assert_int_equal(turns.n, 5);
        assert_ptr_equal(turns_next(&turns), &b);
        assert_int_equal(turns.n, 10);
        assert_false(turns_take(&turns, &a, 3));
        assert_true(turns_take(&turns, &a, 2)); /* a is the first that waits, and now fits */
        turns_leave(&turns, &b);
        turns_leave(&turns, &c);
        assert_true(turns_take(&turns, &a, 50)); /* alone */
        turns_leave(&turns, &a);
        assert_int_equal(turns.n, 0);
        assert_null(turns.first);
}

/* --- many tags -------------------------------------------------------------------------------- */

/* Makes a set of known and listed tags, in one step. */
static int build(World *world, const TagSetInput *input, Arena *memory, Error *err)
{
        int r;

        tag_set_done(&world->set);
        r = tag_set_begin(&world->set, input, world->policy, err);
        if (r >= 0)
                r = tag_set_add_known(&world->set, input, &world->known, memory, err);
        if (r >= 0)
                r = tag_set_add_listed(&world->set, input, USEC_INFINITY, err);
        if (r >= 0)
                r = tag_set_classify(&world->set, input, world->policy, USEC_INFINITY, memory, err);
        return r;
}

static void test_a_row_and_a_version_come_back_as_they_were(void **state)
{
        const TagRecord row = { .tag = "v1",
                                .digest = DIGEST_A,
                                .problem = "it was away",
                                .first_seen_at = 1,
                                .changed_at = 2,
                                .checked_at = 3,
                                .pushed_at = 4,
                                .missing = 1 };
        const Version version = { .text = "1.0.0",
                                  .build_metadata = "b7",
                                  .sort_key = { (const uint8_t *)"\0k\0", 3 },
                                  .specificity = 3 };
        TagRecord back;
        TagState tag;

        (void)state;
        /* a TagState must be small: a repository may have a million tags */
        assert_true(sizeof(TagState) <= 96);
        assert_int_equal(tag_state_of(&row, &arena, &tag), 0);
        back = tag_state_record(&tag);
        assert_string_equal(back.tag, row.tag);
        assert_string_equal(back.digest, row.digest);
        assert_string_equal(back.problem, row.problem);
        assert_int_equal(back.first_seen_at, 1);
        assert_int_equal(back.changed_at, 2);
        assert_int_equal(back.checked_at, 3);
        assert_int_equal(back.pushed_at, 4);
        assert_int_equal(back.missing, 1);
        assert_int_equal(tag_state_key(&tag).size, 0);
        assert_null(tag_state_build_metadata(&tag));
        assert_int_equal(tag_state_set_version(&tag, &version, &arena), 0);
        assert_string_equal(tag.version, "1.0.0");
        assert_int_equal(sort_key_compare(tag_state_key(&tag), version.sort_key), 0);
        assert_int_equal(tag.specificity, 3);
        assert_string_equal(tag_state_build_metadata(&tag), "b7");
        assert_string_equal(tag_state_record(&tag).problem, row.problem);
}

/* Known tags come first, sorted by name. New tags follow, in the order of the list. If a known tag
 * is listed, its text is borrowed from the list. */
static void test_a_list_is_merged_with_what_is_known(void **state)
{
        static const char *const tags[] = { "v3.0.0", "latest", "v2.0.0", "v1.0.0", "v0.1.0" };
        static const char *const digests[] = { DIGEST_A, DIGEST_A, DIGEST_B, DIGEST_A, NULL };
        static const char *const order[] = { "v1.0.0", "v2.0.0", "v2.5.0",
                                             "v3.0.0", "latest", "v0.1.0" };
        static const char *const news[] = { NULL, DIGEST_B, NULL, DIGEST_A, NULL, NULL };
        ListedTags listed = list_of(tags, digests, 5);
        const TagSetInput input = { .max = 64, .listed = &listed, .now = 1000 };
        Error error = { 0 };
        World world;

        (void)state;
        world_init(&world);
        world.records[0] = (TagRecord){ .tag = "v1.0.0", .digest = DIGEST_A, .missing = 1 };
        world.records[1] = (TagRecord){ .tag = "v2.0.0", .digest = DIGEST_A };
        world.records[2] = (TagRecord){ .tag = "v2.5.0", .digest = DIGEST_B };
        world.known.n = 3;
        assert_int_equal(build(&world, &input, &arena, &error), 0);
        assert_int_equal(world.set.n, 6);
        assert_ptr_equal(world.set.items[0].digest, digests[3]);
        for (size_t i = 0; i < 6; i++) {
                TagState *tag = &world.set.items[i];
                const char *news_of = tag_state_take_listed(tag);

                assert_string_equal(tag->tag, order[i]);
                assert_ptr_equal(tag_set_find(&world.set, order[i]), tag);
                assert_int_equal(news_of != NULL, news[i] != NULL);
                if (news[i])
                        assert_string_equal(news_of, news[i]);
        }
        assert_true(world.set.items[0].dirty); /* the tag is listed again, after it was missing */
        assert_int_equal(world.set.items[0].missing, 0);
        assert_int_equal(world.set.items[2].missing, 1);
        /* the tag is not a version, so relman does not request its digest */
        assert_null(world.set.items[4].digest);
        assert_true(world.set.items[5].resolve);
        listed_tags_done(&listed);
        world_done(&world);
}

static void test_too_many_tags_are_refused(void **state)
{
        static const char *const tags[] = { "v1", "v2", "v3" };
        Error error = { 0 };
        World world;

        (void)state;
        world_init(&world);
        world.records[0] = (TagRecord){ .tag = "v0", .digest = DIGEST_A };
        world.known.n = 1;
        for (size_t max = 0; max <= 4; max++) {
                ListedTags listed = list_of(tags, NULL, 3);
                const TagSetInput input = { .max = max, .listed = &listed, .now = 1000 };
                int r = build(&world, &input, &arena, &error);

                assert_int_equal(r, max < 4 ? -EFBIG : 0);
                assert_int_equal(error.kind, max < 4 ? ERROR_HOSTILE : ERROR_NONE);
                if (max < 4)
                        assert_non_null(strstr(error_message(&error), "too many tags"));
                error_done(&error);
                error = (Error){ 0 };
                listed_tags_done(&listed);
        }
        world_done(&world);
}

/* With any limit of memory, building the set either fails, or the set is complete. */
static void test_a_set_is_complete_or_fails_for_want_of_memory(void **state)
{
        static const char *const tags[] = { "v1.0.0+b1", "v2.0.0", "x" };
        static const char *const digests[] = { DIGEST_B, DIGEST_B, DIGEST_A };
        bool done = false;
        World world;

        (void)state;
        world_init(&world);
        world.records[0] = (TagRecord){ .tag = "v0.1.0", .digest = DIGEST_A, .problem = "p" };
        world.records[1] = (TagRecord){ .tag = "v2.0.0", .digest = DIGEST_A, .problem = "p" };
        world.known.n = 2;
        for (size_t limit = 0; !done; limit += 4) {
                ListedTags listed = list_of(tags, digests, 3);
                const TagSetInput input = { .max = 64, .listed = &listed, .now = 1000 };
                Error error = { 0 };
                Arena memory;

                arena_init(&memory, limit);
                done = build(&world, &input, &memory, &error) == 0;
                assert_int_equal(memory.failed, !done);
                if (done)
                        assert_int_equal(world.set.n, 4);
                else
                        assert_int_not_equal(error.kind, ERROR_NONE);
                tag_set_done(&world.set);
                error_done(&error);
                listed_tags_done(&listed);
                arena_done(&memory);
                assert_true(limit < TEST_ARENA_MAX);
        }
        world_done(&world);
}

static void test_stored_versions_are_compared_by_pages(void **state)
{
        static const char *const tags[] = { "v1.0.0", "v2.0.0", "v3.0.0" };
        static const char *const digests[] = { DIGEST_A, DIGEST_B, DIGEST_C };
        VersionMap rows[3];
        VersionPlan plan = { 0 };
        VersionKeep keep = { 0 };
        const TagState *put;
        Error error = { 0 };
        bool is_new = true;
        size_t next = 0;
        World world;

        (void)state;
        world_init(&world);
        look(&world, tags, 3, false);
        for (size_t i = 0; i < 3; i++)
                world.set.items[i].digest = digests[i];
        rows[0] = version_map_of(&world.set.items[0], "c");
        rows[1] = version_map_of(&world.set.items[1], "c");
        rows[1].channel = "old";
        rows[2] = rows[1];
        rows[2].digest = DIGEST_D;
        assert_int_equal(plan_versions_names(&world.set, USEC_INFINITY, &plan, &error), 0);
        assert_int_equal(plan_versions_drop(&world.set, &keep, USEC_INFINITY, &plan, &error), 0);
        for (size_t i = 0; i < 3; i++) {
                const VersionMaps page = { &rows[i], 1 };

                assert_int_equal(plan_versions_compare(&world.set, &page, &arena, &plan, &error),
                                 0);
        }
        put = version_plan_next(&plan, &world.set, &next, &is_new);
        assert_string_equal(put->tag, "v2.0.0");
        assert_false(is_new);
        put = version_plan_next(&plan, &world.set, &next, &is_new);
        assert_string_equal(put->tag, "v3.0.0");
        assert_true(is_new);
        assert_null(version_plan_next(&plan, &world.set, &next, &is_new));
        assert_int_equal(plan.n_delete, 1);
        assert_string_equal(plan.delete[0], DIGEST_D);
        version_plan_done(&plan);
        world_done(&world);
}

static void test_the_row_of_a_digest_that_is_chosen_twice_stays(void **state)
{
        static const char *const tags[] = { "v1.0.0", "v2.0.0" };
        static const char *const digests[] = { DIGEST_A, DIGEST_B };
        VersionPlan plan = { 0 };
        Error error = { 0 };
        VersionMap row;
        size_t next = 0;
        bool is_new;
        World world;

        (void)state;
        world_init(&world);
        look(&world, tags, 2, false);
        for (size_t i = 0; i < 2; i++)
                world.set.items[i].digest = digests[i];
        row = version_map_of(&world.set.items[0], "c");
        assert_int_equal(plan_versions_names(&world.set, USEC_INFINITY, &plan, &error), 0);
        for (size_t i = 0; i < 2; i++)
                assert_int_equal(
                        plan_versions_choose(&world.set, DIGEST_A, &row, &arena, &plan, &error), 0);
        plan_versions_settle_others(&plan);
        assert_null(version_plan_next(&plan, &world.set, &next, &is_new));
        assert_int_equal(plan.n_delete, 0);
        version_plan_done(&plan);
        world_done(&world);
}

/* The assigned versions are added after the tags, and adding them moves the set in memory. */
static void test_a_counter_that_is_no_date_is_named(void **state)
{
        static const char *const tags[] = { "2024.06.1", "2024.06.2", "2024.06.3", "2024.06.4",
                                            "2024.06.5", "2024.06.6", "2024.06.7", "2024.06.45" };
        static Assignment assignments[9];
        const Assignments assigned = { assignments, 9 };
        Error error = { 0 };
        World world;

        (void)state;
        for (size_t i = 0; i < assigned.n; i++)
                assignments[i] = (Assignment){ .tag = "2024.07.1",
                                               .digest = DIGEST_A,
                                               .semver = "2024.07.1",
                                               .channel = "stable" };
        world_init(&world);
        version_policy_free(world.policy);
        world.spec.versioning_strategy.type = STRATEGY_DATE;
        world.assigned = &assigned;
        assert_int_equal(version_policy_new(&world.spec, &world.policy, &error), 0);
        look(&world, tags, 8, false);
        assert_true(world.set.n > 8);
        assert_int_equal(world.set.n_counters, 1);
        assert_string_equal(world.set.counter, "2024.06.45");
        world_done(&world);
}

#define N_MANY 600
#define N_KEPT 5

static void test_old_versions_are_dropped_in_steps(void **state)
{
        static char names[N_MANY][16], digests[N_MANY][DIGEST_SIZE_MAX];
        const char *tags[N_MANY];
        _cleanup_(map_done) Map used = { 0 };
        const VersionKeep keep = { .max = N_KEPT, .used = &used };
        VersionPlan plan = { 0 };
        Error error = { 0 };
        unsigned n_steps = 0, n_puts = 0;
        size_t next = 0;
        bool is_new;
        World world;

        (void)state;
        for (size_t i = 0; i < N_MANY; i++) { /* the names are not in order */
                (void)snprintf(names[i], sizeof(names[i]), "v1.%zu.0", i * 7 % N_MANY);
                digest_sha256(names[i], strlen(names[i]), digests[i]);
                tags[i] = names[i];
        }
        world_init(&world);
        look(&world, tags, N_MANY, false);
        for (size_t i = 0; i < N_MANY; i++)
                world.set.items[i].digest = digests[i];
        /* the digest of v1.0.0 is in use */
        assert_true(map_put(&used, digests[0], &plan, NULL) >= 0);
        assert_int_equal(plan_versions_names(&world.set, USEC_INFINITY, &plan, &error), 0);
        while (plan_versions_drop(&world.set, &keep, 0, &plan, &error) > 0)
                n_steps++;
        assert_true(n_steps > 2);
        for (const TagState *put; (put = version_plan_next(&plan, &world.set, &next, &is_new));
             n_puts++) {
                unsigned minor;

                assert_int_equal(sscanf(put->tag, "v1.%u.0", &minor), 1);
                assert_true(minor == 0 || minor >= N_MANY - N_KEPT);
        }
        assert_int_equal(n_puts, N_KEPT + 1);
        version_plan_done(&plan);
        world_done(&world);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_turns_go_round_in_the_order_of_asking),
        cmocka_unit_test(test_turns_are_held_together_while_their_sizes_fit),
        cmocka_unit_test(test_turns_that_were_given_are_known_until_they_are_taken),
        cmocka_unit_test(test_turns_keep_their_bound_when_a_size_changes),
        cmocka_unit_test(test_a_row_and_a_version_come_back_as_they_were),
        cmocka_unit_test(test_a_list_is_merged_with_what_is_known),
        cmocka_unit_test(test_too_many_tags_are_refused),
        cmocka_unit_test(test_a_set_is_complete_or_fails_for_want_of_memory),
        cmocka_unit_test(test_stored_versions_are_compared_by_pages),
        cmocka_unit_test(test_the_row_of_a_digest_that_is_chosen_twice_stays),
        cmocka_unit_test(test_a_counter_that_is_no_date_is_named),
        cmocka_unit_test(test_old_versions_are_dropped_in_steps),
        cmocka_unit_test(test_naming_digests_in_slices_comes_to_the_same),
        cmocka_unit_test(test_a_survey_in_slices_finds_the_same),
        cmocka_unit_test(test_a_survey_keeps_held_versions_above_the_head),
        cmocka_unit_test(test_the_order_of_tags_in_slices_is_the_same),
        cmocka_unit_test(test_tags_are_evaluated_in_slices),
        cmocka_unit_test(test_the_earliest_is_first_under_any_order_of_calls),
        cmocka_unit_test(test_a_tag_is_deleted_after_two_complete_lists_without_it),
        cmocka_unit_test(test_a_list_that_shrank_by_more_than_half_is_held),
        cmocka_unit_test(test_known_tags_are_not_asked_for_again),
        cmocka_unit_test(test_a_head_moves_forward_and_stays_if_its_tag_is_deleted),
        cmocka_unit_test(test_one_row_per_digest_named_by_the_most_specific_tag),
        cmocka_unit_test(test_a_moved_tag_is_noticed),
        cmocka_unit_test(test_a_load_that_would_lose_more_than_half_removes_nothing),
        cmocka_unit_test(test_what_is_held_stays_until_it_is_confirmed),
        cmocka_unit_test(test_a_release_in_use_keeps_no_hold),
        cmocka_unit_test(test_what_is_held_is_marked_before_anything_is_stored),
        cmocka_unit_test(test_specs_are_planned_in_steps),
        cmocka_unit_test(test_a_component_finds_the_first_registry_of_its_host),
        cmocka_unit_test(test_a_broken_file_speaks_for_what_it_declared),
        cmocka_unit_test(test_what_cannot_be_read_keeps_what_it_declared),
        cmocka_unit_test(test_nothing_changed_is_nothing_to_do),
};

TEST_PROGRAM("plan", tests, set_up, tear_down)
