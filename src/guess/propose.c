#include "guess/propose.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

#define RULES_MAX  8
#define DAYS_MAX   31
#define MONTHS_MAX 12

/* --- calver ----------------------------------------------------------------------------------- */

bool propose_is_short_year(const Family *family)
{
        const FamilyField *month = &family->fields[1];

        return family->style == SHAPE_SEMVER && family->digits_min == 2 &&
               family->digits_max == 2 && family->n_of[1] == 0 && month->has_zero &&
               !month->has_single && month->min >= 1 && month->max <= MONTHS_MAX;
}

static bool is_calver(const Family *family)
{
        return family->style == SHAPE_CALVER || propose_is_short_year(family);
}

static const char *month_of(const FamilyField *field)
{
        if (field->min < 1 || field->max > MONTHS_MAX)
                return NULL;
        return field->has_zero && !field->has_single ? "0M" : "MM";
}

/* Returns "0D" if the numbers of a field are days; otherwise NULL. Days must have leading zeros,
 * because counters rarely have them. A day that is read as a counter is still in the right
 * order. */
static const char *day_of(const FamilyField *field)
{
        bool is_day =
                field->min >= 1 && field->max <= DAYS_MAX && field->has_zero && !field->has_single;

        return is_day ? "0D" : NULL;
}

/* Sets ret to the parts of a dateFormat for the numbers. Returns the number of parts; 0 if more
 * counters would be needed than dateFormat has. */
static unsigned calver_parts(const Family *family, const char *ret[SHAPE_NUMBERS_MAX])
{
        static const char *const counters[] = { "MAJOR", "MINOR", "MICRO" };
        unsigned n = family_n_numbers(family), i = 1, n_counters;

        ret[0] = family->digits_min == 2 ? "YY" : "YYYY";
        if (i < n && month_of(&family->fields[i])) {
                ret[i] = month_of(&family->fields[i]);
                i++;
                if (i < n && day_of(&family->fields[i])) {
                        ret[i] = day_of(&family->fields[i]);
                        i++;
                }
        }
        n_counters = n - i;
        if (n_counters > ARRAY_SIZE(counters))
                return 0;
        for (; i < n; i++)
                ret[i] = counters[ARRAY_SIZE(counters) - (n - i)];
        return n;
}

const char *propose_date_format(const Family *family, Arena *arena)
{
        const char *parts[SHAPE_NUMBERS_MAX], *format = "";
        unsigned n = calver_parts(family, parts);

        for (unsigned i = 0; i < n && format; i++)
                format = arena_printf(arena, "%s%s%s", format, i > 0 ? "." : "", parts[i]);
        if (format && family->n_prereleases > 0)
                format = arena_printf(arena, "%s-MODIFIER", format);
        return format;
}

/* True for a semver family with prereleases, all without a hyphen, such as 1.2.3rc1. */
static bool is_pep440(const Family *family)
{
        return family->style == SHAPE_SEMVER && !is_calver(family) && family->n_pep440 > 0 &&
               family->n_prereleases == 0;
}

static const char *calver_core(const Family *family, Arena *arena)
{
        const char *parts[SHAPE_NUMBERS_MAX], *core = "";
        unsigned n = calver_parts(family, parts);

        for (unsigned i = 0; i < n && core; i++) {
                const char *digits = streq(parts[i], "YYYY") ? "\\d{4}"
                                     : streq(parts[i], "MM") ? "\\d{1,2}"
                                     : strlen(parts[i]) == 2 ? "\\d{2}"
                                                             : "\\d+";

                core = arena_printf(arena, "%s%s%s", core, i > 0 ? "\\." : "", digits);
        }
        return core;
}

/* --- patterns --------------------------------------------------------------------------------- */

/* Returns a pattern for as many numbers as family_n_numbers() returns. If some tags have one more
 * number, the pattern makes that number optional. */
