/* Tests the replay of recorded tags. A small daemon without input and output makes a history: it
 * polls, moves heads and makes releases by the functions of real polls. A replay by the same rules
 * must find the same releases. */

#include <errno.h>
#include <stdlib.h>

#include "plan/evaluate.h"
#include "plan/plan-versions.h"
#include "plan/replay.h"
#include "unit.h"

#define N_COMPONENTS 3
#define N_TAGS       120
#define N_MADE       500
#define N_POLLS      60
#define BEGIN        (1700000000 * USEC_PER_SEC)
#define POLL         (5 * USEC_PER_MIN)

TEST_ARENA(arena, set_up, tear_down)

typedef struct Made {
        usec_t at;
        ReleaseComponent parts[N_COMPONENTS];
} Made;

/* A component, and the rows that a database would have of it. */
typedef struct Past {
        ComponentSpec spec;
        VersionPolicy *policy;
        TagRecord tags[N_TAGS];
        size_t n_tags;
        TagRecord history[N_POLLS * N_TAGS];
        size_t n_history;
        TagMove moves[N_POLLS * N_TAGS];
        size_t n_moves;
        Assignment assigned[N_POLLS];
        size_t n_assigned;
        Channel channels[8];
        size_t n_channels;
        Map manifests;
} Past;

typedef struct World {
        Past past[N_COMPONENTS];
        StreamSpec stream;
        const char *channel;
        Made made[N_MADE];
        size_t n_made;
        uint64_t seed;
        size_t n_digests;
        bool tags_are_mutable;
        bool persons_assign;
        unsigned one_bad_in; /* one digest in so many is not an image; 0: all are images */
} World;

static void world_init(World *world, uint64_t seed, VersionOrder order)
{
        *world = (World){ .seed = seed, .channel = "stable" };
        world->stream.object.meta = (Meta){ .name = "all", .tenant = "default" };
        for (size_t i = 0; i < N_COMPONENTS; i++) {
                Past *past = &world->past[i];
                Error error = { 0 };

                past->spec = (ComponentSpec){ .object = { .kind = KIND_COMPONENT },
                                              .default_channel = "stable" };
                past->spec.versioning_strategy.order_by = order;
                past->spec.object.meta =
                        (Meta){ .name = arena_printf(&arena, "c%zu", i), .tenant = "default" };
                past->spec.object.id =
                        object_id(KIND_COMPONENT, "default", past->spec.object.meta.name);
                assert_int_equal(version_policy_new(&past->spec, &past->policy, &error), 0);
        }
}

static void world_done(World *world)
{
        for (size_t i = 0; i < N_COMPONENTS; i++) {
                version_policy_free(world->past[i].policy);
                map_done(&world->past[i].manifests);
        }
}

/* --- the daemon ------------------------------------------------------------------------------- */

static const char *new_digest(World *world, Past *past)
{
        Manifest *manifest = arena_alloc(&arena, sizeof(*manifest));
        const char *digest = arena_printf(&arena, "sha256:%064zx", ++world->n_digests);

        /* images are pushed in another order than they are built in, and some at the same time */
        *manifest = (Manifest){ .digest = digest,
                                .artifact = "",
                                .created = (int64_t)(world->n_digests +
                                                     test_random(&world->seed) % 40) };
        if (world->one_bad_in > 0 && test_random(&world->seed) % world->one_bad_in == 0)
                manifest->artifact = "a Helm chart";
        assert_true(map_put(&past->manifests, digest, manifest, NULL) >= 0);
        return digest;
}

static TagRecord *find_row(Past *past, const char *tag)
{
        for (size_t i = 0; i < past->n_tags; i++)
                if (streq(past->tags[i].tag, tag))
                        return &past->tags[i];
        return NULL;
}

static int compare_rows(const void *a, const void *b)
{
        return strcmp(((const TagRecord *)a)->tag, ((const TagRecord *)b)->tag);
}

/* Pushes a tag and stores what a poll would: a new row, or the earlier digest of a moved tag. */
static void push(World *world, Past *past, const char *tag, usec_t began, usec_t at)
{
        TagRecord *row = find_row(past, tag);

        if (row) {
                past->history[past->n_history++] = (TagRecord){ .tag = tag,
                                                                .digest = row->digest,
                                                                .changed_at = row->changed_at };
                row->digest = new_digest(world, past);
                row->changed_at = at;
                return;
        }
        past->tags[past->n_tags++] = (TagRecord){ .tag = tag,
                                                  .digest = new_digest(world, past),
                                                  .first_seen_at = began,
                                                  .changed_at = at };
        qsort(past->tags, past->n_tags, sizeof(TagRecord), compare_rows);
}

