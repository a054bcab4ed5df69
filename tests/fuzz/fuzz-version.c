/* Fuzzes versions, ranges, rules and image references. */

#include "fuzz.h"
#include "model/image/image.h"
#include "version/date.h"
#include "version/policy.h"
#include "version/range.h"
#include "version/version.h"

static void fuzz_strategy(Arena *arena, const VersionStrategy *strategy, const char *text)
{
        Version version, again;
        const char *reason = NULL;

        if (version_parse(strategy, text, strlen(text), arena, &version, &reason) < 0) {
                require(reason != NULL);
                return;
        }
        /* the canonical text must parse to the same version */
        require(version_parse(strategy, version.text, strlen(version.text), arena, &again,
                              &reason) == 0);
        require(sort_key_compare(version.sort_key, again.sort_key) == 0);
}

static void fuzz_strategies(Arena *arena, const char *text)
{
        static const char *const formats[] = { "YYYY.0M.MICRO", "YY.MM.MICRO-MODIFIER",
                                               "YYYYMMDDMODIFIER", "MAJOR.YYYY.WW_MINOR" };

        for (StrategyType type = 0; type < STRATEGY_TYPE_MAX_; type++)
                fuzz_strategy(arena, &(VersionStrategy){ .type = type }, text);
        for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
                fuzz_strategy(
                        arena,
                        &(VersionStrategy){ .type = STRATEGY_DATE, .date_format = formats[i] },
                        text);
}

/* Parses the text as a range and as a requested version, and compares both with the version. */
static void fuzz_range(Arena *arena, const VersionStrategy *strategy, const char *text,
                       const char *version)
{
        Range *range;
        VersionWish wish;
        Version parsed;
        const char *reason;
        Error error = { 0 };

        if (range_parse(strategy, text, arena, &range, &error) == 0)
                (void)range_matches(range, version, true);
        error_done(&error);
        if (version_wish_parse(strategy, text, arena, &wish, &error) == 0 && *version &&
            version_parse(strategy, version, strlen(version), arena, &parsed, &reason) == 0)
                (void)version_wish_matches(&wish, &parsed, false);
        error_done(&error);
}

/* Fuzzes a dateFormat with a version. */
static void fuzz_format(Arena *arena, const char *format, const char *text)
{
        const VersionStrategy strategy = { .type = STRATEGY_DATE, .date_format = format };
        Error error = { 0 };

        if (*text && version_check_date_format(format, &error) == 0) {
                fuzz_strategy(arena, &strategy, text);
                fuzz_range(arena, &strategy, text, text);
        }
        error_done(&error);
}

static void fuzz_rules(Arena *arena, const char *pattern, const char *tag)
{
        VersionRule rule = { .pattern = pattern, .channel = "stable" };
        ComponentSpec spec = { .object = { .kind = KIND_COMPONENT, .meta = { .name = "fuzz" } },
                               .version_rules = { &rule, 1 },
                               .default_channel = "stable" };
        VersionPolicy *policy;
        Classification is;
        Error error = { 0 };

        if (version_policy_new(&spec, &policy, &error) == 0) {
                require(version_policy_classify(policy, tag, arena, &is, NULL) == 0);
                require(is.eligible || is.reason);
                version_policy_free(policy);
        }
        error_done(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const VersionStrategy semver = { .type = STRATEGY_SEMVER };
        static const VersionStrategy date = { .type = STRATEGY_DATE };
        Arena arena;
        char *text, *second;
        ImageReference image;
        Error error = { 0 };

        if (size > 1000)
                return 0;
        arena_init(&arena, FUZZ_ARENA_MAX);
        text = fuzz_text(&arena, data, size);
        fuzz_strategies(&arena, text);
        fuzz_range(&arena, &semver, text, "1.2.3-rc.1");
        fuzz_range(&arena, &date, text, "2024.06.12-3");
        if (image_parse(text, &arena, &image, &error) == 0)
                require(image.host && image.repository);
        error_done(&error);
        second = strchr(text, '\n');
        if (second) {
                *second++ = '\0';
                fuzz_format(&arena, text, second);
                if (*second && strlen(second) <= 128)
                        fuzz_rules(&arena, text, second);
        }
        arena_done(&arena);
        return 0;
}
