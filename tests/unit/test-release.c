/* Tests the composition, status, promotion and comparison of releases. */

#include "fixture.h"
#include "model/name-template.h"
#include "release/compose.h"
#include "release/diff.h"
#include "release/promotion.h"
#include "release/status.h"
#include "unit.h"
#include "version/version.h"

static Arena arena;

/* Tests every pair of statuses. Changes of status that are not in the table are illegal. */
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

/* The status after each event; "-": the event is refused. */
static void test_every_status_with_every_event(void **state)
{
        static const char *const wanted[RELEASE_STATUS_MAX_][RELEASE_EVENT_MAX_] = {
                /* resolved, promoted, confirmed, failed, left, deprecated, archived, restored */
                { "ready", "-", "-", "-", "-", "-", "archived", "-" },
                { "-", "promoting", "-", "-", "-", "deprecated", "archived", "-" },
                { "-", "promoting", "deployed", "ready", "ready", "-", "-", "-" },
                { "-", "promoting", "deployed", "-", "ready", "deprecated", "-", "-" },
                { "-", "-", "deprecated", "deprecated", "deprecated", "-", "archived", "-" },
                { "-", "-", "-", "-", "-", "-", "-", "ready" },
        };

        (void)state;
        for (ReleaseStatus from = 0; from < RELEASE_STATUS_MAX_; from++)
                for (ReleaseEvent event = 0; event < RELEASE_EVENT_MAX_; event++) {
                        Error error = { 0 };
                        ReleaseStatus to = from;
                        int r = release_status_on("one", from, event, &to, &error);
                        const char *got = r < 0 ? "-" : release_status_to_string(to);

                        assert_case(streq(got, wanted[from][event]), "%s, %s: %s",
                                    release_status_to_string(from), release_event_to_string(event),
                                    got);
                        if (r < 0) {
                                assert_int_equal(error.kind, ERROR_CONFLICT);
                                assert_non_null(strstr(error_message(&error), "'one'"));
                        } else if (to != from)
                                assert_true(release_status_may_become(from, to));
                        error_done(&error);
                }
}

/* The status of a release follows from its environments, in any order of changes. */
static void test_status_follows_use(void **state)
{
        (void)state;
        for (ReleaseStatus from = 0; from < RELEASE_STATUS_MAX_; from++)
                for (int64_t promoting = 0; promoting < 3; promoting++)
                        for (int64_t deployed = 0; deployed < 3; deployed++) {
                                ReleaseStatus to = release_status_in_use(from, promoting, deployed);
                                bool follows = from == RELEASE_READY || from == RELEASE_PROMOTING ||
                                               from == RELEASE_DEPLOYED;

                                assert_int_equal(to, !follows        ? from
                                                     : promoting > 0 ? RELEASE_PROMOTING
                                                     : deployed > 0  ? RELEASE_DEPLOYED
                                                                     : RELEASE_READY);
                        }
}

static ReleaseComponent component(const char *name, const char *semver, const char *digest)
{
        return (ReleaseComponent){
                .component_id = name, .component_name = name, .semver = semver, .digest = digest
        };
}