static void set_of(Past *past, TagSet *set, usec_t now)
{
        const Assignments assigned = { past->assigned, past->n_assigned };
        const TagSetInput input = { .max = 1000, .now = now, .assigned = &assigned };
        const TagRecords rows = { past->tags, past->n_tags };
        Error error = { 0 };

        assert_int_equal(tag_set_begin(set, &input, past->policy, &error), 0);
        assert_int_equal(tag_set_add_known(set, &input, &rows, &arena, &error), 0);
        assert_int_equal(tag_set_add_listed(set, &input, USEC_INFINITY, &error), 0);
        assert_int_equal(tag_set_classify(set, &input, past->policy, USEC_INFINITY, &arena, &error),
                         0);
}

/* Reads which digests releases have under the tags of a component, newest first. */
static ReleasedTags released_of(const World *world, size_t c, usec_t before)
{
        ReleasedTags released = { arena_alloc_array(&arena, N_MADE, sizeof(ReleasedTag)), 0 };

        for (size_t i = world->n_made; i-- > 0;)
                if (world->made[i].at < before)
                        released.items[released.n++] =
                                (ReleasedTag){ .tag = world->made[i].parts[c].tag,
                                               .digest = world->made[i].parts[c].digest,
                                               .at = world->made[i].at };
        return released;
}

static void move_head(Past *past, const HeadMove *move)
{
        const TagState *to = move->to;
        size_t at = 0;

        while (at < past->n_channels && !streq(past->channels[at].name, move->channel))
                at++;
        if (!to) {
                past->channels[at] = past->channels[--past->n_channels];
                return;
        }
        past->n_channels = MAX(past->n_channels, at + 1);
        past->channels[at] = (Channel){ .name = arena_strdup(&arena, to->channel),
                                        .tag = to->tag,
                                        .digest = to->digest,
                                        .semver = to->version,
                                        .sort_key = tag_state_key(to),
                                        .specificity = to->specificity };
}

/* Moves the heads of a component as a poll does. */
static void poll_component(World *world, size_t c, usec_t now)
{
        Past *past = &world->past[c];
        const TagGuardRows rows = { .released = released_of(world, c, USEC_INFINITY),
                                    .moves = { past->moves, past->n_moves } };
        Channels stored = { past->channels, past->n_channels };
        TagSurvey survey = { 0 };
        Judging judging = { 0 };
        TagGuard guard = { 0 };
        JudgeInput input;
        HeadPlan plan;
        TagSet set;

        set_of(past, &set, now);
        guard.is_mutable = world->tags_are_mutable;
        assert_int_equal(tag_guard_init(&guard, &past->spec, &rows, &arena), 0);
        input = (JudgeInput){ .spec = &past->spec,
                              .policy = past->policy,
                              .manifests = &past->manifests,
                              .guard = &guard,
                              .channels = &stored,
                              .now = now };
        assert_int_equal(judge_tags(&set, &input, &judging, USEC_INFINITY, &arena), 0);
        assert_int_equal(tag_survey_step(&survey, &set, USEC_INFINITY), 0);
        assert_int_equal(plan_heads(&set, &stored, false, &survey, &arena, &plan), 0);
        for (size_t i = 0; i < plan.n_moves; i++)
                move_head(past, &plan.moves[i]);
        tag_survey_done(&survey);
        tag_guard_done(&guard);
        tag_set_done(&set);
}

/* Makes a release if the set of digests differs from that of the last release. */
static void make_release(World *world, usec_t now)
{
        Made made = { .at = now };
        bool differs = world->n_made == 0;

        for (size_t c = 0; c < N_COMPONENTS; c++) {
                const Past *past = &world->past[c];
                const Channel *head = NULL;

                for (size_t i = 0; i < past->n_channels; i++)
                        if (streq(past->channels[i].name, world->channel))
                                head = &past->channels[i];
                if (!head)
                        return;
                made.parts[c] = (ReleaseComponent){ .component_id = past->spec.object.id.text,
                                                    .component_name = past->spec.object.meta.name,
                                                    .tag = head->tag,
                                                    .digest = head->digest,
                                                    .semver = head->semver };
                differs = differs ||
                          !streq(world->made[world->n_made - 1].parts[c].digest, head->digest);
        }
        if (differs)
                world->made[world->n_made++] = made;
}

