/* Tests rules: the version and channel of each tag, or the reason why it has none. */

#include "base/limits.h"
#include "base/time.h"
#include "unit.h"
#include "version/explain.h"
#include "version/policy-compile.h"

TEST_ARENA(arena, set_up, tear_down)

static ComponentSpec component(StrategyType type)
{
        return (ComponentSpec){ .object = { .kind = KIND_COMPONENT, .meta = { .name = "api" } },
                                .versioning_strategy = { .type = type },
                                .default_channel = "stable" };
}

static const char *describe(const ComponentSpec *spec, const char *tag)
{
        _cleanup_(version_policy_freep) VersionPolicy *policy = NULL;
        Error error = { 0 };
        Classification is;

        if (version_policy_new(spec, &policy, &error) < 0) {
                const char *text = arena_printf(&arena, "ERROR %s", error_message(&error));

                error_done(&error);
                return text;
        }
        assert_int_equal(version_policy_classify(policy, tag, &arena, &is, NULL), 0);
        if (!is.eligible)
                return arena_printf(&arena, "- %s", is.reason);
        return arena_printf(&arena, "%s %s%s%s rule %d", is.version.text, is.channel,
                            is.prerelease ? " prerelease" : "",
                            is.source == VERSION_MANUAL ? " manual" : "", is.rule);
}

typedef struct Line {
        const char *tag, *wanted;
} Line;

static void check(const ComponentSpec *spec, const Line *lines, size_t n)
{
        for (size_t i = 0; i < n; i++)
                assert_case(streq(describe(spec, lines[i].tag), lines[i].wanted),
                            "'%s': '%s', not '%s'", lines[i].tag, describe(spec, lines[i].tag),
                            lines[i].wanted);
}

static void interpret(VersionPolicy *policy)
{
        for (size_t i = 0; i < policy->n_ignore; i++)
                regex_interpret(policy->ignore[i].regex);
        if (policy->tag_pattern.regex)
                regex_interpret(policy->tag_pattern.regex);
        for (size_t i = 0; i < policy->n_rules; i++) {
                regex_interpret(policy->rules[i].reading.regex);
                if (policy->rules[i].prerelease)
                        regex_interpret(policy->rules[i].prerelease);
        }
}

static void test_without_rules_the_strategy_and_the_prerelease_decide(void **state)
{
        static const Line lines[] = {
                { "v2.3.1", "2.3.1 stable rule -1" },
                { "2.3", "2.3.0 stable rule -1" },
                { "2.3.1-rc.1", "2.3.1-rc.1 rc prerelease rule -1" },
                { "2.3.1-beta2", "2.3.1-beta2 beta prerelease rule -1" },
                { "2.3.1-1", "2.3.1-1 prerelease prerelease rule -1" },
                { "2.3.1_b7", "2.3.1 stable rule -1" },
        };
        ComponentSpec spec = component(STRATEGY_SEMVER);

        (void)state;
        check(&spec, lines, ARRAY_SIZE(lines));
}

/* Signatures and referrers have tags in the repository of their image. No strategy reads these
 * tags, not even a strategy that reads any text. Only a person can assign a version to such a
 * tag. */
