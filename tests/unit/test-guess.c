/* Tests which styles of tags relman recognizes, which rules it proposes, and which versions these
 * rules select. Each proposal is read by the code that reads specs. */

#include "base/buffer.h"
#include "guess/guess.h"
#include "model/schema/encode.h"
#include "spec/spec.h"
#include "unit.h"

TEST_ARENA(arena, set_up, tear_down)

#define TAGS_LIMIT 16

typedef struct Case {
        const char *tags[TAGS_LIMIT];
        const char *style; /* the style of the most frequent tags */
        /* the type, then dateFormat, semverExtract, orderBy or follow */
        const char *strategy;
        const char *heads; /* the head of each channel */
        size_t n_unread;
} Case;

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const Case cases[] = {
        { { "1.2.3", "1.10.0", "1.9.0", "latest" }, "semver", "semver", "stable=1.10.0", 1 },
        { { "v1.2.3", "v1.10.0", "v2.0.0-rc.1", "v2.0.0-beta.2", "latest", "main" },
          "semver with v, with prereleases",
          "semver",
          "beta=v2.0.0-beta.2 rc=v2.0.0-rc.1 stable=v1.10.0",
          2 },
        { { "v1.2.3", "1.10.0", "1.2.3", "v1.1" },
          "semver, some with v",
          "semver",
          "stable=1.10.0",
          1 },
        { { "1", "1.25", "1.25.3", "1.25.4", "1.26.0", "1.26" },
          "semver",
          "semver",
          "stable=1.26.0",
          3 },
        { { "v1.2", "v1.10", "v1.9" }, "semver with v", "semver", "stable=v1.10", 0 },
        { { "0.0.6", "0.0.5-dev", "0.0.1-dev" },
          "semver, with prereleases",
          "semver",
          "dev=0.0.5-dev stable=0.0.6",
          0 },
        { { "2024.06.1", "2024.06.2", "2024.06.45", "2024.07.0", "latest" },
          "calver with a counter (YYYY.0M.MICRO)",
          "date YYYY.0M.MICRO",
          "stable=2024.07.0",
          1 },
        { { "2024.9.1", "2024.10.0", "2024.10.12" },
          "calver with a counter (YYYY.MM.MICRO)",
          "date YYYY.MM.MICRO",
          "stable=2024.10.12",
          0 },
        { { "2024.9.1", "2024.13.0", "2024.13.2-rc1" },
          "calver with a counter (YYYY.MINOR.MICRO-MODIFIER), with prereleases",
          "date YYYY.MINOR.MICRO-MODIFIER",
          "rc=2024.13.2-rc1 stable=2024.13.0",
          0 },
        { { "22.04", "18.04", "20.10", "24.04", "latest" },
          "calver (YY.0M)",
          "date YY.0M",
          "stable=24.04",
          1 },
        { { "2024.01.02", "2024.01.03", "2024.02.01" },
          "calver (YYYY.0M.0D)",
          "date YYYY.0M.0D",
          "stable=2024.02.01",
          0 },
        { { "2026-11-23", "2026-11-22", "2026-11-23.2", "2026-11-23.10" },
          "date",
          "date",
          "stable=2026-11-23.10",
          0 },
        { { "20261123", "20261122-17", "20240229" }, "date", "date", "stable=20261123", 0 },
        { { "20261123101500", "20261123093000" }, "date", "date", "stable=20261123101500", 0 },
        { { "1017", "998", "1018", "latest" }, "build number", "sequential", "stable=1018", 1 },
        { { "build-9", "build-10", "build-123" },
          "build number after 'build-'",
          "sequential",
          "stable=build-123",
          0 },
        { { "release-0042", "release-0041" },
          "build number after 'release-'",
          "sequential",
          "stable=release-0042",
          0 },
        { { "main-3f2a1b9-1718200000", "main-0aab4c1-1718300000", "main-1234567-1718100000",
            "latest" },
          "commit and timestamp after 'main-'",
          "sequential",
          "main=main-0aab4c1-1718300000",
          1 },
        { { "main-3f2a1b9-1718200000", "main-0aab4c1-1718300000", "dev-0aab4c2-1718300001" },
          "commit and timestamp after 'main-'",
          "sequential",
          "dev=dev-0aab4c2-1718300001 main=main-0aab4c1-1718300000",
          0 },
        { { "20240612153000-3f2a1b9", "20240613153000-0aab4c1" },
          "timestamp and commit",
          "sequential",
          "stable=20240613153000-0aab4c1",
          0 },
        { { "sha-3f2a1b9", "sha-0aab4c1", "latest" },
          "commit after 'sha-'",
          "lexical created",
          "sha=sha-3f2a1b9",
          1 },
        { { "1.25.3", "1.26.0", "1.25.3-alpine", "1.26.1-alpine", "1.26.0-bookworm-slim" },
          "semver",
          "semver",
          "alpine=1.26.1-alpine bookworm-slim=1.26.0-bookworm-slim stable=1.26.0",
          0 },
        { { "1.2.3-alpine", "1.10.0-alpine", "alpine" },
          "semver, variant -alpine",
          "semver",
          "stable=1.10.0-alpine",
          1 },
        { { "1.2.3-alpine3.19", "1.10.0-alpine3.20" },
          "semver, variant -alpine",
          "semver",
          "stable=1.10.0-alpine3.20",
          0 },
        { { "4.5.5-ls239", "4.5.5-ls45", "4.5.6-ls1", "latest" },
          "semver, with a build counter (-lsN)",
          "numeric $1.$2",
          "stable=4.5.6-ls1",
          1 },
        { { "4.0.9-2244", "4.0.12-2823", "4.0.12-2944" },
          "semver, with a build counter (-N)",
          "numeric $1.$2",
          "stable=4.0.12-2944",
          0 },
        { { "4.0.12.2823", "4.0.9.2244", "4.0.16.2944" },
          "dotted numbers",
          "numeric",
          "stable=4.0.16.2944",
          0 },
        { { "version-4.0.12.2823", "version-4.0.9.2244" },
          "dotted numbers after 'version-'",
          "numeric",
          "stable=version-4.0.12.2823",
          0 },
        { { "4.0.12.2823-ls267", "4.0.12.2823-ls31" },
          "dotted numbers, with a build counter (-lsN)",
          "numeric $1.$2",
          "stable=4.0.12.2823-ls267",
          0 },
        { { "api-v1.2", "api-v1.3", "api-v1.10", "web-v7.0" },
          "semver with v after 'api-'",
          "semver",
          "stable=api-v1.10",
          1 },
        { { "10.11.4", "10.11.3", "2021.12.16" }, "semver", "semver", "stable=10.11.4", 1 },
        { { "1.2.3b1", "1.2.3", "1.2.4" },
          "semver, with prereleases of PEP 440",
          "semver $1${2:+-}$2${2:+.}$3",
          "b=1.2.3b1 stable=1.2.4",
          0 },
        { { "1.2.3", "1.2.4rc1", "1.2.4rc9", "1.2.4rc10", "1.3.0.dev4", "1.3.0.dev12", "latest" },
          "semver, with prereleases of PEP 440",
          "semver $1${2:+-}$2${2:+.}$3",
          "dev=1.3.0.dev12 rc=1.2.4rc10 stable=1.2.3",
          1 },
        { { "v1.2", "v1.3rc2", "v1.3a1" },
          "semver with v, with prereleases of PEP 440",
          "semver $1${2:+-}$2${2:+.}$3",
          "a=v1.3a1 rc=v1.3rc2 stable=v1.2",
          0 },
        { { "1.2.3x1", "1.2.3", "1.2.4" }, "semver", "semver", "stable=1.2.4", 1 },
        { { "1.2.3", "1.2.4-rc.1", "1.2.3-alpine", "1.2.4-rc.1-alpine", "1.2.4-rc.2-alpine3.20" },
          "semver, with prereleases",
          "semver",
          "alpine=1.2.3-alpine rc=1.2.4-rc.1 rc-alpine=1.2.4-rc.1-alpine stable=1.2.3",
          1 },
        { { "1.2.3-alpine", "1.2.4-rc.1-alpine", "1.2.4-rc2-alpine" },
          "semver, variant -alpine, with prereleases",
          "semver",
          "rc=1.2.4-rc2-alpine stable=1.2.3-alpine",
          0 },
        { { "latest", "edge", "feedback" }, "names", "manual latest", "stable=latest", 2 },
        { { "1.2.3", "1.2.4", "(1.2.5", "no tag" }, "semver", "semver", "stable=1.2.4", 2 },
        { { "bionic", "xenial" }, "names", "manual bionic", "stable=bionic", 1 },
        { { "1.0.0", "sha256-" HEX64, "sha256-" HEX64 ".sig" },
          "semver",
          "semver",
          "stable=1.0.0",
          2 },
        { { "latest", "sha256-" HEX64, "sha512-" HEX64 ".att" },
          "names",
          "manual latest",
          "stable=latest",
          2 },
};