/* Lets a person allow a move that waits. */
static void allow_move(World *world, usec_t now)
{
        size_t c = test_random(&world->seed) % N_COMPONENTS;
        Past *past = &world->past[c];
        const TagRecord *row;

        if (past->n_tags == 0)
                return;
        row = &past->tags[test_random(&world->seed) % past->n_tags];
        past->moves[past->n_moves++] = (TagMove){ .tag = row->tag,
                                                  .digest = row->digest,
                                                  .allowed_by = "person:anna",
                                                  .allowed_at = now };
        poll_component(world, c, now);
        make_release(world, now);
}

/* Lets a person assign a version to the present digest of a tag, at most once to each digest. */
static void assign_version(World *world, usec_t now)
{
        size_t c = test_random(&world->seed) % N_COMPONENTS;
        unsigned minor = (unsigned)(test_random(&world->seed) % N_POLLS);
        Past *past = &world->past[c];
        const TagRecord *row;

        if (past->n_tags == 0)
                return;
        row = &past->tags[test_random(&world->seed) % past->n_tags];
        for (size_t i = 0; i < past->n_assigned; i++)
                if (streq(past->assigned[i].digest, row->digest))
                        return;
        past->assigned[past->n_assigned++] =
                (Assignment){ .tag = row->tag,
                              .digest = row->digest,
                              .semver =
                                      arena_printf(&arena, "1.%u.%zu", minor, 5 + past->n_assigned),
                              .channel = minor % 4 == 0 ? "rc" : "stable",
                              .by = "person:anna",
                              .at = now };
        poll_component(world, c, now);
        make_release(world, now);
}

/* Returns a tag that was pushed before, or a new one. Later polls find newer versions. */
static const char *random_tag(World *world, size_t n)
{
        unsigned minor = (unsigned)(test_random(&world->seed) % (n / 2 + 2));

        return test_random(&world->seed) % 4 == 0
                       ? arena_printf(&arena, "v1.%u.0-rc.%u", minor,
                                      (unsigned)(test_random(&world->seed) % 2))
                       : arena_printf(&arena, "v1.%u.0", minor);
}

/* Polls some components, each with some pushes before. */
static void live(World *world)
{
        for (size_t n = 0; n < N_POLLS; n++) {
                usec_t began = BEGIN + n * POLL;
                size_t c = test_random(&world->seed) % N_COMPONENTS;
                size_t n_pushes = 1 + test_random(&world->seed) % 3;
                const char *pushed[3];

                for (size_t i = 0; i < n_pushes; i++) {
                        bool again = false;

                        pushed[i] = random_tag(world, n);
                        for (size_t j = 0; j < i; j++)
                                again = again || streq(pushed[i], pushed[j]);
                        if (!again)
                                push(world, &world->past[c], pushed[i], began,
                                     began + (i + 1) * USEC_PER_MSEC);
                }
                poll_component(world, c, began + USEC_PER_SEC);
                make_release(world, began + USEC_PER_SEC);
                if (n % 5 == 4)
                        allow_move(world, began + POLL / 2);
                if (world->persons_assign && n % 3 == 1)
                        assign_version(world, began + POLL / 3);
        }
}

/* --- the replay ------------------------------------------------------------------------------- */