static void test_a_difference_says_which_way(void **state)
{
        static const struct {
                const char *from, *to, *wanted;
        } cases[] = {
                { "1.2.3", "1.10.0", "upgrade" },       { "1.10.0", "1.2.3", "downgrade" },
                { "1.0.0-rc.1", "1.0.0", "upgrade" },   { "1.0.0", "1.0.0", "sameVersion" },
                { "4.0.12.7", "4.0.9.8", "downgrade" }, { "2026-11-01", "2026-11-24", "upgrade" },
                { "blue", "green", "unknown" },         { NULL, "1.0.0", "unknown" },
                { "1.0.0", NULL, "unknown" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                ReleaseComponent from = component("a", cases[i].from, "x");
                ReleaseComponent to = component("a", cases[i].to, "y");
                ReleaseDiff diff;

                assert_int_equal(release_diff(&(ReleaseComponents){ &from, 1 },
                                              &(ReleaseComponents){ &to, 1 }, &arena, &diff),
                                 0);
                assert_int_equal(diff.n_of[DIFF_CHANGED], 1);
                assert_case(
                        streq(diff_direction_to_string(diff.items[0].direction), cases[i].wanted),
                        "%s to %s: %s", cases[i].from, cases[i].to,
                        diff_direction_to_string(diff.items[0].direction));
        }
}

static void test_a_difference_finds_what_came_and_went(void **state)
{
        ReleaseComponent a[] = { component("a", "1", "x"), component("b", "1", "x"),
                                 component("d", "1", "x") };
        ReleaseComponent b[] = { component("b", "1", "x"), component("c", "1", "x"),
                                 component("d", "1", "y"), component("e", "1", "x") };
        static const DiffType wanted[] = { DIFF_REMOVED, DIFF_UNCHANGED, DIFF_ADDED, DIFF_CHANGED,
                                           DIFF_ADDED };
        ReleaseDiff diff;

        (void)state;
        assert_int_equal(release_diff(&(ReleaseComponents){ a, 3 }, &(ReleaseComponents){ b, 4 },
                                      &arena, &diff),
                         0);
        assert_int_equal(diff.n, ARRAY_SIZE(wanted));
        for (size_t i = 0; i < diff.n; i++)
                assert_int_equal(diff.items[i].type, wanted[i]);
        b[0].component_id = "another of that name";
        assert_int_equal(release_diff(&(ReleaseComponents){ a, 3 }, &(ReleaseComponents){ b, 4 },
                                      &arena, &diff),
                         0);
        assert_int_equal(diff.n_of[DIFF_REMOVED], 2);
        assert_int_equal(diff.n_of[DIFF_ADDED], 3);
}

static void test_a_promotion_is_decided(void **state)
{
        EnvironmentSpec environment = { .object.meta.name = "prod" };
        const char *staging = "staging";
        Release release = { .id = { "r" }, .name = "one", .status = RELEASE_READY };
        Deployment deployment = { .release_id = "r", .status = DEPLOYMENT_DEPLOYED };
        PromotionInput input = { .environment = &environment };
        Approval approvals[2] = { { .person = "anna", .by = "token:anna" },
                                  { .person = "bob", .by = "token:bob" } };
        Promotion got;

        (void)state;
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_int_equal(got.decision, PROMOTION_NONE);
        input.missing = "none yet";
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_int_equal(got.decision, PROMOTION_WAIT);
        input.release = &release;
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_int_equal(got.decision, PROMOTION_GO);
        input.deployment = &deployment;
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_int_equal(got.decision, PROMOTION_NONE);
        deployment.status = DEPLOYMENT_FAILED; /* a person may promote the failed release again */
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_int_equal(got.decision, PROMOTION_GO);
        input.failure = "no reason was given"; /* an automatic promotion of the failed release is
                                                * refused */
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_int_equal(got.decision, PROMOTION_REFUSED);
        assert_string_equal(
                got.message,
                "release 'one' failed here: no reason was given; name another one, or try "
                "it again with relmanctl promote one prod");
        input.was_canceled = true;
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_string_equal(got.reason, "PromotionCanceled");
        assert_string_equal(
                got.message,
                "release 'one' was canceled here: no reason was given; name another one, or try "
                "it again with relmanctl promote one prod");
        input.failure = NULL;
        deployment.release_id = "other";
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_int_equal(got.decision, PROMOTION_GO);
        environment.promotes_from.environments = (Strings){ &staging, 1 };
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_string_equal(got.reason, "NotInSource");
        assert_string_equal(got.waits_for, "its deployment in environment 'staging'");
        input.sources = &(PromotionSource){ .was_deployed = true };
        environment.approvals.count = 2;
        input.approvals = &(Approvals){ approvals, 1 };
        assert_int_equal(promotion_decide(&input, &arena, &got), 0);
        assert_string_equal(got.reason, "ApprovalsMissing");
        assert_string_equal(got.waits_for, "1 more approval (relmanctl approve one prod)");
        assert_true(got.needs_action);
        input.approvals = &(Approvals){ approvals, 2 };
        for (ReleaseStatus status = 0; status < RELEASE_STATUS_MAX_; status++) {
                release.status = status;
                assert_int_equal(promotion_decide(&input, &arena, &got), 0);
                assert_int_equal(got.decision,
                                 status == RELEASE_DRAFT ? PROMOTION_WAIT
                                 : status == RELEASE_DEPRECATED || status == RELEASE_ARCHIVED
                                         ? PROMOTION_REFUSED
                                         : PROMOTION_GO);
        }
}

static void test_components_are_removed_only_if_that_is_allowed(void **state)
{
        static const struct {
                size_t n_has; /* the environment has the first n_has of the components a, b, ... */
                const char *release, *wanted;
        } cases[] = {
                { 0, "abc", NULL },
                { 3, "abc", NULL },
                { 3, "abcd", NULL },
                { 3, "bc", "1 component that environment 'prod' has: a; to remove it" },
                { 3, "ac", "1 component that environment 'prod' has: b; to remove it" },
                { 4, "b", "3 components that environment 'prod' has: a, c, d; to remove them" },
                { 3, "xyz", "3 components that environment 'prod' has: a, b, c; to remove them" },
                { 12, "xyz",
                  "12 components that environment 'prod' has: a, b, c, d, e, f, g, h, i, j and 2 "
                  "more; to remove them" },
        };
        static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g",
                                             "h", "i", "j", "k", "l", "m" };
        EnvironmentSpec environment = { .object.meta.name = "prod" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                ReleaseComponent old[ARRAY_SIZE(names)] = { 0 }, new[4] = { 0 };
                char texts[4][2] = { 0 };
                Release release = { .id = { "r" }, .name = "one", .status = RELEASE_READY };
                ReleaseComponents has = { old, cases[i].n_has };
                PromotionInput input = { .environment = &environment,
                                         .release = &release,
                                         .has = &has };
                Promotion got;

                for (size_t j = 0; j < cases[i].n_has; j++)
                        old[j].component_name = names[j];
                for (size_t j = 0; cases[i].release[j]; j++) {
                        texts[j][0] = cases[i].release[j];
                        new[release.components.n++].component_name = texts[j];
                }
                release.components.items = new;
                assert_int_equal(promotion_decide(&input, &arena, &got), 0);
                assert_case(got.decision == (cases[i].wanted ? PROMOTION_REFUSED : PROMOTION_GO),
                            "%zu: %u", i, got.decision);
                if (!cases[i].wanted)
                        continue;
                assert_string_equal(got.reason, "RemovesComponents");
                assert_case(strstr(got.message, cases[i].wanted) != NULL, "%zu: %s", i,
                            got.message);
                assert_non_null(
                        strstr(got.message, ": relmanctl promote one prod --allow-removals"));
                input.has = NULL;
                assert_int_equal(promotion_decide(&input, &arena, &got), 0);
                assert_int_equal(got.decision, PROMOTION_GO);
        }
}

