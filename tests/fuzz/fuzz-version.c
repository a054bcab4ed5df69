/* Versions, ranges, rules, image references: every word people or registries write. */

#include "fuzz.h"
#include "model/image.h"
#include "version/policy.h"
#include "version/range.h"
#include "version/version.h"

static void fuzz_strategies(Arena *arena, const char *text)
{
        for (StrategyType strategy = 0; strategy < STRATEGY_TYPE_MAX_; strategy++) {
                Version version, again;
                const char *reason = NULL;

                if (version_parse(strategy, text, strlen(text), arena, &version, &reason) < 0) {
                        require(reason != NULL);
                        continue;
                }
                /* the canonical text is the same version */
                require(version_parse(strategy, version.text, strlen(version.text), arena, &again,
                                      &reason) == 0);
                require(sort_key_compare(version.sort_key, again.sort_key) == 0);
        }
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
        Arena arena;
        char *text, *second;
        Range *range;
        ImageReference image;
        Error error = { 0 };

        if (size > 1000)
                return 0;
        arena_init(&arena, FUZZ_ARENA_MAX);
        text = fuzz_text(&arena, data, size);
        fuzz_strategies(&arena, text);
        if (range_parse(text, &arena, &range, &error) == 0)
                (void)range_matches(range, "1.2.3-rc.1", true);
        error_done(&error);
        if (image_parse(text, &arena, &image, &error) == 0)
                require(image.host && image.repository);
        error_done(&error);
        second = strchr(text, '\n');
        if (second) {
                *second++ = '\0';
                if (*second && strlen(second) <= 128)
                        fuzz_rules(&arena, text, second);
        }
        arena_done(&arena);
        return 0;
}
