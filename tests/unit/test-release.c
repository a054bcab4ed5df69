/* Composition and the status machine. */

#include "fixture.h"
#include "release/compose.h"
#include "release/status.h"
#include "unit.h"
#include "version/version.h"

static Arena arena;

/* Every status with every other; anything not listed is illegal. */
static void test_the_status_machine_as_one_table(void **state)
{
        static const bool legal[RELEASE_STATUS_MAX_][RELEASE_STATUS_MAX_] = {
                [RELEASE_DRAFT] = { [RELEASE_READY] = true, [RELEASE_ARCHIVED] = true },
                [RELEASE_READY] = { [RELEASE_PROMOTING] = true,
                                    [RELEASE_DEPRECATED] = true,
                                    [RELEASE_ARCHIVED] = true },
                [RELEASE_PROMOTING] = { [RELEASE_READY] = true, [RELEASE_DEPLOYED] = true },
                [RELEASE_DEPLOYED] = { [RELEASE_READY] = true,
                                       [RELEASE_PROMOTING] = true,
                                       [RELEASE_DEPRECATED] = true },
                [RELEASE_DEPRECATED] = { [RELEASE_ARCHIVED] = true },
                [RELEASE_ARCHIVED] = { [RELEASE_READY] = true },
        };

        (void)state;
        for (ReleaseStatus from = 0; from < RELEASE_STATUS_MAX_; from++)
                for (ReleaseStatus to = 0; to < RELEASE_STATUS_MAX_; to++) {
                        Error error = { 0 };

                        assert_case(release_status_may_become(from, to) == legal[from][to],
                                    "%s to %s", release_status_to_string(from),
                                    release_status_to_string(to));
                        assert_int_equal(release_status_check("r", from, to, &error) == 0,
                                         legal[from][to]);
                        if (!legal[from][to])
                                assert_int_equal(error.kind, ERROR_CONFLICT);
                        error_done(&error);
                }
}

static void test_a_refusal_names_what_would_be_legal(void **state)
{
        Error error = { 0 };

        (void)state;
        assert_int_equal(
                release_status_check("one", RELEASE_DEPLOYED, RELEASE_ARCHIVED, &error) < 0, 1);
        assert_non_null(strstr(error_message(&error), "'one'"));
        assert_non_null(strstr(error_message(&error), "ready"));
        assert_non_null(strstr(error_message(&error), "deprecated"));
        error_done(&error);
}

static const ComponentSpec api = { .object = { .kind = KIND_COMPONENT,
                                               .id = { "1" },
                                               .meta = { .name = "api", .tenant = "default" } },
                                   .default_channel = "stable" };
static const ComponentSpec worker = { .object = { .kind = KIND_COMPONENT,
                                                  .id = { "2" },
                                                  .meta = { .name = "worker",
                                                            .tenant = "default" } },
                                      .default_channel = "edge" };
static const ComponentSpec *const components[] = { &api, &worker };

static void test_modes_want_what_they_say(void **state)
{
        static ReleaseItem pinned[] = {
                { .name = "worker", .tag = "v1" },
                { .name = "api", .version = "2.3.1", .role = ROLE_SIDECAR }
        };
        static ReleaseItem unknown[] = { { .name = "apj", .version = "1.0.0" } };
        ReleaseSpec spec = { .object = { .meta = { .name = "one", .tenant = "default" } },
                             .mode = RELEASE_FULL };
        Error error = { 0 };
        Wants wants;

        (void)state;
        assert_int_equal(
                release_wants(&spec, &(WantsInput){ components, 2, NULL }, &arena, &wants, &error),
                0);
        assert_int_equal(wants.n, 2);
        assert_int_equal(wants.items[1].type, WANT_HEAD);
        assert_string_equal(wants.items[1].value, "edge");
        spec.mode = RELEASE_CHANNEL;
        spec.channel = "rc";
        assert_int_equal(
                release_wants(&spec, &(WantsInput){ components, 2, NULL }, &arena, &wants, &error),
                0);
        assert_string_equal(wants.items[0].value, "rc");
        spec.mode = RELEASE_PINNED;
        spec.components = (ReleaseItems){ pinned, 2 };
        assert_int_equal(
                release_wants(&spec, &(WantsInput){ components, 2, NULL }, &arena, &wants, &error),
                0);
        assert_string_equal(wants.items[0].component->object.meta.name, "api"); /* sorted */
        assert_int_equal(wants.items[0].type, WANT_VERSION);
        assert_int_equal(wants.items[0].role, ROLE_SIDECAR);
        assert_int_equal(wants.items[1].type, WANT_TAG);
        spec.components = (ReleaseItems){ unknown, 1 };
        assert_int_equal(release_wants(&spec, &(WantsInput){ components, 2, NULL }, &arena, &wants,
                                       &error) < 0,
                         1);
        assert_int_equal(error.kind, ERROR_INVALID);
        error_done(&error);
}