static Strings tags_of(const Case *c)
{
        Strings tags = { .items = (const char **)(uintptr_t)c->tags };

        while (tags.n < TAGS_LIMIT && c->tags[tags.n])
                tags.n++;
        return tags;
}

static const char *strategy_of(const ComponentSpec *component)
{
        const VersionStrategy *strategy = &component->versioning_strategy;
        const char *more = strategy->date_format                    ? strategy->date_format
                           : strategy->semver_extract               ? strategy->semver_extract
                           : strategy->follow                       ? strategy->follow
                           : strategy->order_by == ORDER_BY_CREATED ? "created"
                                                                    : NULL;

        return arena_printf(&arena, "%s%s%s", strategy_type_to_string(strategy->type),
                            more ? " " : "", more ? more : "");
}

static const char *heads_of(const Explanation *chosen)
{
        const char *heads = "";

        for (size_t i = 0; i < chosen->n_heads; i++)
                heads = arena_printf(&arena, "%s%s%s=%s", heads, i > 0 ? " " : "",
                                     chosen->heads[i].channel, chosen->heads[i].head->tag);
        return heads;
}

static Guess guess_of(const Strings *tags)
{
        Guess guess;
        Error error = { 0 };

        assert_case(guess_tags("registry.example.com/shop/api", tags, &arena, &guess, &error) == 0,
                    "%s", error_message(&error));
        return guess;
}