static const char *semver_core(const Family *family, bool other_years, Arena *arena)
{
        unsigned n = family_n_numbers(family);
        const char *core = other_years ? "\\d{1,3}" : "\\d+";

        for (unsigned i = 1; i < n && core; i++)
                core = arena_printf(arena, "%s\\.\\d+", core);
        if (core && n < 3 && family->n_of[n + 1] > 0)
                core = arena_printf(arena, "%s(?:\\.\\d+)?", core);
        return core;
}

static const char *core_of(const Family *family, bool other_years, Arena *arena)
{
        if (is_calver(family))
                return calver_core(family, arena);
        switch (family->style) {
        case SHAPE_SEMVER: return semver_core(family, other_years, arena);
        case SHAPE_NUMERIC: return "\\d+(?:\\.\\d+)+";
        case SHAPE_DATE: return "\\d{4}-?\\d{2}-?\\d{2}(?:\\d{4}|\\d{6})?(?:[-._T]\\d+)*";
        case SHAPE_BUILD: return "\\d+";
        case SHAPE_COMMIT_TIME:
        case SHAPE_TIME_COMMIT:
                return family->digits_min == family->digits_max
                               ? arena_printf(arena, "\\d{%u}", family->digits_min)
                               : arena_printf(arena, "\\d{%u,%u}", family->digits_min,
                                              family->digits_max);
        case SHAPE_COMMIT: return "[0-9a-f]{7,40}";
        case SHAPE_CALVER:
        case SHAPE_WORD:
        case SHAPE_STYLE_MAX_: break;
        }
        return "";
}

/* Escapes a text for a pattern. The dot is the only character of tags that is special in
 * patterns. */
static const char *quote_pattern(const char *text, Arena *arena)
{
        char *quoted = arena_alloc(arena, 2 * strlen(text) + 1), *to = quoted;

        for (; quoted && *text; text++) {
                if (*text == '.')
                        *to++ = '\\';
                *to++ = *text;
        }
        return quoted;
}

static const char *suffix_pattern(const Family *family, Arena *arena)
{
        size_t n = strlen(family->suffix_text);
        const char *text;

        if (n == 0 || family->suffix_text[n - 1] != '#')
                return quote_pattern(family->suffix_text, arena);
        text = arena_strndup(arena, family->suffix_text, n - 1);
        text = text ? quote_pattern(text, arena) : NULL;
        return text ? arena_printf(arena, "%s[0-9][0-9.]*", text) : NULL;
}

static const char *v_pattern(const Family *family)
{
        return family->n_with_v == 0 ? "" : family->n_with_v == family->n ? "v" : "v?";
}

/* Returns a pattern for words[first] up to, but not including, words[end], such as
 * "-(?:rc|beta)[0-9._-]*". */
static const char *prerelease_pattern(const Family *family, size_t first, size_t end, Arena *arena)
{
        const char *words = "";

        if (first + 1 == end || !family->words[first + 1])
                return arena_printf(arena, "-%s[0-9._-]*", family->words[first]);
        for (size_t i = first; i < end && family->words[i] && words; i++)
                words = arena_printf(arena, "%s%s%s", words, i > first ? "|" : "",
                                     family->words[i]);
        return words ? arena_printf(arena, "-(?:%s)[0-9._-]*", words) : NULL;
}

/* --- rules ------------------------------------------------------------------------------------ */

typedef struct Proposal {
        const FamilyGroup *group;
        bool other_years;
        Arena *arena;
        ComponentSpec *spec;
} Proposal;

/* Makes the name of a channel from a text such as "-alpine#" or "main-". */
static const char *channel_of(const char *text, Arena *arena)
{
        size_t n = strlen(text);
        char *name;

        while (n > 0 && strchr("#.-_", text[n - 1]))
                n--;
        while (n > 0 && strchr(".-_", *text)) {
                text++;
                n--;
        }
        name = arena_strndup(arena, text, n);
        for (char *at = name; at && *at; at++)
                *at = text_lower(*at);
        return !name || name_is_valid(name) ? name : "other";
}