static void test_tags_of_referrers_are_no_versions(void **state)
{
#define HEX64    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define REFERRER "- the tag of a signature or another referrer of an image"
        static VersionRule rules[] = { { .pattern = "^(.*)$", .channel = "any" } };
        static ManualVersion manual[] = { { .tag = "sha256-" HEX64, .semver = "7.0.0" } };
        static const Line lines[] = {
                { "sha256-" HEX64, REFERRER },        { "sha256-" HEX64 ".sig", REFERRER },
                { "sha256-" HEX64 ".att", REFERRER }, { "sha256-" HEX64 ".sbom", REFERRER },
                { "sha512-" HEX64, REFERRER }, /* 64 of the 128 digits, because a tag has at most
                                                * 128 characters */
                { "sha512-" HEX64 ".sig", REFERRER }, { "blake3-" HEX64, REFERRER },
        };
        static const char *const others[] = {
                "sha256-0123", "sha256-" HEX64 "0", "sha256-" HEX64 "-rc.1",
                "sha1-" HEX64, "v1-sha256-" HEX64,
        };
        StrategyType type;

        (void)state;
        for (type = 0; type < STRATEGY_TYPE_MAX_; type++)
                for (int with_rules = 0; with_rules < 2; with_rules++) {
                        ComponentSpec spec = component(type);

                        spec.version_rules.items = rules;
                        spec.version_rules.n = (size_t)with_rules;
                        check(&spec, lines, ARRAY_SIZE(lines));
                        spec.versioning_strategy.order_by = ORDER_BY_CREATED;
                        check(&spec, lines, ARRAY_SIZE(lines));
                }
        {
                ComponentSpec spec = component(STRATEGY_LEXICAL);

                for (size_t i = 0; i < ARRAY_SIZE(others); i++)
                        assert_true(describe(&spec, others[i])[0] != '-');
                spec.versions = (ManualVersions){ manual, 1 };
                assert_string_equal(describe(&spec, "sha256-" HEX64),
                                    "7.0.0 stable manual rule -1");
                spec.versioning_strategy =
                        (VersionStrategy){ .type = STRATEGY_MANUAL, .follow = "sha256-" HEX64 };
                check(&spec, lines, ARRAY_SIZE(lines));
        }
}

static void test_the_first_rule_that_matches_decides(void **state)
{
        static VersionRule rules[] = {
                { .pattern = "^v(\\d+\\.\\d+\\.\\d+)$", .channel = "stable" },
                { .pattern = "^v(\\d+\\.\\d+\\.\\d+-(?:beta|rc)\\.\\d+)$",
                  .channel = "beta",
                  .prerelease_pattern = "-(alpha|beta|rc)" },
                { .pattern = "^v(.*)$", .channel = "other" },
                { .pattern = "^nightly-(?<n>x)(?<version>\\d+\\.\\d+\\.\\d+)$",
                  .channel = "nightly" },
        };
        static const Line lines[] = {
                { "v2.3.1", "2.3.1 stable rule 0" },
                { "v2.3.1-rc.1", "2.3.1-rc.1 beta prerelease rule 1" },
                { "v2.3.1-alpha.1", "2.3.1-alpha.1 other prerelease rule 2" },
                { "nightly-x1.2.3", "1.2.3 nightly rule 3" },
        };
        ComponentSpec spec = component(STRATEGY_SEMVER);

        (void)state;
        spec.version_rules = (VersionRules){ rules, ARRAY_SIZE(rules) };
        check(&spec, lines, ARRAY_SIZE(lines));
        assert_non_null(strstr(describe(&spec, "2.3.1"), "- "));
        /* the reason names the rule that matched the tag */
        assert_non_null(strstr(describe(&spec, "vx"), "versionRules[2]"));
}

