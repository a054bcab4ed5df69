#pragma once

/* A component's compiled rules: which tag is which version in which channel, and why. The steps are
 * filters (ignoreTags, tagPattern), then versionRules in order, then the strategy. Pure; the result
 * for a tag does not depend on other tags. */

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "model/component.h"
#include "version/version.h"

typedef struct VersionPolicy VersionPolicy;

/* Fails with ERROR_INVALID, naming the field, if a pattern or template is invalid. spec must
 * outlive it. */
int version_policy_new(const ComponentSpec *spec, VersionPolicy **ret, Error *err);
VersionPolicy *version_policy_free(VersionPolicy *policy);

/* Begins a run over the tags of the component and refills the budget of its patterns. A new policy
 * has begun a run. */
void version_policy_begin(VersionPolicy *policy);

/* Returns why the patterns were given up in this run: the field, the pattern, a tag and the next
 * step. NULL: they were not. If they were, no classification of the run counts, and the earlier
 * ones stay. The text lives until the next run. */
const char *version_policy_gave_up(const VersionPolicy *policy);
DEFINE_FREEP(VersionPolicy, version_policy_free)

typedef struct Classification {
        bool eligible;
        bool denied;     /* by deny; otherwise it would be eligible */
        bool prerelease; /* valid if eligible */
        bool counter;    /* not eligible: calver with a counter (date.h), which is not a date */
        int rule;        /* index into versionRules; -1: none (strategy alone, or not eligible) */
        VersionSource source; /* manual: assigned by spec.versions or over the API */
        Version version;      /* valid if eligible or denied */
        const char *channel;  /* valid if eligible or denied */
        const char *reason;   /* why it is not eligible, or which rule took it: a text for people */
} Classification;

/* Texts in *ret live in the arena, the spec or the policy, or are constants. Returns 0 or -ENOMEM.
 * A rule that reaches the match limit makes the tag ineligible. Then the reason names the rule, and
 * ret_problem (may be NULL) is set to that text. After REGEX_RUN_STOPS_MAX such rules, or
 * REGEX_RUN_STEPS_MAX, the patterns are given up: nothing is matched for the rest of the run. */
int version_policy_classify(VersionPolicy *policy, const char *tag, Arena *arena,
                            Classification *ret, const char **ret_problem);

/* Classifies a digest with an assigned version. text is read as version_parse_assigned() does; deny
 * still applies. Returns -EINVAL with *ret_reason if it is not a version. */
int version_policy_assign(const VersionPolicy *policy, const char *text, const char *channel,
                          Arena *arena, Classification *ret, const char **ret_reason);

/* Why a digest may not be chosen (deny); NULL if it may. Lives as long as the policy. */
const char *version_policy_denies(const VersionPolicy *policy, const char *digest);

/* Returns the rules that matched no tag since the policy was made. They cause a warning. */
size_t version_policy_unused_rules(const VersionPolicy *policy, size_t *ret_indices, size_t max);

/* A digest of all settings that decide the version of a tag: filters, strategy, rules, manual
 * versions. Equal digests give equal results. */
void version_policy_digest(const ComponentSpec *spec, char ret_digest[DIGEST_SIZE_MAX]);
/* Returns whether both have the same digest, in a tenth of the time. False without memory. */
bool version_policy_is_same(const ComponentSpec *a, const ComponentSpec *b);

/* Checks a field of a spec; err describes the fault. */
int version_check_regex(const char *pattern, bool needs_group, Error *err);
int version_check_extract(const char *extract, const char *pattern, Error *err);

/* Sets *ret if a rule's pattern splits a date into the groups year and month. */
int version_has_date_groups(const char *pattern, bool *ret, Error *err);
