#include "version/policy-compile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

/* Memory limit of a policy. Only a bug of relman can reach it, because the memory depends on the
 * size of the spec, which is limited. */
#define POLICY_MEMORY_MAX (256u * 1024 * 1024)

#define QUOTED_SIZE 100

VersionPolicy *version_policy_free(VersionPolicy *policy)
{
        if (!policy)
                return NULL;
        for (size_t i = 0; i < policy->n_ignore; i++)
                regex_free(policy->ignore[i].regex);
        regex_free(policy->tag_pattern.regex);
        for (size_t i = 0; i < policy->n_rules; i++) {
                regex_free(policy->rules[i].reading.regex);
                regex_free(policy->rules[i].prerelease);
        }
        map_done(&policy->manual);
        arena_done(&policy->arena);
        free(policy);
        return NULL;
}

static const char *quote(const char *text, char ret_text[QUOTED_SIZE])
{
        return escape_text(text, strlen(text), ret_text, QUOTED_SIZE);
}

/* Compiles one pattern of the spec. The error message begins with its field. */
static int compile_field(const char *pattern, const char *field, Regex **ret, Error *err)
{
        int r;

        r = regex_new(pattern, ret, err);
        if (r < 0)
                return error_prefix(err, r, "%s", field);
        return 0;
}

static int compile_ignore(VersionPolicy *policy, Error *err)
{
        const Strings *patterns = &policy->spec->ignore_tags;
        char quoted[QUOTED_SIZE];
        int r;

        policy->ignore = arena_alloc_array(&policy->arena, patterns->n, sizeof(PolicyFilter));
        if (!policy->ignore)
                return error_oom(err);
        for (size_t i = 0; i < patterns->n; i++) {
                PolicyFilter *filter = &policy->ignore[i];

                filter->name = arena_printf(&policy->arena, "ignoreTags[%zu]", i);
                filter->reason = arena_printf(&policy->arena, "excluded by ignoreTags[%zu] '%s'", i,
                                              quote(patterns->items[i], quoted));
                if (!filter->name || !filter->reason)
                        return error_oom(err);
                r = compile_field(patterns->items[i], filter->name, &filter->regex, err);
                if (r < 0)
                        return r;
                policy->n_ignore++;
        }
        return 0;
}

static unsigned group_or_zero(const Regex *regex, const char *name)
{
        int number = regex_group_number(regex, name);

        return number > 0 ? (unsigned)number : 0;
}

/* Compiles the method that reads a version from a match: semverExtract, or the named groups of a
 * date. */
static int compile_reading(VersionPolicy *policy, Reading *reading, Error *err)
{
        const VersionStrategy *strategy = &policy->spec->versioning_strategy;
        DateGroups *date = &reading->date;
        int r;

        r = extract_compile(strategy->semver_extract, reading->regex, &policy->arena,
                            &reading->extract, err);
        if (r < 0)
                return error_prefix(err, r, "versioningStrategy.semverExtract: for %s",
                                    reading->name);
        reading->max_group = reading->extract.max_group;
        if (strategy->type != STRATEGY_DATE || strategy->semver_extract || strategy->date_format)
                return 0;
        date->year = group_or_zero(reading->regex, "year");
        date->month = group_or_zero(reading->regex, "month");
        date->day = group_or_zero(reading->regex, "day");
        date->seq = group_or_zero(reading->regex, "seq");
        if (date->year == 0 && date->month == 0)
                return 0;
        if (date->year == 0 || date->month == 0)
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "%s: the pattern has only one of the groups 'year' and 'month'; a date needs both",
                        reading->name);
        reading->max_group = MAX(MAX(date->year, date->month), MAX(date->day, date->seq));
        return 0;
}