static void test_extracts_by_number_name_and_template(void **state)
{
        static const struct {
                const char *pattern, *extract, *tag, *wanted;
        } cases[] = {
                { "^(\\w+)-(\\d+\\.\\d+\\.\\d+)$", "2", "api-1.2.3", "1.2.3 stable rule 0" },
                { "^(?<app>\\w+)-(?<v>\\d+\\.\\d+\\.\\d+)$", "v", "api-1.2.3",
                  "1.2.3 stable rule 0" },
                { "^r(\\d+)_(\\d+)_(\\d+)$", "$1.$2.$3", "r1_2_3", "1.2.3 stable rule 0" },
                { "^(?<a>\\d+)x(?<b>\\d+)$", "${a}.$b.0", "1x2", "1.2.0 stable rule 0" },
                { "^v(\\d+)\\.(\\d+)(-rc\\d+)?$", "$1.$2.0$3", "v1.2", "1.2.0 stable rule 0" },
                { "^v(\\d+)\\.(\\d+)(-rc\\d+)?$", "$1.$2.0$3", "v1.2-rc1",
                  "1.2.0-rc1 stable prerelease rule 0" },
                { "^v([\\d.]+)(?:\\.?(rc|dev)(\\d+))?$", "$1${2:+-}$2${2:+.}$3", "v1.2.3",
                  "1.2.3 stable rule 0" },
                { "^v([\\d.]+)(?:\\.?(rc|dev)(\\d+))?$", "$1${2:+-}$2${2:+.}$3", "v1.2.3rc10",
                  "1.2.3-rc.10 stable prerelease rule 0" },
                { "^v([\\d.]+)(-rc)?$", "$1${2:+-rc}", "v1.2.3-rc",
                  "1.2.3-rc stable prerelease rule 0" },
                { "^v(\\d+)()$", "$1.0.0${2:+-x}", "v1", "1.0.0 stable rule 0" },
                { "^v(\\d+)$", "$1${2:+-}", "v1", "ERROR " },
                { "^v(\\d+)$", "$1${1:+}", "v1", "ERROR " },
                { "^v(\\d+)$", "$1${1:+$1}", "v1", "ERROR " },
                { "^v(\\d+)$", "$1${1:+a", "v1", "ERROR " },
                { "^v(\\d+)$", "$1${1:-a}", "v1", "ERROR " },
                { "^v(\\d+\\.\\d+)$", "0", "v1.2", "1.2.0 stable rule 0" },
                { "^v(\\d+)$", "2", "v1", "ERROR " },
                { "^v(\\d+)$", "missing", "v1", "ERROR " },
                { "^v(\\d+)$", "$", "v1", "ERROR " },
                { "^v(\\d+", NULL, "v1", "ERROR " },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                ComponentSpec spec = component(STRATEGY_SEMVER);
                VersionRule rule = { .pattern = cases[i].pattern, .channel = "stable" };
                const char *got;

                spec.version_rules = (VersionRules){ &rule, 1 };
                spec.versioning_strategy.semver_extract = cases[i].extract;
                got = describe(&spec, cases[i].tag);
                assert_case(strncmp(got, cases[i].wanted, strlen(cases[i].wanted)) == 0,
                            "'%s' by '%s': '%s'", cases[i].tag,
                            cases[i].extract ? cases[i].extract : "", got);
        }
}

static void test_filters_come_before_rules_and_are_named(void **state)
{
        static const char *ignore[] = { "^sha-", "-debug$" };
        ComponentSpec spec = component(STRATEGY_SEMVER);

        (void)state;
        spec.ignore_tags = (Strings){ ignore, ARRAY_SIZE(ignore) };
        spec.versioning_strategy.tag_pattern = "^v";
        assert_string_equal(describe(&spec, "v1.2.3"), "1.2.3 stable rule -1");
        assert_non_null(strstr(describe(&spec, "v1.2.3-debug"), "ignoreTags[1]"));
        assert_non_null(strstr(describe(&spec, "sha-abc"), "ignoreTags[0]"));
        assert_non_null(strstr(describe(&spec, "1.2.3"), "tagPattern"));
}

static void test_people_assign_what_no_rule_reads(void **state)
{
        static ManualVersion versions[] = {
                { .tag = "hotfix-7", .semver = "2.3.2", .channel = "stable" },
                { .tag = "v9.9.9", .semver = "1.0.0" }
        };
        ComponentSpec spec = component(STRATEGY_SEMVER);

        (void)state;
        spec.versions = (ManualVersions){ versions, ARRAY_SIZE(versions) };
        assert_string_equal(describe(&spec, "hotfix-7"), "2.3.2 stable manual rule -1");
        assert_string_equal(describe(&spec, "v9.9.9"), "1.0.0 stable manual rule -1");
        spec.versioning_strategy.type = STRATEGY_MANUAL;
        assert_string_equal(describe(&spec, "hotfix-7"), "2.3.2 stable manual rule -1");
        assert_true(describe(&spec, "v1.2.3")[0] == '-');
}

static void test_dates_may_be_taken_apart_by_named_groups(void **state)
{
        static VersionRule rule = {
                .pattern = "^build-(?<day>\\d\\d)-(?<month>\\d\\d)-(?<year>\\d{4})-(?<seq>\\d+)$",
                .channel = "daily"
        };
        ComponentSpec spec = component(STRATEGY_DATE);

        (void)state;
        spec.version_rules = (VersionRules){ &rule, 1 };
        assert_string_equal(describe(&spec, "build-23-11-2026-4"), "2026.11.23.4 daily rule 0");
        assert_true(describe(&spec, "build-31-11-2026-4")[0] == '-');
}