static bool has_channel(const ComponentSpec *spec, const char *channel)
{
        for (size_t i = 0; i < spec->version_rules.n; i++)
                if (streq(spec->version_rules.items[i].channel, channel))
                        return true;
        return false;
}

/* Adds a rule, unless its channel already has one. With two rules, tags of two different images
 * could be the same version. */
static int add_rule(Proposal *proposal, const char *pattern, const char *channel)
{
        VersionRules *rules = &proposal->spec->version_rules;

        if (!pattern || !channel)
                return -ENOMEM;
        if (rules->n == RULES_MAX || has_channel(proposal->spec, channel))
                return 0;
        rules->items[rules->n++] = (VersionRule){ .pattern = pattern, .channel = channel };
        return 0;
}

static const char *rule_of(const Proposal *proposal, const Family *family, const char *inner,
                           const char *outer)
{
        const char *prefix = quote_pattern(family->prefix, proposal->arena);
        const char *core = core_of(family, proposal->other_years, proposal->arena);

        if (!prefix || !core || !inner || !outer)
                return NULL;
        if (family->style == SHAPE_COMMIT_TIME)
                return arena_printf(proposal->arena, "^%s[0-9a-f]{7,40}-(%s)$", prefix, core);
        if (family->style == SHAPE_TIME_COMMIT)
                return arena_printf(proposal->arena, "^%s(%s)-[0-9a-f]{7,40}$", prefix, core);
        return arena_printf(proposal->arena, "^%s%s(%s%s)%s$", prefix, v_pattern(family), core,
                            inner, outer);
}

/* Adds a rule for each word of prereleases. channel is the channel of the releases. The
 * prereleases of a variant have channels such as rc-alpine. */
static int add_prereleases(Proposal *proposal, const Family *family, const char *channel)
{
        const char *outer = suffix_pattern(family, proposal->arena);
        bool is_stable = !channel || streq(channel, "stable");

        for (size_t i = 0; i < FAMILY_WORDS_MAX && family->words[i]; i++) {
                const char *inner = prerelease_pattern(family, i, i + 1, proposal->arena);
                const char *word = is_stable ? family->words[i]
                                             : arena_printf(proposal->arena, "%s-%s",
                                                            family->words[i], channel);
                int r;

                r = add_rule(proposal, rule_of(proposal, family, inner, outer),
                             word ? channel_of(word, proposal->arena) : NULL);
                if (r < 0)
                        return r;
        }
        return 0;
}

static bool is_of_commits(const Family *family)
{
        return family->style == SHAPE_COMMIT_TIME || family->style == SHAPE_TIME_COMMIT ||
               family->style == SHAPE_COMMIT;
}

static int add_family(Proposal *proposal, const Family *family, bool is_main)
{
        const char *channel = "stable";
        int r;

        if (is_of_commits(family) && *family->prefix)
                channel = channel_of(family->prefix, proposal->arena);
        else if (!is_main && family->suffix == SUFFIX_VARIANT)
                channel = channel_of(family->suffix_text, proposal->arena);
        r = add_rule(proposal,
                     rule_of(proposal, family, "", suffix_pattern(family, proposal->arena)),
                     channel);
        if (is_main)
                proposal->spec->default_channel = channel;
        return r < 0 ? r : add_prereleases(proposal, family, channel);
}

/* Returns the family without a suffix, unless another family has more than four times as many
 * tags. */
static const Family *main_family(const FamilyGroup *group)
{
        for (size_t i = 0; i < group->n; i++)
                if (group->items[i]->suffix == SUFFIX_NONE &&
                    group->items[i]->n * 4 >= group->items[0]->n)
                        return group->items[i];
        for (size_t i = 0; i < group->n; i++)
                if (group->items[i]->suffix != SUFFIX_ODD)
                        return group->items[i];
        return group->items[0];
}

