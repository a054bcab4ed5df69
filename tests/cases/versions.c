/* Checks cases about single versions: parsing, comparison, constraints and order. */

#include <string.h>

#include "cases.h"
#include "model/image/image.h"
#include "model/platform.h"
#include "version/range.h"

/* Decodes the escapes \n and \x20 of a case file. */
static const char *unescaped(const Case *c, const char *text)
{
        char *copy = arena_strdup(c->arena, text), *out = copy;

        for (const char *p = text; *p;) {
                if (strncmp(p, "\\n", 2) == 0) {
                        *out++ = '\n';
                        p += 2;
                } else if (strncmp(p, "\\x20", 4) == 0) {
                        *out++ = ' ';
                        p += 4;
                } else
                        *out++ = *p++;
        }
        *out = '\0';
        return copy;
}

static const VersionStrategy semver = { .type = STRATEGY_SEMVER };

static bool parse(const Case *c, StrategyType strategy, const char *text, Version *ret)
{
        const VersionStrategy by = { .type = strategy };
        const char *reason;

        text = unescaped(c, text);
        return version_parse(&by, text, strlen(text), c->arena, ret, &reason) == 0;
}

static const char *whole(const Case *c, const Version *version)
{
        return version->build_metadata
                       ? arena_printf(c->arena, "%s+%s", version->text, version->build_metadata)
                       : version->text;
}

Verdict check_constraint_parse(Case *c)
{
        Range *range;
        Error error = { 0 };
        int r = range_parse(&semver, case_parameter(c, "constraint"), c->arena, &range, &error);

        error_done(&error);
        return case_is(c, r < 0 ? "ERR" : "ok");
}

static int matches(const Case *c, const char *text, const char *version, bool prerelease)
{
        Range *range;
        Version parsed;
        Error error = { 0 };

        if (range_parse(&semver, text, c->arena, &range, &error) < 0) {
                error_done(&error);
                return -1;
        }
        if (!parse(c, STRATEGY_SEMVER, version, &parsed))
                return -2;
        return range_matches(range, parsed.text, prerelease);
}

Verdict check_constraint(Case *c)
{
        int r = matches(c, case_parameter(c, "constraint"), c->input,
                        case_parameter(c, "prerelease") != NULL);

        return case_is(c, r < 0 ? "ERR" : r > 0 ? "match" : "no-match");
}

Verdict check_range(Case *c)
{
        int r = matches(c, case_left(c), case_right(c), false);

        return case_is(c, r == -1 ? "err-range" : r > 0 ? "true" : "false");
}

Verdict check_parse_loose(Case *c)
{
        Version version;
        const char *reason = "";

        if (version_parse(&semver, c->input, strlen(c->input), c->arena, &version, &reason) < 0 &&
            strstr(reason, "leading zero"))
                return case_other(c, "leading zeros are not semver here");
        return case_is(c, parse(c, STRATEGY_SEMVER, c->input, &version) ? "ok" : "ERR");
}

/* A case that expects an error does not apply if the text is a valid tag: relman accepts tags
 * without minor or patch, and tags that begin with 'v'. */
Verdict check_parse_strict(Case *c)
{
        bool refused = streq(c->expected, "ERR") || streq(c->expected, "invalid");
        Version version;
        bool parsed = parse(c, STRATEGY_SEMVER, c->input, &version);

        if (refused && parsed && (version.specificity < 3 || c->input[0] == 'v'))
                return case_other(c, "a tag may be written like that");
        if (refused && parsed && strchr(c->input, '_'))
                return case_other(c, "'_' stands for '+' in a tag");
        if (streq(c->expected, "ok"))
                return case_is(c, parsed && streq(whole(c, &version), c->input) ? "ok" : "ERR");
        return case_is(c, parsed ? whole(c, &version) : c->expected[0] == 'E' ? "ERR" : "invalid");
}

Verdict check_canonical(Case *c)
{
        const char *strict = case_parameter(c, "strict");
        bool refused = streq(c->expected, "ERR");
        Version version;

        if (!parse(c, STRATEGY_SEMVER, c->input, &version))
                return case_is(c, refused ? "ERR" : "invalid");
        if (refused && strict && streq(strict, "true"))
                return case_other(c, "a tag may be written like that");
        return case_is(c, whole(c, &version));
}

static int compare(const SortKey *a, const SortKey *b)
{
        int r = memcmp(a->data, b->data, MIN(a->size, b->size));

        return r != 0 ? r : (a->size > b->size) - (a->size < b->size);
}

Verdict check_compare(Case *c)
{
        static const char *const names[][3] = { { "-1", "0", "1" }, { "lt", "eq", "gt" } };
        Strings words = case_words(c, c->input);
        Version a, b;
        int r;

        if (words.n != 2 || !parse(c, STRATEGY_SEMVER, words.items[0], &a) ||
            !parse(c, STRATEGY_SEMVER, words.items[1], &b))
                return case_is(c, "ERR");
        r = compare(&a.sort_key, &b.sort_key);
        return case_is(c, names[c->kind[0] == 's'][r < 0 ? 0 : r == 0 ? 1 : 2]);
}

