/* Classifies one tag, from filters to version. Each step returns 1 (DECIDED), or 0 to continue with
 * the next step. */

#include "version/policy.h"

#include <errno.h>
#include <string.h>

#include "base/escape.h"
#include "base/text.h"
#include "model/image/image.h"
#include "version/date.h"
#include "version/digits.h"
#include "version/policy-compile.h"
#include "version/strategy.h"

#define DECIDED 1

typedef struct Subject {
        VersionPolicy *policy;
        const char *tag;
        size_t size;
        Arena *arena;
        Classification is;
        const char *problem;
} Subject;

static int conclude(Subject *subject, const char *reason)
{
        if (!reason)
                return -ENOMEM;
        subject->is.reason = reason;
        return DECIDED;
}

void version_policy_begin(VersionPolicy *policy)
{
        policy->budget = regex_budget();
        policy->gave_up[0] = '\0';
}

const char *version_policy_gave_up(const VersionPolicy *policy)
{
        return policy->gave_up[0] ? policy->gave_up : NULL;
}

static int match(Subject *subject, Regex *regex, RegexSpan *ret_spans, size_t n_spans)
{
        const RegexText text = { subject->tag, subject->size };

        return regex_match(regex, &subject->policy->budget, &text, ret_spans, n_spans);
}

static int give_up(Subject *subject, const char *field, const char *pattern)
{
        VersionPolicy *policy = subject->policy;
        char quoted_pattern[REASON_QUOTE_SIZE], quoted_tag[REASON_QUOTE_SIZE];

        escape_text(pattern, strlen(pattern), quoted_pattern, sizeof(quoted_pattern));
        escape_text(subject->tag, subject->size, quoted_tag, sizeof(quoted_tag));
        if (regex_budget_is_spent(&policy->budget))
                (void)snprintf(policy->gave_up, sizeof(policy->gave_up),
                               "%s '%s' takes too many steps, last on tag '%s'; rewrite it without "
                               "nested repetition such as (a+)+, or with fewer of .*",
                               field, quoted_pattern, quoted_tag);
        subject->problem = arena_printf(
                subject->arena,
                "%s '%s' was stopped on tag '%s': too many steps; write it without nested repetition",
                field, quoted_pattern, quoted_tag);
        return conclude(subject, subject->problem);
}

/* --- filters --- */

static int filter(Subject *subject)
{
        VersionPolicy *policy = subject->policy;
        const PolicyFilter *wanted = &policy->tag_pattern;
        int r;

        for (size_t i = 0; i < policy->n_ignore; i++) {
                r = match(subject, policy->ignore[i].regex, NULL, 0);
                if (r == -E2BIG)
                        return give_up(subject, policy->ignore[i].name,
                                       policy->spec->ignore_tags.items[i]);
                if (r != 0)
                        return r < 0 ? r : conclude(subject, policy->ignore[i].reason);
        }
        if (!wanted->regex)
                return 0;
        r = match(subject, wanted->regex, policy->spans, policy->tag_reading.max_group + 1);
        if (r == -E2BIG)
                return give_up(subject, wanted->name,
                               policy->spec->versioning_strategy.tag_pattern);
        if (r == 0)
                return conclude(subject, wanted->reason);
        return r < 0 ? r : 0;
}

/* --- versions from the groups of a match ------------------------------------------------------ */

static int read_text(Subject *subject, const char *text, size_t size, const char **ret_reason)
{
        const VersionStrategy *strategy = &subject->policy->spec->versioning_strategy;
        int r;

        r = version_parse(strategy, text, size, subject->arena, &subject->is.version, ret_reason);
        subject->is.counter = r == -EINVAL && strategy->type == STRATEGY_DATE &&
                              !strategy->date_format && date_has_counter_for_day(text, size);
        return r;
}

static DatePart part_of(const Subject *subject, unsigned group)
{
        const RegexSpan *span = &subject->policy->spans[group];

        if (group == 0 || span->offset == (size_t)-1)
                return (DatePart){ 0 };
        return (DatePart){ .data = subject->tag + span->offset, .size = span->size };
}

static int read_date(Subject *subject, const DateGroups *groups, const char **ret_reason)
{
        DateParts parts = {
                .year = part_of(subject, groups->year),
                .month = part_of(subject, groups->month),
                .day = part_of(subject, groups->day),
                .seq = part_of(subject, groups->seq),
        };

        return date_parse_parts(&parts, subject->arena, &subject->is.version, ret_reason);
}