static int compile_tag_pattern(VersionPolicy *policy, Error *err)
{
        const VersionStrategy *strategy = &policy->spec->versioning_strategy;
        PolicyFilter *filter = &policy->tag_pattern;
        char quoted[QUOTED_SIZE];
        int r;

        if (!strategy->tag_pattern) {
                if (strategy->semver_extract && policy->spec->version_rules.n == 0)
                        return error_set(
                                err, ERROR_INVALID, -EINVAL,
                                "versioningStrategy.semverExtract: there is neither a versionRule nor a tagPattern to extract from");
                return 0;
        }
        filter->name = "versioningStrategy.tagPattern";
        r = compile_field(strategy->tag_pattern, filter->name, &filter->regex, err);
        if (r < 0)
                return r;
        filter->reason =
                arena_printf(&policy->arena, "excluded by tagPattern '%s', which it does not match",
                             quote(strategy->tag_pattern, quoted));
        if (!filter->reason)
                return error_oom(err);
        if (!strategy->semver_extract || policy->spec->version_rules.n > 0)
                return 0;
        policy->tag_reading.name = filter->name;
        policy->tag_reading.pattern = strategy->tag_pattern;
        policy->tag_reading.regex = filter->regex;
        return compile_reading(policy, &policy->tag_reading, err);
}

static int compile_rule(VersionPolicy *policy, size_t index, Error *err)
{
        const VersionRule *spec = &policy->spec->version_rules.items[index];
        PolicyRule *rule = &policy->rules[index];
        char field[80], quoted[QUOTED_SIZE];
        int r;

        policy->n_rules++;
        rule->channel = spec->channel;
        rule->reading.pattern = spec->pattern;
        rule->reading.name = arena_printf(&policy->arena, "versionRules[%zu]", index);
        rule->reason = arena_printf(&policy->arena, "taken by versionRules[%zu] '%s'", index,
                                    quote(spec->pattern, quoted));
        if (!rule->reading.name || !rule->reason)
                return error_oom(err);
        snprintf(field, sizeof(field), "%s.pattern", rule->reading.name);
        r = compile_field(spec->pattern, field, &rule->reading.regex, err);
        if (r < 0)
                return r;
        if (spec->prerelease_pattern) {
                snprintf(field, sizeof(field), "%s.prereleasePattern", rule->reading.name);
                r = compile_field(spec->prerelease_pattern, field, &rule->prerelease, err);
                if (r < 0)
                        return r;
        }
        return compile_reading(policy, &rule->reading, err);
}

static int compile_rules(VersionPolicy *policy, Error *err)
{
        size_t n_rules = policy->spec->version_rules.n;
        size_t max_group = 0;
        int r;

        policy->rules = arena_alloc_array(&policy->arena, n_rules, sizeof(PolicyRule));
        if (!policy->rules)
                return error_oom(err);
        for (size_t i = 0; i < n_rules; i++) {
                r = compile_rule(policy, i, err);
                if (r < 0)
                        return r;
                max_group = MAX(max_group, policy->rules[i].reading.max_group);
        }
        max_group = MAX(max_group, policy->tag_reading.max_group);
        policy->spans = arena_alloc_array(&policy->arena, max_group + 1, sizeof(RegexSpan));
        policy->unruled =
                n_rules == 1 ? "the only versionRule does not match it"
                             : arena_printf(&policy->arena,
                                            "none of the %zu versionRules matches it", n_rules);
        policy->alone =
                arena_printf(&policy->arena, "read by the %s strategy; there are no versionRules",
                             strategy_type_to_string(policy->spec->versioning_strategy.type));
        if (!policy->spans || !policy->unruled || !policy->alone)
                return error_oom(err);
        return 0;
}

/* Checks that a manual version is valid, so that the error occurs when the spec is loaded, not when
 * the tag appears. */
static int check_manual(const VersionPolicy *policy, size_t index, Error *err)
{
        const ManualVersion *manual = &policy->spec->versions.items[index];
        const char *reason = NULL;
        char quoted[QUOTED_SIZE];
        Version version;
        Arena arena;
        int r;

        arena_init(&arena, POLICY_MEMORY_MAX);
        r = version_parse_assigned(&policy->spec->versioning_strategy, manual->semver, &arena,
                                   &version, &reason);
        if (r == -EINVAL)
                error_set(err, ERROR_INVALID, r, "versions[%zu].semver: '%s' cannot be read: %s",
                          index, quote(manual->semver, quoted), reason);
        else if (r < 0)
                error_oom(err);
        arena_done(&arena);
        return r;
}

static int compile_manual(VersionPolicy *policy, Error *err)
{
        const ManualVersions *versions = &policy->spec->versions;
        char quoted[QUOTED_SIZE];
        int r;

        for (size_t i = 0; i < versions->n; i++) {
                r = check_manual(policy, i, err);
                if (r < 0)
                        return r;
                r = map_put(&policy->manual, versions->items[i].tag, &versions->items[i], NULL);
                if (r < 0)
                        return error_oom(err);
                if (r == 0)
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "versions[%zu].tag: tag '%s' has a version already", i,
                                         quote(versions->items[i].tag, quoted));
        }
        return 0;
}