static VersionMap versions[] = {
        { .tag = "v2.4.0-rc.1",
          .digest = DIGEST_C,
          .semver = "2.4.0-rc.1",
          .channel = "rc",
          .prerelease = true },
        { .tag = "v2.3.1", .digest = DIGEST_B, .semver = "2.3.1", .channel = "stable" },
        { .tag = "v2.3.0", .digest = DIGEST_A, .semver = "2.3.0", .channel = "stable" },
};

static Picked pick(WantType type, const char *value, const WantKnown *known)
{
        Want want = { .type = type, .component = &api, .value = value };
        Picked picked;

        assert_int_equal(release_pick(&want, known, &arena, &picked), 0);
        return picked;
}

static void test_a_version_or_the_newest_of_a_range_is_picked(void **state)
{
        static const struct {
                const char *value, *tag;
        } cases[] = {
                { "2.3.0", "v2.3.0" },
                { "v2.3.0", "v2.3.0" },
                { "2.3", "v2.3.1" },
                { "^2", "v2.3.1" },
                { ">=2.4.0-0", "v2.4.0-rc.1" },
                { "2.4.0-rc.1", "v2.4.0-rc.1" },
                { "2.5.0", NULL },
                { "^3", NULL },
        };
        VersionMaps all = { versions, ARRAY_SIZE(versions) };
        WantKnown known = { .versions = &all };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Picked picked = pick(WANT_VERSION, cases[i].value, &known);

                assert_case(str_equal(picked.tag, cases[i].tag), "'%s': %s", cases[i].value,
                            picked.tag ? picked.tag : picked.reason);
                assert_case((picked.digest == NULL) == (picked.reason != NULL), "'%s'",
                            cases[i].value);
        }
}

static void test_heads_tags_and_digests_are_picked(void **state)
{
        Channel channels[] = {
                { .name = "stable", .tag = "v2.3.1", .digest = DIGEST_B, .semver = "2.3.1" }
        };
        Channels heads = { channels, 1 };
        VersionMaps none = { 0 }, one = { &versions[1], 1 };
        TagRecord tag = { .tag = "odd", .digest = DIGEST_B };
        WantKnown known = { .channels = &heads, .versions = &none };

        (void)state;
        assert_string_equal(pick(WANT_HEAD, "stable", &known).digest, DIGEST_B);
        assert_null(pick(WANT_HEAD, "edge", &known).digest);
        assert_non_null(strstr(pick(WANT_HEAD, "edge", &known).reason, "edge"));
        assert_null(pick(WANT_TAG, "odd", &known).digest);
        known.tag = &tag;
        known.versions = &one;
        assert_string_equal(pick(WANT_TAG, "odd", &known).digest, DIGEST_B);
        assert_string_equal(pick(WANT_TAG, "odd", &known).tag, "odd");
        assert_string_equal(pick(WANT_TAG, "odd", &known).semver, "2.3.1");
        known.versions = &none;
        assert_string_equal(pick(WANT_DIGEST, DIGEST_A, &known).digest, DIGEST_A);
        assert_null(pick(WANT_DIGEST, DIGEST_A, &known).semver);
}

static void test_the_same_version_is_wanted_of_all(void **state)
{
        Want items[] = { { .component = &api }, { .component = &worker } };
        Wants wants = { items, 2 };
        Picked picks[] = { { .digest = DIGEST_A, .semver = "1.0.0" },
                           { .digest = DIGEST_B, .semver = "1.0.0" } };
        const char *reason;

        (void)state;
        assert_null(release_check_same_version(&wants, picks, &arena));
        picks[1].semver = "1.0.1";
        reason = release_check_same_version(&wants, picks, &arena);
        assert_non_null(reason);
        assert_non_null(strstr(reason, "worker"));
        picks[1].semver = NULL;
        assert_non_null(release_check_same_version(&wants, picks, &arena));
}

static int set_up(void **state)
{
        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
                const char *reason;
                Version version;

                assert_int_equal(version_parse(STRATEGY_SEMVER, versions[i].semver,
                                               strlen(versions[i].semver), &arena, &version,
                                               &reason),
                                 0);
                versions[i].sort_key = version.sort_key;
        }
        return 0;
}

static int tear_down(void **state)
{
        (void)state;
        arena_done(&arena);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_the_status_machine_as_one_table),
                cmocka_unit_test(test_a_refusal_names_what_would_be_legal),
                cmocka_unit_test(test_modes_want_what_they_say),
                cmocka_unit_test(test_a_version_or_the_newest_of_a_range_is_picked),
                cmocka_unit_test(test_heads_tags_and_digests_are_picked),
                cmocka_unit_test(test_the_same_version_is_wanted_of_all),
        };

        return cmocka_run_group_tests_name("release", tests, set_up, tear_down);
}