static ReplayComponent *read_component(const World *world, size_t c, Replay *replay)
{
        Past *past = (Past *)(uintptr_t)&world->past[c];
        Map assigned = { 0 };
        const ReplayFacts facts = { past->policy, NULL, &past->manifests, &assigned };
        const ReleasedTags released = released_of(world, c, replay->since);
        ReplayComponent *component =
                replay_add_component(replay, &past->spec, world->tags_are_mutable);

        assert_non_null(component);
        for (size_t i = 0; i < past->n_tags; i++) {
                const TagRecord *tag = &past->tags[i];
                Classification is;

                assert_int_equal(version_policy_classify(past->policy, tag->tag, &arena, &is, NULL),
                                 0);
                assert_int_equal(replay_add_tag(replay, component, tag, &is), 0);
        }
        for (size_t i = 0; i < past->n_assigned; i++) {
                Assignment *assignment = &past->assigned[i];
                const char *reason;
                Classification is;

                assert_int_equal(version_policy_assign(past->policy, assignment->semver,
                                                       assignment->channel, &arena, &is, &reason),
                                 0);
                assert_int_equal(replay_add_assigned(replay, component, assignment, &is), 0);
                assert_true(map_put(&assigned, assignment->digest, assignment, NULL) >= 0);
        }
        for (size_t i = 0; i < past->n_history; i++)
                assert_int_equal(replay_add_history(replay, component, &past->history[i]), 0);
        for (size_t i = 0; i < past->n_moves; i++)
                assert_int_equal(replay_add_move(replay, component, &past->moves[i]), 0);
        for (size_t i = 0; i < released.n; i++)
                assert_int_equal(replay_add_released(replay, component, &released.items[i]), 0);
        assert_int_equal(replay_component_end(replay, component, &facts, USEC_INFINITY), 0);
        map_done(&assigned);
        return component;
}

/* Replays the history since a time, with a stream of another channel. */
static void replay_world(const World *world, usec_t since, const char *channel, Replay *replay)
{
        const ReplayStream *full;
        ReplayStream *stream;
        size_t first = 0;

        replay_init(replay, &arena, since, BEGIN + N_POLLS * POLL);
        stream = replay_add_stream(replay, &world->stream);
        assert_non_null(stream);
        for (size_t c = 0; c < N_COMPONENTS; c++)
                assert_int_equal(
                        replay_add_part(replay, stream, read_component(world, c, replay), channel),
                        0);
        while (first + 1 < world->n_made && world->made[first + 1].at < since)
                first++;
        for (size_t i = first; i < world->n_made; i++) {
                Release release = { .name = arena_printf(&arena, "all-%zu", i + 1),
                                    .created_at = world->made[i].at };

                release.components =
                        (ReleaseComponents){ (ReleaseComponent *)(uintptr_t)world->made[i].parts,
                                             N_COMPONENTS };
                assert_int_equal(replay_add_release(replay, stream, &release), 0);
        }
        assert_int_equal(replay_step(replay, USEC_INFINITY, &full), 0);
        replay->at = 0;
        assert_int_equal(replay_compare(replay, USEC_INFINITY), 0);
}

static size_t count(const Replay *replay, ReplayResult result)
{
        size_t n = 0;

        for (size_t i = 0; i < replay->n_entries; i++)
                n += replay->entries[i].result == result;
        return n;
}

/* --- tests ------------------------------------------------------------------------------------ */

static void test_the_same_rules_make_the_same_releases(void **state)
{
        static World world;
        size_t n_all = 0, n_blocked = 0, n_assigned = 0;

        (void)state;
        for (uint64_t seed = 1; seed <= 300; seed++) {
                usec_t since;
                size_t n = 0;
                Replay replay;

                world_init(&world, seed, seed % 5 < 2 ? ORDER_BY_CREATED : ORDER_BY_VERSION);
                world.tags_are_mutable = seed % 3 == 0;
                world.persons_assign = seed % 7 < 4;
                world.one_bad_in = seed % 2 ? 6 : 0;
                live(&world);
                since = BEGIN + (seed % 4) * (N_POLLS / 4) * POLL - POLL / 4;
                for (size_t i = 0; i < world.n_made; i++)
                        n += world.made[i].at >= since;
                n_all += n;
                for (size_t c = 0; c < N_COMPONENTS; c++) {
                        n_blocked += world.past[c].n_history;
                        n_assigned += world.past[c].n_assigned;
                }
                replay_world(&world, since, "stable", &replay);
                for (size_t i = 0; i < replay.n_entries; i++)
                        assert_case(replay.entries[i].result == REPLAY_SAME,
                                    "seed %llu, entry %zu of %zu: %s %s at %llu",
                                    (unsigned long long)seed, i, replay.n_entries,
                                    replay_result_to_string(replay.entries[i].result),
                                    replay.entries[i].release ? replay.entries[i].release : "-",
                                    (unsigned long long)(replay.entries[i].at - BEGIN));
                assert_int_equal(replay.n_entries, n);
                replay_done(&replay);
                world_done(&world);
                arena_clear(&arena);
        }
        /* the histories have what they should */
        assert_true(n_all > 1000);
        assert_true(n_blocked > 1000);
        assert_true(n_assigned > 1000);
}

