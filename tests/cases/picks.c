/* Checks cases about lists of tags: filters, rules and the selected tag. */

#include <string.h>

#include "cases.h"
#include "version/explain.h"

static ComponentSpec spec_of(const Case *c, StrategyType strategy)
{
        return (ComponentSpec){ .object = { .kind = KIND_COMPONENT, .meta = { .name = "case" } },
                                .versioning_strategy = { .type = strategy,
                                                         .tag_pattern =
                                                                 case_parameter(c, "allow") },
                                .default_channel = "stable" };
}

static bool explain(const Case *c, const ComponentSpec *spec, const Strings *tags,
                    const ExplainOptions *options, Explanation *ret)
{
        Error error = { 0 };
        int r = explain_tags(spec, tags, options, c->arena, ret, &error);

        error_done(&error);
        return r == 0;
}

/* True if a tag has fewer than three numbers. relman reads such tags, but some other programs
 * refuse them. */
static bool has_short(const Strings *tags)
{
        for (size_t i = 0; i < tags->n; i++) {
                const char *p = tags->items[i] + (tags->items[i][0] == 'v');
                size_t digits = strspn(p, "0123456789."), dots = 0;

                for (size_t j = 0; j < digits; j++)
                        dots += p[j] == '.';
                if (digits > 0 && dots < 2 && (p[digits] == '\0' || p[digits] == '-'))
                        return true;
        }
        return false;
}

/* Returns the newest tag of all channels in a range. As in the other programs, a prerelease is
 * selected only if the range names one. */
static const char *pick(Case *c, const ComponentSpec *spec, const char *range)
{
        Strings tags = case_words(c, c->input);
        ExplainOptions options = { .range = range && *range ? range : "*",
                                   /* without a constraint, Kargo selects prereleases too */
                                   .include_prerelease = !range && c->kind[0] == 'k' };
        Explanation explanation;

        if (!explain(c, spec, &tags, &options, &explanation))
                return "ERR";
        return explanation.selected ? explanation.selected->tag : "NONE";
}

Verdict check_pick(Case *c)
{
        const char *pattern = case_parameter(c, "pattern"), *ignore = case_parameter(c, "ignore");
        const char *range = case_parameter(c, "range"), *strict = case_parameter(c, "strict");
        VersionRule rule = { .pattern = pattern, .channel = "stable" };
        ComponentSpec spec = spec_of(c, STRATEGY_SEMVER);
        Strings tags = case_words(c, c->input);

        if (strncmp(c->kind, "flux", 4) == 0 || (strict && streq(strict, "true")))
                if (!pattern && has_short(&tags))
                        return case_other(c, "missing minor and patch are read here");
        if (case_parameter(c, "order"))
                return case_other(c, "not by semver");
        spec.versioning_strategy.semver_extract = case_parameter(c, "extract");
        if (pattern)
                spec.version_rules = (VersionRules){ .items = &rule, .n = 1 };
        if (ignore)
                spec.ignore_tags = (Strings){ .items = &ignore, .n = 1 };
        if (!range)
                range = case_parameter(c, "constraint");
        c->got = pick(c, &spec, range);
        if (streq(c->expected, "ERR") && streq(c->got, "NONE"))
                c->got = "ERR"; /* some of the other programs report an empty result as an error */
        return case_is(c, c->got);
}

Verdict check_alphabetical(Case *c)
{
        const char *order = case_parameter(c, "order");
        Strings tags = case_words(c, c->input);
        ComponentSpec spec = spec_of(c, STRATEGY_LEXICAL);
        Explanation explanation;

        if (order && !streq(order, "asc"))
                return case_other(c, "the newest is the greatest here");
        if (!explain(c, &spec, &tags, &(ExplainOptions){ 0 }, &explanation) ||
            !explanation.selected)
                return case_is(c, "ERR");
        return case_is(c, explanation.selected->tag);
}

/* Returns the eligible tags, separated by blanks. With by_version, the newest version is first;
 * otherwise the order is that of the input. */
static const char *eligible(const Case *c, const ComponentSpec *spec, bool by_version)
{
        Strings tags = case_words(c, c->input);
        const char *text = "";
        Explanation explanation;

        if (!explain(c, spec, &tags, &(ExplainOptions){ 0 }, &explanation))
                return "ERR";
        for (size_t i = 0; i < (by_version ? explanation.n_eligible : tags.n); i++)
                for (size_t j = 0; j < explanation.n_eligible; j++)
                        if (by_version ? i == j : streq(tags.items[i], explanation.tags[j].tag))
                                text = arena_printf(c->arena, "%s%s%s", text, *text ? " " : "",
                                                    explanation.tags[j].tag);
        return text;
}

/* Returns the versions extracted from the eligible tags: each version once, in ascending order,
 * separated by blanks. */
static const char *extracted(const Case *c, const ComponentSpec *spec)
{
        Strings tags = case_words(c, c->input);
        const char *text = "", *last = "";
        Explanation explanation;

        if (!explain(c, spec, &tags, &(ExplainOptions){ 0 }, &explanation))
                return "ERR";
        for (size_t i = explanation.n_eligible; i-- > 0;) {
                const char *version = explanation.tags[i].is.version.text;

                if (!streq(version, last))
                        text = arena_printf(c->arena, "%s%s%s", text, *text ? " " : "", version);
                last = version;
        }
        return text;
}

Verdict check_filter(Case *c)
{
        ComponentSpec spec = spec_of(c, STRATEGY_LEXICAL);

        spec.versioning_strategy.tag_pattern = case_parameter(c, "pattern");
        spec.versioning_strategy.semver_extract = case_parameter(c, "extract");
        return case_is(c, extracted(c, &spec));
}

Verdict check_exclude(Case *c)
{
        const char *at = case_parameter(c, "patterns");
        ComponentSpec spec = spec_of(c, STRATEGY_LEXICAL);
        const char *patterns[8];

        spec.ignore_tags.items = patterns;
        while (at && *at && spec.ignore_tags.n < ARRAY_SIZE(patterns)) {
                const char *end = strstr(at, " && ");

                if (!end)
                        end = at + strlen(at);
                patterns[spec.ignore_tags.n++] = arena_strndup(c->arena, at, (size_t)(end - at));
                at = *end ? end + 4 : end;
        }
        return case_is(c, eligible(c, &spec, false));
}

Verdict check_kargo_order(Case *c)
{
        const char *strict = case_parameter(c, "strict");
        ComponentSpec spec = spec_of(c, STRATEGY_SEMVER);
        Strings tags = case_words(c, c->input);

        if (strict && streq(strict, "true") && has_short(&tags))
                return case_other(c, "missing minor and patch are read here");
        if (case_parameter(c, "constraint"))
                return case_other(c, "explain lists what a range leaves out, too");
        return case_is(c, eligible(c, &spec, true));
}

/* The input is "PATTERN ;; TAG". Checks the text that a rule with the pattern extracts from the
 * tag. */
Verdict check_extract(Case *c)
{
        const char *tag = case_right(c);
        VersionRule rule = { .pattern = case_left(c), .channel = "stable" };
        ComponentSpec spec = spec_of(c, STRATEGY_LEXICAL);
        Explanation explanation;

        spec.version_rules = (VersionRules){ .items = &rule, .n = 1 };
        if (!explain(c, &spec, &(Strings){ .items = &tag, .n = 1 }, &(ExplainOptions){ 0 },
                     &explanation))
                return case_is(c, "ERR");
        return case_is(c, explanation.n_eligible == 1 ? explanation.tags[0].is.version.text
                                                      : "no-match");
}