/* Proposes to read 4.0.12-ls45 as 4.0.12.45, so that the counter orders equal versions. */
static int propose_counter(Proposal *proposal, const Family *family)
{
        const char *suffix = suffix_pattern(family, proposal->arena);

        proposal->spec->versioning_strategy.type = STRATEGY_NUMERIC;
        proposal->spec->versioning_strategy.semver_extract = "$1.$2";
        suffix = suffix ? arena_printf(proposal->arena, "%s(\\d+)", suffix) : NULL;
        return add_rule(proposal, rule_of(proposal, family, "", suffix), "stable");
}

static int propose_pattern(Proposal *proposal, const Family *family)
{
        Arena *arena = proposal->arena;
        const char *core = core_of(family, proposal->other_years, arena);
        const char *prereleases = family->n_prereleases > 0
                                          ? prerelease_pattern(family, 0, FAMILY_WORDS_MAX, arena)
                                          : NULL;

        if (!core)
                return -ENOMEM;
        proposal->spec->versioning_strategy.tag_pattern =
                prereleases
                        ? arena_printf(arena, "^%s%s(?:%s)?$", v_pattern(family), core, prereleases)
                        : arena_printf(arena, "^%s%s$", v_pattern(family), core);
        return proposal->spec->versioning_strategy.tag_pattern ? 0 : -ENOMEM;
}

/* Proposes to read 1.2.3rc1 as 1.2.3-rc.1 in channel rc, because the word of a prerelease is its
 * channel. */
static int propose_pep440(Proposal *proposal, const Family *family)
{
        VersionStrategy *strategy = &proposal->spec->versioning_strategy;
        const char *core = core_of(family, proposal->other_years, proposal->arena);
        const char *words = "";

        for (size_t i = 0; i < FAMILY_WORDS_MAX && family->pep440_words[i] && words; i++)
                words = arena_printf(proposal->arena, "%s%s%s", words, i > 0 ? "|" : "",
                                     family->pep440_words[i]);
        if (!core || !words)
                return -ENOMEM;
        strategy->semver_extract = "$1${2:+-}$2${2:+.}$3";
        strategy->tag_pattern = arena_printf(proposal->arena, "^%s(%s)(?:\\.?(%s)(\\d+))?$",
                                             v_pattern(family), core, words);
        return strategy->tag_pattern ? 0 : -ENOMEM;
}

static int set_strategy(Proposal *proposal, const Family *family)
{
        static const StrategyType types[SHAPE_STYLE_MAX_] = {
                [SHAPE_SEMVER] = STRATEGY_SEMVER,
                [SHAPE_CALVER] = STRATEGY_DATE,
                [SHAPE_NUMERIC] = STRATEGY_NUMERIC,
                [SHAPE_DATE] = STRATEGY_DATE,
                [SHAPE_BUILD] = STRATEGY_SEQUENTIAL,
                [SHAPE_COMMIT_TIME] = STRATEGY_SEQUENTIAL,
                [SHAPE_TIME_COMMIT] = STRATEGY_SEQUENTIAL,
                [SHAPE_COMMIT] = STRATEGY_LEXICAL,
                [SHAPE_WORD] = STRATEGY_MANUAL,
        };
        VersionStrategy *strategy = &proposal->spec->versioning_strategy;

        strategy->type = types[family->style];
        if (family->style == SHAPE_COMMIT)
                strategy->order_by = ORDER_BY_CREATED;
        if (!is_calver(family))
                return 0;
        strategy->type = STRATEGY_DATE;
        strategy->date_format = propose_date_format(family, proposal->arena);
        if (!strategy->date_format)
                return -ENOMEM;
        if (!*strategy->date_format) { /* "": the numbers need more counters than dateFormat has */
                strategy->date_format = NULL;
                strategy->type = STRATEGY_NUMERIC;
        }
        return 0;
}