static void test_another_channel_makes_other_releases(void **state)
{
        static World world;
        const ReplayEntry *entry;
        Replay replay;

        (void)state;
        world_init(&world, 1, ORDER_BY_VERSION);
        for (size_t c = 0; c < N_COMPONENTS; c++) {
                push(&world, &world.past[c], "v1.0.0", BEGIN, BEGIN);
                push(&world, &world.past[c], "v1.1.0-rc.1", BEGIN, BEGIN);
                poll_component(&world, c, BEGIN);
        }
        make_release(&world, BEGIN + 1);
        push(&world, &world.past[0], "v1.1.0", BEGIN + POLL, BEGIN + POLL);
        poll_component(&world, 0, BEGIN + POLL);
        make_release(&world, BEGIN + POLL + 1);
        push(&world, &world.past[1], "v1.1.0-rc.2", BEGIN + 2 * POLL, BEGIN + 2 * POLL);
        poll_component(&world, 1, BEGIN + 2 * POLL);

        replay_world(&world, BEGIN + POLL / 2, "rc", &replay);
        assert_int_equal(replay.n_entries, 3);
        assert_int_equal(count(&replay, REPLAY_NEW), 2);
        assert_int_equal(count(&replay, REPLAY_MISSING), 1);
        /* at the start the three release candidates differ from the release that was made */
        entry = &replay.entries[0];
        assert_int_equal(entry->result, REPLAY_NEW);
        assert_int_equal(entry->at, BEGIN + POLL / 2);
        assert_int_equal(entry->n_differences, 3);
        assert_string_equal(entry->differences[2].component, "c2");
        assert_string_equal(entry->differences[2].made.tag, "v1.0.0");
        assert_string_equal(entry->differences[2].replayed.tag, "v1.1.0-rc.1");
        entry = &replay.entries[1];
        assert_int_equal(entry->result, REPLAY_MISSING);
        assert_string_equal(entry->release, "all-2");
        assert_string_equal(entry->differences[0].made.tag, "v1.1.0");
        entry = &replay.entries[2];
        assert_int_equal(entry->at, BEGIN + 2 * POLL);
        assert_string_equal(entry->differences[1].replayed.tag, "v1.1.0-rc.2");
        assert_int_equal(count(&replay, REPLAY_SAME), 0);
        replay_done(&replay);
        world_done(&world);
}

static void test_a_digest_that_is_not_recorded_is_unknown(void **state)
{
        static World world;
        const ReplayEntry *entry;
        TagRecord *row;
        Replay replay;

        (void)state;
        world_init(&world, 1, ORDER_BY_VERSION);
        for (size_t c = 0; c < N_COMPONENTS; c++) {
                push(&world, &world.past[c], "v1.0.0", BEGIN, BEGIN);
                poll_component(&world, c, BEGIN);
        }
        make_release(&world, BEGIN + 1);
        push(&world, &world.past[0], "v1.1.0", BEGIN + POLL, BEGIN + POLL);
        push(&world, &world.past[1], "v1.1.0", BEGIN + 2 * POLL, BEGIN + 2 * POLL + USEC_PER_DAY);
        /* the rules of that time did not make it a version */
        row = find_row(&world.past[0], "v1.1.0");
        assert_non_null(row);
        if (row)
                row->digest = NULL;

        replay_world(&world, BEGIN + POLL / 2, "stable", &replay);
        assert_int_equal(replay.n_entries, 2);
        assert_int_equal(count(&replay, REPLAY_UNKNOWN), 2);
        entry = &replay.entries[0];
        assert_int_equal(entry->at, BEGIN + POLL);
        assert_int_equal(entry->n_differences, 1);
        assert_string_equal(entry->differences[0].replayed.tag, "v1.1.0");
        assert_null(entry->differences[0].replayed.digest);
        /* the digest of the second tag became known after the end */
        assert_int_equal(replay.entries[1].n_differences, 2);
        assert_int_equal(replay.components[0]->n_unknown, 1);
        replay_done(&replay);
        world_done(&world);
}