static int compile_denied_version(VersionPolicy *policy, const Denial *denial, PolicyDenial *ret,
                                  Error *err)
{
        char quoted[QUOTED_SIZE];
        int r;

        r = version_wish_parse(&policy->spec->versioning_strategy, denial->version, &policy->arena,
                               &ret->wish, err);
        return r < 0 ? error_prefix(err, r, "deny: version '%s'", quote(denial->version, quoted))
                     : 0;
}

static int compile_deny(VersionPolicy *policy, Error *err)
{
        const Denials *deny = &policy->spec->deny;

        policy->n_deny = deny->n;
        policy->deny = arena_alloc_array(&policy->arena, deny->n, sizeof(PolicyDenial));
        if (!policy->deny)
                return error_oom(err);
        for (size_t i = 0; i < deny->n; i++) {
                PolicyDenial *denial = &policy->deny[i];
                int r = 0;

                denial->digest = deny->items[i].digest;
                denial->reason = arena_printf(&policy->arena, "denied by deny[%zu]: %s", i,
                                              deny->items[i].reason);
                if (!denial->reason)
                        return error_oom(err);
                if (deny->items[i].version)
                        r = compile_denied_version(policy, &deny->items[i], denial, err);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* Checks that there is a default channel if one is needed. The schema has a default value, but a
 * spec that was not read from a file may have no default channel. */
static int check_default_channel(const ComponentSpec *spec, Error *err)
{
        bool is_needed = spec->version_rules.n == 0 || spec->versioning_strategy.follow;

        for (size_t i = 0; i < spec->versions.n; i++)
                is_needed |= !spec->versions.items[i].channel;
        if (is_needed && !spec->default_channel)
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "defaultChannel: is missing, and not every version has a channel by rule");
        return 0;
}

int version_policy_new(const ComponentSpec *spec, VersionPolicy **ret, Error *err)
{
        _cleanup_(version_policy_freep) VersionPolicy *policy = calloc(1, sizeof(*policy));
        int r;

        if (!policy)
                return error_oom(err);
        policy->spec = spec;
        version_policy_begin(policy);
        arena_init(&policy->arena, POLICY_MEMORY_MAX);
        r = check_default_channel(spec, err);
        if (r < 0)
                return r;
        r = compile_ignore(policy, err);
        if (r < 0)
                return r;
        r = compile_tag_pattern(policy, err);
        if (r < 0)
                return r;
        r = compile_rules(policy, err);
        if (r < 0)
                return r;
        r = compile_manual(policy, err);
        if (r >= 0)
                r = compile_deny(policy, err);
        if (r < 0)
                return r;
        *ret = TAKE(policy);
        return 0;
}

int version_check_regex(const char *pattern, bool needs_group, Error *err)
{
        _cleanup_(regex_freep) Regex *regex = NULL;
        char quoted[QUOTED_SIZE];
        int r;

        r = regex_new(pattern, &regex, err);
        if (r < 0)
                return r;
        if (needs_group && regex_n_groups(regex) == 0)
                return error_set(
                        err, ERROR_INVALID, -EINVAL,
                        "regular expression '%s' has no capture group: put the version's part in parentheses",
                        quote(pattern, quoted));
        return 0;
}

int version_check_extract(const char *extract, const char *pattern, Error *err)
{
        _cleanup_(regex_freep) Regex *regex = NULL;
        Extract compiled;
        Arena arena;
        int r;

        r = regex_new(pattern, &regex, err);
        if (r < 0)
                return r;
        arena_init(&arena, POLICY_MEMORY_MAX);
        r = extract_compile(extract, regex, &arena, &compiled, err);
        arena_done(&arena);
        return r;
}

int version_has_date_groups(const char *pattern, bool *ret, Error *err)
{
        _cleanup_(regex_freep) Regex *regex = NULL;
        int r;

        r = regex_new(pattern, &regex, err);
        if (r < 0)
                return r;
        *ret = group_or_zero(regex, "year") > 0 || group_or_zero(regex, "month") > 0;
        return 0;
}