static void test_names_by_template(void **state)
{
        static const NameVersion versions[] = { { "api", "2.3.1+Build.7" }, { "web", NULL } };
        static const NameValues values = { .stream = "app",
                                           .sequence = 12,
                                           .now = 1795564800 * USEC_PER_SEC,
                                           .versions = versions,
                                           .n_versions = 2 };
        static const struct {
                const char *text, *wanted; /* wanted: NULL if a part is not available */
        } cases[] = {
                { "{stream}-{seq}", "app-12" }, { "x-{version:api}", "x-2.3.1-build.7" },
                { "{date}", "20261125" },       { "r{seq}-", "r12" },
                { "{version:web}", NULL },      { "{version:none}", NULL },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Error error = { 0 };
                const char *got = NULL;
                int r = name_template_expand(cases[i].text, &values, &arena, &got, &error);

                assert_case(cases[i].wanted ? r == 0 && str_equal(got, cases[i].wanted) : r < 0,
                            "'%s': '%s'", cases[i].text, got ? got : error_message(&error));
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
        /* the parts are sorted by name */
        assert_string_equal(wants.items[0].component->object.meta.name, "api");
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

/* A version is found by its text in the tag, with leading zeros, or by its canonical text. A tag is
 * found by its name even if a rule reads another text from it. */
static void test_calver_is_picked_as_it_is_written(void **state)
{
        static const struct {
                const char *format, *value, *tag;
        } cases[] = {
                /* 12 is a counter in the tag 2024.06.12, but a day in a text that a person types */
                { "YYYY.0M.MICRO", "2024.06.2", "2024.06.2" },
                { "YYYY.0M.MICRO", "v2024.07.0", "v2024.07.0" },
                { "YYYY.0M.MICRO", "2024.07.0", "v2024.07.0" },
                { "YYYY.0M.MICRO", "2024.06", "2024.06.12" },
                { "YYYY.0M.MICRO", ">=2024.06.1 <2024.06.5", "2024.06.2" },
                { "YYYY.0M.MICRO", "2024.05.1", NULL },
                { NULL, "2024.06.12", "2024.06.12" },
                { NULL, "2024.6-12", "2024.06.12" },
                { NULL, "v2024.07.0", "v2024.07.0" },
        };
        static VersionMap by_format[] = {
                { .tag = "v2024.07.0", .digest = DIGEST_C, .semver = "2024.07.0" },
                { .tag = "2024.06.12", .digest = DIGEST_B, .semver = "2024.06.12" },
                { .tag = "2024.06.2", .digest = DIGEST_A, .semver = "2024.06.2" },
        };
        static VersionMap by_groups[] = {
                { .tag = "v2024.07.0", .digest = DIGEST_C, .semver = "2024.7-0" },
                { .tag = "2024.06.12", .digest = DIGEST_B, .semver = "2024.6-12" },
                { .tag = "2024.06.2", .digest = DIGEST_A, .semver = "2024.6-2" },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                ComponentSpec billing = { .object.meta.name = "billing",
                                          .versioning_strategy = { .type = STRATEGY_DATE } };
                VersionMaps all = { cases[i].format ? by_format : by_groups, 3 };
                WantKnown known = { .versions = &all };
                Want want = { .type = WANT_VERSION,
                              .component = &billing,
                              .value = cases[i].value };
                Picked picked;

                for (size_t j = 0; j < 3; j++) {
                        VersionStrategy strategy = { .type = STRATEGY_DATE,
                                                     .date_format = cases[i].format };
                        const char *reason = NULL;
                        Version version;

                        assert_int_equal(version_parse(&strategy, all.items[j].semver,
                                                       strlen(all.items[j].semver), &arena,
                                                       &version, &reason),
                                         0);
                        all.items[j].sort_key = version.sort_key;
                }
                billing.versioning_strategy.date_format = cases[i].format;
                assert_int_equal(release_pick(&want, &known, &arena, &picked), 0);
                assert_case(str_equal(picked.tag, cases[i].tag), "'%s': %s", cases[i].value,
                            picked.tag ? picked.tag : picked.reason);
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
        static const VersionStrategy semver = { .type = STRATEGY_SEMVER };

        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
                const char *reason;
                Version version;

                assert_int_equal(version_parse(&semver, versions[i].semver,
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

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_status_machine_as_one_table),
        cmocka_unit_test(test_every_status_with_every_event),
        cmocka_unit_test(test_status_follows_use),
        cmocka_unit_test(test_a_difference_says_which_way),
        cmocka_unit_test(test_a_difference_finds_what_came_and_went),
        cmocka_unit_test(test_a_promotion_is_decided),
        cmocka_unit_test(test_components_are_removed_only_if_that_is_allowed),
        cmocka_unit_test(test_names_by_template),
        cmocka_unit_test(test_a_refusal_names_what_would_be_legal),
        cmocka_unit_test(test_modes_want_what_they_say),
        cmocka_unit_test(test_a_version_or_the_newest_of_a_range_is_picked),
        cmocka_unit_test(test_calver_is_picked_as_it_is_written),
        cmocka_unit_test(test_heads_tags_and_digests_are_picked),
        cmocka_unit_test(test_the_same_version_is_wanted_of_all),
};
TEST_PROGRAM("release", tests, set_up, tear_down)