static int read_extracted(Subject *subject, const Reading *reading, const char **ret_reason)
{
        Extracted found;
        int r;

        r = extract_apply(&reading->extract, subject->tag, subject->policy->spans, subject->arena,
                          &found);
        if (r == -E2BIG)
                return refuse(ret_reason, "semverExtract makes too long a text of it");
        if (r < 0)
                return r;
        if (!found.data)
                return refuse(ret_reason, "the group for the version took no part in the match");
        return read_text(subject, found.data, found.size, ret_reason);
}

/* Reads the version from the spans of a match. Returns 0 if there is one, DECIDED with the reason
 * if there is none, or -ENOMEM. */
static int read_version(Subject *subject, const Reading *reading)
{
        const char *reason = NULL;
        char quoted[REASON_QUOTE_SIZE];
        int r;

        if (reading->date.year > 0)
                r = read_date(subject, &reading->date, &reason);
        else
                r = read_extracted(subject, reading, &reason);
        if (r != -EINVAL)
                return r;
        return conclude(subject,
                        arena_printf(subject->arena, "%s '%s' matches it, but: %s", reading->name,
                                     escape_text(reading->pattern, strlen(reading->pattern), quoted,
                                                 sizeof(quoted)),
                                     reason));
}

/* --- rules --- */

static int take_by_rule(Subject *subject, size_t index)
{
        PolicyRule *rule = &subject->policy->rules[index];
        char field[80];
        int r;

        r = read_version(subject, &rule->reading);
        if (r != 0)
                return r;
        subject->is.prerelease = subject->is.version.prerelease != NULL;
        if (rule->prerelease) {
                r = match(subject, rule->prerelease, NULL, 0);
                if (r == -E2BIG) {
                        snprintf(field, sizeof(field), "%s.prereleasePattern", rule->reading.name);
                        return give_up(subject, field,
                                       subject->policy->spec->version_rules.items[index]
                                               .prerelease_pattern);
                }
                if (r < 0)
                        return r;
                subject->is.prerelease |= r > 0;
        }
        subject->is.channel = rule->channel;
        subject->is.rule = (int)index;
        subject->is.eligible = true;
        rule->n_taken++;
        return conclude(subject, rule->reason);
}

static int try_rules(Subject *subject)
{
        VersionPolicy *policy = subject->policy;
        char field[80];
        int r;

        for (size_t i = 0; i < policy->n_rules; i++) {
                const Reading *reading = &policy->rules[i].reading;

                r = match(subject, reading->regex, policy->spans, reading->max_group + 1);
                if (r == -E2BIG) {
                        snprintf(field, sizeof(field), "%s.pattern", reading->name);
                        return give_up(subject, field, reading->pattern);
                }
                if (r != 0)
                        return r < 0 ? r : take_by_rule(subject, i);
        }
        return conclude(subject, policy->unruled);
}

/* --- without rules --- */

/* Returns the letters at the start of a prerelease in lower case: rc.1 and RC1 both give rc. NULL
 * if memory ran out. */
static const char *channel_of_prerelease(Subject *subject, const char *prerelease)
{
        size_t n = 0;
        char *channel;

        while (is_letter(prerelease[n]))
                n++;
        if (n == 0)
                return "prerelease";
        channel = arena_strndup(subject->arena, prerelease, n);
        for (size_t i = 0; channel && i < n; i++)
                channel[i] = text_lower(channel[i]);
        return channel;
}

static int read_alone(Subject *subject)
{
        const VersionPolicy *policy = subject->policy;
        const char *reason = NULL;
        int r;

        if (policy->tag_reading.regex)
                return read_version(subject, &policy->tag_reading);
        r = read_text(subject, subject->tag, subject->size, &reason);
        return r == -EINVAL ? conclude(subject, reason) : r;
}

static int take_alone(Subject *subject)
{
        Classification *is = &subject->is;
        int r;

        r = read_alone(subject);
        if (r != 0)
                return r;
        is->prerelease = is->version.prerelease != NULL;
        is->channel = is->prerelease ? channel_of_prerelease(subject, is->version.prerelease)
                                     : subject->policy->spec->default_channel;
        if (!is->channel)
                return -ENOMEM;
        is->eligible = true;
        return conclude(subject, subject->policy->alone);
}

/* --- manual --- */