static void test_calver_with_a_counter_is_read_by_its_form(void **state)
{
        static const Line lines[] = {
                { "2024.06.45", "2024.06.45 stable rule -1" },
                { "v2024.07.0", "2024.07.0 stable rule -1" },
                { "2024.07.1-rc2", "2024.07.1-rc2 rc prerelease rule -1" },
                { "2024.7.0", "- '2024.7.0' is not YYYY.0M.MICRO-MODIFIER: 0M is not where it must "
                              "stand, with two digits" },
                { "2024.05.3", "- denied by deny[0]: broken" },
                { "2024.04.1", "- denied by deny[1]: old" },
                { "2024.04.1-rc1", "- denied by deny[1]: old" },
        };
        static Denial denials[] = { { .version = "2024.05.3", .reason = "broken" },
                                    { .version = "<2024.05", .reason = "old" } };
        ComponentSpec spec = component(STRATEGY_DATE);

        (void)state;
        spec.versioning_strategy.date_format = "YYYY.0M.MICRO-MODIFIER";
        spec.deny = (Denials){ denials, ARRAY_SIZE(denials) };
        check(&spec, lines, ARRAY_SIZE(lines));
}

static void test_a_rule_extracts_calver_from_a_tag(void **state)
{
        static VersionRule rule = { .pattern = "^main-(\\d+\\.\\d+\\.\\d+)-[0-9a-f]+$",
                                    .channel = "edge" };
        static const Line lines[] = {
                { "main-2024.06.45-deadbeef", "2024.06.45 edge rule 0" },
                { "2024.06.45", "- the only versionRule does not match it" },
        };
        ComponentSpec spec = component(STRATEGY_DATE);

        (void)state;
        spec.versioning_strategy.date_format = "YYYY.MM.MICRO";
        spec.version_rules = (VersionRules){ &rule, 1 };
        check(&spec, lines, ARRAY_SIZE(lines));
}

static void test_a_catastrophic_pattern_ends_at_the_limit_and_is_named(void **state)
{
        static VersionRule rule = { .pattern = "^((a+)+)+$", .channel = "stable" };
        ComponentSpec spec = component(STRATEGY_LEXICAL);
        _cleanup_(version_policy_freep) VersionPolicy *policy = NULL;
        Error error = { 0 };
        Classification is;
        const char *problem = NULL;
        char tag[129];
        usec_t start = time_monotonic();

        (void)state;
        memset(tag, 'a', 127);
        memcpy(tag + 127, "!", 2);
        spec.version_rules = (VersionRules){ &rule, 1 };
        assert_int_equal(version_policy_new(&spec, &policy, &error), 0);
        assert_int_equal(version_policy_classify(policy, tag, &arena, &is, &problem), 0);
        assert_false(is.eligible);
        assert_non_null(problem);
        assert_non_null(strstr(problem, "versionRules[0]"));
        assert_true(time_monotonic() - start < USEC_PER_SEC);
}

/* Returns a tag on which matching "^((a+)+)+$" exceeds its limit. */
static const char *slow_tag(size_t number)
{
        return arena_printf(&arena, "%.*s-%zu", 60,
                            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                            number);
}