/* Sorts the versions of the input in ascending order, with '=' between equal versions. Compares the
 * result with the expected text. */
static Verdict check_order(Case *c, StrategyType strategy)
{
        Strings words = case_words(c, c->input);
        Version versions[32];
        const char *text = "";

        for (size_t i = 0; i < words.n; i++) {
                size_t at = i;
                Version version;
                const char *word = words.items[i];

                if (!parse(c, strategy, word, &version))
                        return case_is(c, arena_printf(c->arena, "'%s' is none", word));
                for (; at > 0 && compare(&versions[at - 1].sort_key, &version.sort_key) > 0; at--) {
                        versions[at] = versions[at - 1];
                        words.items[at] = words.items[at - 1];
                }
                versions[at] = version;
                words.items[at] = word;
        }
        for (size_t i = 0; i < words.n; i++) {
                const char *joint = i == 0 ? ""
                                    : compare(&versions[i - 1].sort_key, &versions[i].sort_key) == 0
                                            ? "="
                                            : " ";

                text = arena_printf(c->arena, "%s%s%s", text, joint, words.items[i]);
        }
        return case_is(c, text);
}

Verdict check_order_semver(Case *c)
{
        return check_order(c, STRATEGY_SEMVER);
}

Verdict check_order_date(Case *c)
{
        return check_order(c, STRATEGY_DATE);
}

Verdict check_order_sequential(Case *c)
{
        return check_order(c, STRATEGY_SEQUENTIAL);
}

Verdict check_sequential(Case *c)
{
        Version version;

        return case_is(c, parse(c, STRATEGY_SEQUENTIAL, c->input, &version) ? version.text
                                                                            : "invalid");
}

/* Checks a date version in the form of the cases: "2026-11-23 seq 17" for 2026.11.23.17. */
Verdict check_date(Case *c)
{
        Version version;
        unsigned year, month, day;
        int end = 0;

        if (!parse(c, STRATEGY_DATE, c->input, &version))
                return case_is(c, "invalid");
        if (sscanf(version.text, "%u.%u.%u%n", &year, &month, &day, &end) != 3)
                return case_is(c, version.text);
        return case_is(c, arena_printf(c->arena, "%04u-%02u-%02u%s%s", year, month, day,
                                       version.text[end] ? " seq " : "",
                                       version.text[end] ? version.text + end + 1 : ""));
}

/* The other programs find a version inside any text. relman does so only with a rule, so it must
 * not return the expected version. */
Verdict check_coerce_trap(Case *c)
{
        Version version;

        if (!parse(c, STRATEGY_SEMVER, c->input, &version))
                return CASE_PASSED;
        c->got = version.text;
        return streq(version.text, c->expected) ? CASE_FAILED : CASE_PASSED;
}

/* Checks whether the platform of the image matches any of the requested platforms. */
Verdict check_platform(Case *c)
{
        char *wanted = arena_strdup(c->arena, case_parameter(c, "want"));
        bool found = false, plain_arm = streq(c->input, "linux/arm");

        for (char *one; (one = strsep(&wanted, ","));) {
                found = found || platform_matches(one, c->input);
                plain_arm = plain_arm || streq(one, "linux/arm");
        }
        if (plain_arm && found != streq(c->expected, "match"))
                return case_other(c, "'linux/arm' means 'linux/arm/v7' here, as in containerd");
        return case_is(c, found ? "match" : "no-match");
}

/* Expands repetitions: {a*64} becomes 64 letters a. */
static const char *expanded(const Case *c, const char *text)
{
        const char *brace = strchr(text, '{');
        size_t n;
        char *letters;

        if (!brace || brace[2] != '*')
                return text;
        n = strtoul(brace + 3, NULL, 10);
        letters = arena_alloc(c->arena, n + 1);
        memset(letters, brace[1], n);
        return arena_printf(c->arena, "%.*s%s%s", (int)(brace - text), text, letters,
                            expanded(c, strchr(brace, '}') + 1));
}

Verdict check_image(Case *c)
{
        ImageReference image;
        Error error = { 0 };
        int r = image_parse(expanded(c, c->input), c->arena, &image, &error);

        error_done(&error);
        c->expected = expanded(c, c->expected);
        if (strncmp(c->expected, "registry-1.docker.io ", 21) == 0)
                return case_other(c, "the names of Docker Hub are one registry here");
        if (strcspn(c->expected, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") < strcspn(c->expected, " "))
                return case_other(c, "hosts are lower-cased here");
        return case_is(c, r < 0 ? "invalid"
                                : arena_printf(c->arena, "%s %s %s %s", image.host,
                                               image.repository, image.tag ? image.tag : "-",
                                               image.digest ? image.digest : "-"));
}