static int assign(Subject *subject)
{
        const ComponentSpec *spec = subject->policy->spec;
        const ManualVersion *manual = map_get(&subject->policy->manual, subject->tag);
        Classification *is = &subject->is;
        const char *reason = NULL;
        int r;

        if (!manual)
                return 0;
        r = version_parse_assigned(&spec->versioning_strategy, manual->semver, subject->arena,
                                   &is->version, &reason);
        if (r < 0)
                return r;
        is->channel = manual->channel ? manual->channel : spec->default_channel;
        is->prerelease = is->version.prerelease != NULL;
        is->source = VERSION_MANUAL;
        is->eligible = true;
        return conclude(subject, arena_printf(subject->arena, "assigned by versions[%zu]",
                                              (size_t)(manual - spec->versions.items)));
}

/* --- follow --- */

/* Accepts only the tag that the strategy follows. Each new digest of this tag is newer than the
 * previous one. */
static int follow(Subject *subject)
{
        const ComponentSpec *spec = subject->policy->spec;
        const char *tag = spec->versioning_strategy.follow;
        static const VersionStrategy lexical = { .type = STRATEGY_LEXICAL };
        const char *reason;
        int r;

        if (!streq(subject->tag, tag))
                return conclude(subject, arena_printf(subject->arena,
                                                      "not the tag that is followed, '%s'", tag));
        r = version_parse(&lexical, subject->tag, subject->size, subject->arena,
                          &subject->is.version, &reason);
        if (r < 0)
                return r;
        subject->is.channel = spec->default_channel;
        subject->is.eligible = true;
        return conclude(subject, "followed: its digest is the version");
}

/* --- deny --- */

static bool is_denied(const PolicyDenial *denial, const Version *version)
{
        return !denial->digest && version_wish_matches(&denial->wish, version, true);
}

static int deny(const VersionPolicy *policy, Subject *subject)
{
        for (size_t i = 0; i < policy->n_deny; i++)
                if (is_denied(&policy->deny[i], &subject->is.version)) {
                        subject->is.eligible = false;
                        subject->is.denied = true;
                        return conclude(subject, policy->deny[i].reason);
                }
        return 0;
}

const char *version_policy_denies(const VersionPolicy *policy, const char *digest)
{
        for (size_t i = 0; i < policy->n_deny; i++)
                if (str_equal(policy->deny[i].digest, digest))
                        return policy->deny[i].reason;
        return NULL;
}

static int decide(Subject *subject)
{
        bool follows = subject->policy->spec->versioning_strategy.follow;
        int r;

        if (!follows && subject->policy->manual.n > 0) {
                r = assign(subject);
                if (r != 0)
                        return r;
        }
        if (tag_is_referrer(subject->tag))
                return conclude(subject, "the tag of a signature or another referrer of an image");
        if (follows)
                return follow(subject);
        if (subject->policy->gave_up[0]) {
                subject->problem = subject->policy->gave_up;
                return conclude(subject, subject->problem);
        }
        r = filter(subject);
        if (r != 0)
                return r;
        return subject->policy->n_rules > 0 ? try_rules(subject) : take_alone(subject);
}

int version_policy_classify(VersionPolicy *policy, const char *tag, Arena *arena,
                            Classification *ret, const char **ret_problem)
{
        Subject subject = {
                .policy = policy,
                .tag = tag,
                .size = strlen(tag),
                .arena = arena,
                .is = { .rule = -1 },
        };
        int r;

        r = decide(&subject);
        if (r >= 0 && subject.is.eligible)
                r = deny(policy, &subject);
        if (r < 0)
                return r;
        if (!subject.is.eligible && !subject.is.denied)
                subject.is.version = (Version){ 0 };
        if (subject.problem && ret_problem)
                *ret_problem = subject.problem;
        *ret = subject.is;
        return 0;
}

int version_policy_assign(const VersionPolicy *policy, const char *text, const char *channel,
                          Arena *arena, Classification *ret, const char **ret_reason)
{
        Subject subject = { .arena = arena, .is = { .rule = -1 } };
        Classification *is = &subject.is;
        int r;

        r = version_parse_assigned(&policy->spec->versioning_strategy, text, arena, &is->version,
                                   ret_reason);
        if (r < 0)
                return r;
        is->channel = channel;
        is->prerelease = is->version.prerelease != NULL;
        is->source = VERSION_MANUAL;
        is->eligible = true;
        is->reason = "assigned over the API";
        r = deny(policy, &subject);
        *ret = subject.is;
        return r;
}

size_t version_policy_unused_rules(const VersionPolicy *policy, size_t *ret_indices, size_t max)
{
        size_t n = 0;

        for (size_t i = 0; i < policy->n_rules; i++) {
                if (policy->rules[i].n_taken > 0)
                        continue;
                if (n < max)
                        ret_indices[n] = i;
                n++;
        }
        return n;
}