/* Tests each field that may have a pattern. JIT is off, as under the systemd unit. */
static void test_a_pattern_that_is_too_slow_is_given_up_for_the_run(void **state)
{
        static VersionRule good = { .pattern = "^v(.*)$", .channel = "stable" };
        static VersionRule slow = { .pattern = "^((a+)+)+$", .channel = "stable" };
        static VersionRule late = { .pattern = "^(a.*)$",
                                    .channel = "stable",
                                    .prerelease_pattern = "^((a+)+)+$" };
        static const char *ignored = "^((a+)+)+$";
        const char *const fields[] = { "versionRules[0].pattern '", "ignoreTags[0] '",
                                       "versioningStrategy.tagPattern '",
                                       "versionRules[0].prereleasePattern '" };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
                ComponentSpec spec = component(STRATEGY_LEXICAL);
                _cleanup_(version_policy_freep) VersionPolicy *policy = NULL;
                const char *problem = NULL;
                Classification is;
                Error error = { 0 };
                VersionRule *rule = i == 0 ? &slow : i == 3 ? &late : &good;
                size_t n = 0;

                spec.version_rules = (VersionRules){ rule, 1 };
                if (i == 1)
                        spec.ignore_tags = (Strings){ &ignored, 1 };
                if (i == 2)
                        spec.versioning_strategy.tag_pattern = ignored;
                assert_int_equal(version_policy_new(&spec, &policy, &error), 0);
                interpret(policy);
                for (; !version_policy_gave_up(policy) && n < 100; n++)
                        assert_int_equal(
                                version_policy_classify(policy, slow_tag(n), &arena, &is, &problem),
                                0);
                assert_case(n == REGEX_RUN_STOPS_MAX, "%s: after %zu", fields[i], n);
                assert_case(strncmp(version_policy_gave_up(policy), fields[i], strlen(fields[i])) ==
                                    0,
                            "%s: %s", fields[i], version_policy_gave_up(policy));
                assert_non_null(strstr(version_policy_gave_up(policy), "rewrite it"));
                /* all later tags of the run fail for the same reason */
                assert_int_equal(version_policy_classify(policy, "v1", &arena, &is, &problem), 0);
                assert_false(is.eligible);
                assert_string_equal(problem, version_policy_gave_up(policy));
                version_policy_begin(policy);
                assert_null(version_policy_gave_up(policy));
                assert_int_equal(version_policy_classify(policy, "v1", &arena, &is, &problem), 0);
                assert_case(is.eligible == (i == 1), "%s: v1: %s", fields[i], is.reason);
        }
}

/* No single match exceeds its limit, but the matches together exceed theirs. */
static void test_the_steps_of_all_matches_are_bounded_together(void **state)
{
        const RegexText text = { "aaaaaaaaaaaaaa-", 15 }; /* a match takes about 2^14 steps */
        _cleanup_(regex_freep) Regex *regex = NULL;
        RegexBudget budget = regex_budget();
        Error error = { 0 };
        size_t n = 0;

        (void)state;
        assert_int_equal(regex_new("^(a+)+$", &regex, &error), 0);
        regex_interpret(regex);
        budget.steps = 5 * REGEX_MATCH_LIMIT;
        while (regex_match(regex, &budget, &text, NULL, 0) == 0)
                n++;
        assert_true(n > 0 && n <= 5);
        assert_true(regex_budget_is_spent(&budget));
        /* ordinary matches do not reduce the budget */
        budget = regex_budget();
        for (size_t i = 0; i < 100000; i++)
                assert_int_equal(
                        regex_match(regex, &budget, &(RegexText){ "1.2.3-rc.1", 10 }, NULL, 0), 0);
        assert_int_equal(budget.steps, regex_budget().steps);
}

static void test_an_explanation_says_that_the_patterns_are_too_slow(void **state)
{
        static VersionRule rules[] = { { .pattern = "^v(.*)$", .channel = "stable" },
                                       { .pattern = "^((a+)+)+$", .channel = "slow" } };
        const char *tags[] = { "v1.0.0", slow_tag(1), slow_tag(2), slow_tag(3), slow_tag(4) };
        const ExplainOptions options = { .channel = "stable" };
        ComponentSpec spec = component(STRATEGY_SEMVER);
        Explanation explanation;
        Error error = { 0 };

        (void)state;
        spec.version_rules = (VersionRules){ rules, 2 };
        assert_int_equal(explain_tags(&spec, &(Strings){ tags, ARRAY_SIZE(tags) }, &options, &arena,
                                      &explanation, &error),
                         0);
        assert_non_null(explanation.gave_up);
        assert_non_null(strstr(explanation.gave_up, "versionRules[1].pattern '^((a+)+)+$'"));
        assert_null(explanation.selected);
        assert_string_equal(explanation.selected_reason, explanation.gave_up);
        assert_int_equal(explanation.n_heads, 0);
        assert_int_equal(explanation.n_tags, 5);
}