static void test_digests_of_one_poll_make_one_release(void **state)
{
        static World world;
        Past *past = &world.past[0];
        usec_t at = BEGIN + POLL;
        Replay replay;

        (void)state;
        world_init(&world, 1, ORDER_BY_VERSION);
        world.tags_are_mutable = true;
        for (size_t c = 0; c < N_COMPONENTS; c++)
                push(&world, &world.past[c], "v1.0.0", BEGIN, BEGIN);
        /* one poll finds two tags, the older one first; the next poll begins soon after */
        push(&world, past, "v1.1.0", at, at + 1000);
        push(&world, past, "v1.2.0", at, at + 2000);
        push(&world, past, "v1.3.0", at + 3000, at + 4000);
        /* a tag moves twice within a second: two polls found this */
        push(&world, past, "v1.3.0", 0, at + 100000);
        /* the registry answered late about a tag of that poll */
        push(&world, past, "v1.3.0", 0, at + 20 * USEC_PER_SEC);
        push(&world, past, "v1.4.0", at + 3000, at + 40 * USEC_PER_SEC);
        replay_world(&world, BEGIN, "stable", &replay);
        assert_int_equal(count(&replay, REPLAY_NEW), 6);
        assert_string_equal(replay.entries[1].differences[0].replayed.tag, "v1.2.0");
        assert_int_equal(replay.entries[1].at, at + 2000);
        assert_int_equal(replay.entries[2].at, at + 4000);
        assert_int_equal(replay.entries[3].at, at + 100000);
        assert_int_equal(replay.entries[4].at, at + 20 * USEC_PER_SEC);
        assert_int_equal(replay.entries[5].at, at + 40 * USEC_PER_SEC);
        replay_done(&replay);
        world_done(&world);
}

static void test_a_set_that_settles_makes_one_release(void **state)
{
        static World world;
        Replay replay;

        (void)state;
        world_init(&world, 1, ORDER_BY_VERSION);
        world.stream.settle = POLL;
        for (size_t c = 0; c < N_COMPONENTS; c++)
                push(&world, &world.past[c], "v1.0.0", BEGIN, BEGIN);
        push(&world, &world.past[0], "v1.1.0", BEGIN + POLL, BEGIN + POLL);
        push(&world, &world.past[1], "v1.1.0", BEGIN + POLL * 3 / 2, BEGIN + POLL * 3 / 2);
        push(&world, &world.past[2], "v1.1.0", BEGIN + 4 * POLL, BEGIN + 4 * POLL);

        replay_world(&world, BEGIN, "stable", &replay);
        assert_int_equal(count(&replay, REPLAY_NEW), 3);
        assert_int_equal(replay.entries[0].at, BEGIN + POLL);
        assert_int_equal(replay.entries[1].at, BEGIN + POLL * 5 / 2);
        assert_int_equal(replay.entries[2].at, BEGIN + 5 * POLL);
        replay_done(&replay);
        world_done(&world);
}

static void test_an_image_must_have_the_minimum_age(void **state)
{
        static World world;
        Replay replay;

        (void)state;
        world_init(&world, 1, ORDER_BY_VERSION);
        for (size_t c = 0; c < N_COMPONENTS; c++) {
                world.past[c].spec.minimum_age = 2 * POLL;
                push(&world, &world.past[c], "v1.0.0", BEGIN, BEGIN);
        }
        push(&world, &world.past[0], "v1.1.0", BEGIN + 3 * POLL, BEGIN + 3 * POLL);
        replay_world(&world, BEGIN, "stable", &replay);
        assert_int_equal(count(&replay, REPLAY_NEW), 2);
        assert_int_equal(replay.entries[0].at, BEGIN + 2 * POLL);
        assert_int_equal(replay.entries[1].at, BEGIN + 5 * POLL);
        replay_done(&replay);
        world_done(&world);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_rules_make_the_same_releases),
        cmocka_unit_test(test_another_channel_makes_other_releases),
        cmocka_unit_test(test_a_digest_that_is_not_recorded_is_unknown),
        cmocka_unit_test(test_digests_of_one_poll_make_one_release),
        cmocka_unit_test(test_a_set_that_settles_makes_one_release),
        cmocka_unit_test(test_an_image_must_have_the_minimum_age),
};

TEST_PROGRAM("replay", tests, set_up, tear_down)