static void test_every_style_is_guessed(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const Case *c = &cases[i];
                const Strings tags = tags_of(c);
                Guess guess = guess_of(&tags);
                const char *style = guess.n_styles > 0 ? guess.styles[0].name : NULL;

                assert_case(str_equal(style, c->style), "'%s': %s", c->tags[0], style);
                assert_case(streq(strategy_of(&guess.component), c->strategy), "'%s': %s",
                            c->tags[0], strategy_of(&guess.component));
                assert_case(streq(heads_of(&guess.chosen), c->heads), "'%s': %s", c->tags[0],
                            heads_of(&guess.chosen));
                assert_case(guess.n_unread == c->n_unread, "'%s': %zu", c->tags[0], guess.n_unread);
        }
}

/* Writes each proposal and reads it as the daemon does. It must be a valid spec that selects the
 * same versions. */
static void test_a_proposal_is_a_valid_spec_that_chooses_what_it_says(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const Strings tags = tags_of(&cases[i]);
                Guess guess = guess_of(&tags);
                _cleanup_(buffer_done) Buffer out;
                Explanation chosen;
                Object *read = NULL;
                Error error = { 0 };

                buffer_init(&out, 1024 * 1024);
                assert_int_equal(encode_document(&guess.component.object, ENCODE_NO_DEFAULTS, &out),
                                 0);
                assert_case(spec_decode_json(out.data, out.size, &arena, &read, &error) == 0,
                            "'%s': %s: %s", cases[i].tags[0], out.data, error_message(&error));
                assert_case(explain_tags((const ComponentSpec *)read, &tags, &(ExplainOptions){ 0 },
                                         &arena, &chosen, &error) == 0,
                            "'%s': %s", cases[i].tags[0], error_message(&error));
                assert_string_equal(heads_of(&chosen), cases[i].heads);
        }
}