static void test_a_rule_that_took_nothing_is_reported(void **state)
{
        static VersionRule rules[] = { { .pattern = "^v(.*)$", .channel = "stable" },
                                       { .pattern = "^x(.*)$", .channel = "never" } };
        ComponentSpec spec = component(STRATEGY_SEMVER);
        _cleanup_(version_policy_freep) VersionPolicy *policy = NULL;
        Error error = { 0 };
        Classification is;
        size_t unused[2];

        (void)state;
        spec.version_rules = (VersionRules){ rules, ARRAY_SIZE(rules) };
        assert_int_equal(version_policy_new(&spec, &policy, &error), 0);
        assert_int_equal(version_policy_unused_rules(policy, unused, 2), 2);
        assert_int_equal(version_policy_classify(policy, "v1.0.0", &arena, &is, NULL), 0);
        assert_int_equal(version_policy_unused_rules(policy, unused, 2), 1);
        assert_int_equal(unused[0], 1);
}

/* Checks whether two specs have the same rules. Compares their digests and calls
 * version_policy_is_same(). */
static void assert_rules(const ComponentSpec *a, const ComponentSpec *b, bool are_same)
{
        char digests[2][DIGEST_SIZE_MAX];

        version_policy_digest(a, digests[0]);
        version_policy_digest(b, digests[1]);
        assert_int_equal(streq(digests[0], digests[1]), are_same);
        assert_int_equal(version_policy_is_same(a, b), are_same);
}

static void test_the_digest_is_of_what_decides_and_of_nothing_else(void **state)
{
        ComponentSpec a = component(STRATEGY_SEMVER), b = component(STRATEGY_SEMVER);
        const char *patterns[] = { "x", "y" };

        (void)state;
        b.interval = 5 * USEC_PER_MIN;
        b.suspend = true;
        assert_rules(&a, &b, true);
        b.default_channel = "edge";
        assert_rules(&a, &b, false);
        b = a;
        b.versioning_strategy.tag_pattern = "^v";
        assert_rules(&a, &b, false);
        a.versioning_strategy.tag_pattern = ""; /* an empty pattern is not the same as no pattern */
        b.versioning_strategy.tag_pattern = NULL;
        assert_rules(&a, &b, false);
        a = b;
        b.versioning_strategy.date_format = "YYYY.MM.MICRO";
        assert_rules(&a, &b, false);
        a.ignore_tags = b.ignore_tags = (Strings){ patterns, 2 };
        a.versioning_strategy.date_format = "YYYY.MM.MICRO";
        assert_rules(&a, &b, true);
        a.ignore_tags.n = 1;
        assert_rules(&a, &b, false);
}

/* The digest of a spec's rules must not change between releases of relman. Digests are stored, and
 * a different digest makes relman classify all tags again. */
static void test_the_digest_of_rules_stays_the_same(void **state)
{
        ComponentSpec spec = component(STRATEGY_SEMVER);
        char digest[DIGEST_SIZE_MAX];

        (void)state;
        version_policy_digest(&spec, digest);
        assert_string_equal(
                digest, "sha256:790b7993b0403a03bb9b8191d1455bb748ba7c89fac4abad678ef377217c556b");
}

/* --- explanations ----------------------------------------------------------------------------- */

static void test_ties_go_to_the_most_specific_then_to_the_greatest(void **state)
{
        static const char *tags[] = { "1.20", "v1.20.0", "1.20.0", "latest", "1.19.9", "v1" };
        static const char *const wanted[] = {
                "v1.20.0", "1.20.0", "1.20", "1.19.9", "v1", "latest"
        };
        ComponentSpec spec = component(STRATEGY_SEMVER);
        Explanation explanation;
        Error error = { 0 };

        (void)state;
        for (int turn = 0; turn < 2; turn++) { /* the second turn has the tags in another order */
                assert_int_equal(explain_tags(&spec, &(Strings){ tags, ARRAY_SIZE(tags) },
                                              &(ExplainOptions){ 0 }, &arena, &explanation, &error),
                                 0);
                for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
                        assert_string_equal(explanation.tags[i].tag, wanted[i]);
                assert_int_equal(explanation.n_eligible, 5);
                assert_string_equal(explanation.selected->tag, "v1.20.0");
                tags[0] = "1.20.0";
                tags[2] = "1.20";
        }
}