int propose_rules(const FamilyGroup *group, bool other_years, Arena *arena, ComponentSpec *ret)
{
        Proposal proposal = { group, other_years, arena, ret };
        const Family *family = main_family(group);
        int r;

        ret->default_channel = "stable";
        ret->version_rules.items = arena_alloc_array(arena, RULES_MAX, sizeof(VersionRule));
        if (!ret->version_rules.items)
                return -ENOMEM;
        r = set_strategy(&proposal, family);
        if (r < 0 || family->style == SHAPE_WORD)
                return r;
        if (family->suffix == SUFFIX_COUNTER && family->style != SHAPE_CALVER)
                return propose_counter(&proposal, family);
        if (group->n == 1 && !*family->prefix && family->suffix == SUFFIX_NONE &&
            !is_of_commits(family))
                return is_pep440(family) ? propose_pep440(&proposal, family)
                                         : propose_pattern(&proposal, family);
        r = add_family(&proposal, family, true);
        for (size_t i = 0; i < group->n && r >= 0; i++)
                if (group->items[i] != family &&
                    (group->items[i]->suffix == SUFFIX_VARIANT ||
                     (is_of_commits(family) && group->items[i]->suffix == SUFFIX_NONE)))
                        r = add_family(&proposal, group->items[i], false);
        return r;
}

/* --- names ------------------------------------------------------------------------------------ */

static const char *semver_name(const Family *family)
{
        if (family_n_numbers(family) == 1)
                return family->n_with_v > 0 ? "v and one number" : "one number";
        if (family->n_with_v == family->n)
                return "semver with v";
        return family->n_with_v == 0 ? "semver" : "semver, some with v";
}

static const char *calver_name(const Family *family, Arena *arena)
{
        const char *format = propose_date_format(family, arena);

        if (!format || !*format)
                return format ? "calver with counters" : NULL;
        return arena_printf(arena, "calver%s (%s)",
                            strstr(format, "MICRO") ? " with a counter" : "", format);
}

static const char *base_name(const Family *family, Arena *arena)
{
        if (is_calver(family))
                return calver_name(family, arena);
        switch (family->style) {
        case SHAPE_SEMVER: return semver_name(family);
        case SHAPE_NUMERIC: return "dotted numbers";
        case SHAPE_DATE: return "date";
        case SHAPE_BUILD: return "build number";
        case SHAPE_COMMIT_TIME: return "commit and timestamp";
        case SHAPE_TIME_COMMIT: return "timestamp and commit";
        case SHAPE_COMMIT: return "commit";
        case SHAPE_WORD: return "names";
        case SHAPE_CALVER:
        case SHAPE_STYLE_MAX_: break;
        }
        return "";
}

static const char *suffix_name(const Family *family, Arena *arena)
{
        size_t n = strlen(family->suffix_text);

        switch (family->suffix) {
        case SUFFIX_NONE:
                return is_pep440(family)           ? ", with prereleases of PEP 440"
                       : family->n_prereleases > 0 ? ", with prereleases"
                                                   : "";
        case SUFFIX_COUNTER:
                return arena_printf(arena, ", with a build counter (%sN)", family->suffix_text);
        case SUFFIX_VARIANT:
                return arena_printf(arena, ", variant %.*s%s",
                                    (int)(n > 0 && family->suffix_text[n - 1] == '#' ? n - 1 : n),
                                    family->suffix_text,
                                    family->n_prereleases > 0 ? ", with prereleases" : "");
        case SUFFIX_ODD: return ", with other text";
        case SUFFIX_PRERELEASE:
        case SUFFIX_PEP440: break;
        }
        return "";
}

const char *propose_style_name(const Family *family, Arena *arena)
{
        const char *base = base_name(family, arena), *suffix = suffix_name(family, arena);

        if (!base || !suffix)
                return NULL;
        return arena_printf(arena, "%s%s%s%s%s", base, *family->prefix ? " after '" : "",
                            family->prefix, *family->prefix ? "'" : "", suffix);
}