/* The result must not depend on the order in which a registry lists its tags. */
static void test_the_order_of_tags_does_not_count(void **state)
{
        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const Strings tags = tags_of(&cases[i]);
                const char *items[TAGS_LIMIT];
                const Strings reversed = { .items = items, .n = tags.n };
                const Guess first = guess_of(&tags);
                _cleanup_(buffer_done) Buffer one, other;
                Guess second;

                for (size_t j = 0; j < tags.n; j++)
                        items[j] = tags.items[tags.n - 1 - j];
                second = guess_of(&reversed);
                buffer_init(&one, 1024 * 1024);
                buffer_init(&other, 1024 * 1024);
                assert_int_equal(encode_document(&first.component.object, 0, &one), 0);
                assert_int_equal(encode_document(&second.component.object, 0, &other), 0);
                assert_string_equal(one.data, other.data);
                assert_int_equal(first.n_styles, second.n_styles);
                for (size_t j = 0; j < second.n_styles; j++)
                        assert_string_equal(first.styles[j].example, second.styles[j].example);
        }
}

static void test_no_tags_are_an_error(void **state)
{
        const Strings none = { 0 };
        static const char *const signature[] = { "sha256-" HEX64 ".sig" };
        const Strings signatures = { .items = (const char **)(uintptr_t)signature, .n = 1 };
        Guess guess;
        Error error = { 0 };

        (void)state;
        assert_true(guess_tags("r.example.com/a", &signatures, &arena, &guess, &error) < 0);
        assert_string_equal(error_message(&error),
                            "there are no tags to guess from: none can be a version");
        error_done(&error);
        assert_true(guess_tags("r.example.com/a", &none, &arena, &guess, &error) < 0);
        assert_string_equal(error_message(&error), "there are no tags to guess from");
        error_done(&error);
}

/* For random tags the proposal must be valid, and every tag must be counted once. */
static void test_random_tags_give_a_valid_proposal(void **state)
{
        static const char *const parts[] = { "1",  "2024", "06", "v",      "-",  ".",  "_",
                                             "rc", "a3f",  "0",  "alpine", "ls", "x.", "20240612" };
        uint64_t seed = 1;

        (void)state;
        for (unsigned i = 0; i < 300; i++) {
                const char *items[12];
                const Strings tags = { .items = items, .n = ARRAY_SIZE(items) };
                Guess guess;

                for (size_t j = 0; j < tags.n; j++) {
                        items[j] = parts[test_random(&seed) % 3];
                        for (unsigned k = (unsigned)(test_random(&seed) % 7); k > 0; k--)
                                items[j] =
                                        arena_printf(&arena, "%s%s", items[j],
                                                     parts[test_random(&seed) % ARRAY_SIZE(parts)]);
                }
                guess = guess_of(&tags);
                assert_int_equal(guess.n_unread + guess.chosen.n_eligible, tags.n);
                assert_null(guess.chosen.gave_up);
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_style_is_guessed),
        cmocka_unit_test(test_a_proposal_is_a_valid_spec_that_chooses_what_it_says),
        cmocka_unit_test(test_the_order_of_tags_does_not_count),
        cmocka_unit_test(test_no_tags_are_an_error),
        cmocka_unit_test(test_random_tags_give_a_valid_proposal),
};
TEST_PROGRAM("guess", tests, set_up, tear_down)