static void test_channels_and_ranges_select(void **state)
{
        static const char *tags[] = { "v1.0.0", "v2.0.0", "v2.1.0-rc.1", "v1.5.0" };
        static const struct {
                const char *channel, *range, *wanted;
        } cases[] = {
                { NULL, NULL, "v2.0.0" }, { "rc", NULL, "v2.1.0-rc.1" },
                { NULL, "^1", "v1.5.0" }, { NULL, ">=2-0", "v2.1.0-rc.1" },
                { NULL, ">=3", NULL },    { "stable", ">=3", NULL },
        };
        ComponentSpec spec = component(STRATEGY_SEMVER);

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                ExplainOptions options = { .channel = cases[i].channel, .range = cases[i].range };
                Explanation explanation;
                Error error = { 0 };

                assert_int_equal(explain_tags(&spec, &(Strings){ tags, ARRAY_SIZE(tags) }, &options,
                                              &arena, &explanation, &error),
                                 0);
                assert_case(cases[i].wanted
                                    ? explanation.selected &&
                                              streq(explanation.selected->tag, cases[i].wanted)
                                    : !explanation.selected && explanation.selected_reason,
                            "case %zu", i);
                assert_int_equal(explanation.n_heads, 2);
        }
}

static void test_a_channel_that_there_is_not_is_an_error(void **state)
{
        static const char *tags[] = { "v1.0.0", "v2.1.0-rc.1" };
        static const struct {
                const char *channel, *wanted;
        } cases[] = {
                { "stabel", "component 'api' has no channel 'stabel'; did you mean 'stable'?" },
                { "cr", "component 'api' has no channel 'cr'; did you mean 'rc'?" },
                { "hotfx", "component 'api' has no channel 'hotfx'; did you mean 'hotfix'?" },
                { "canary", "component 'api' has no channel 'canary'; it has stable, hotfix, rc" },
                { "\x1b[31m",
                  "component 'api' has no channel '\\x1B[31m'; it has stable, hotfix, rc" },
                { "hotfix", NULL }, /* the tag has no version text, but has an assigned version */
        };
        ManualVersion manual = { .tag = "none", .semver = "3.0.0", .channel = "hotfix" };
        ComponentSpec spec = component(STRATEGY_SEMVER);

        (void)state;
        spec.object.meta.name = "api";
        spec.versions = (ManualVersions){ &manual, 1 };
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                ExplainOptions options = { .channel = cases[i].channel };
                _cleanup_(error_done) Error error = { 0 };
                Explanation explanation;
                int r = explain_tags(&spec, &(Strings){ tags, ARRAY_SIZE(tags) }, &options, &arena,
                                     &explanation, &error);

                if (cases[i].wanted)
                        assert_string_equal(error_message(&error), cases[i].wanted);
                assert_int_equal(r < 0, cases[i].wanted != NULL);
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_rules_the_strategy_and_the_prerelease_decide),
        cmocka_unit_test(test_tags_of_referrers_are_no_versions),
        cmocka_unit_test(test_the_first_rule_that_matches_decides),
        cmocka_unit_test(test_extracts_by_number_name_and_template),
        cmocka_unit_test(test_filters_come_before_rules_and_are_named),
        cmocka_unit_test(test_people_assign_what_no_rule_reads),
        cmocka_unit_test(test_dates_may_be_taken_apart_by_named_groups),
        cmocka_unit_test(test_calver_with_a_counter_is_read_by_its_form),
        cmocka_unit_test(test_a_rule_extracts_calver_from_a_tag),
        cmocka_unit_test(test_a_catastrophic_pattern_ends_at_the_limit_and_is_named),
        cmocka_unit_test(test_a_pattern_that_is_too_slow_is_given_up_for_the_run),
        cmocka_unit_test(test_the_steps_of_all_matches_are_bounded_together),
        cmocka_unit_test(test_an_explanation_says_that_the_patterns_are_too_slow),
        cmocka_unit_test(test_a_rule_that_took_nothing_is_reported),
        cmocka_unit_test(test_the_digest_is_of_what_decides_and_of_nothing_else),
        cmocka_unit_test(test_the_digest_of_rules_stays_the_same),
        cmocka_unit_test(test_ties_go_to_the_most_specific_then_to_the_greatest),
        cmocka_unit_test(test_channels_and_ranges_select),
        cmocka_unit_test(test_a_channel_that_there_is_not_is_an_error),
};

TEST_PROGRAM("policy", tests, set_up, tear_down)
