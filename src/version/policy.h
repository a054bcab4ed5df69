#pragma once

/* A component's rules, compiled: which tag is which version in which channel, and why. Design:
 * filters (ignoreTags, tagPattern), then versionRules in order, then the strategy. Pure, and the
 * same for one tag whatever the others are. */

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "model/component.h"
#include "version/version.h"

typedef struct VersionPolicy VersionPolicy;

/* Fails with ERROR_INVALID, naming the field, if a pattern or template is bad. spec must outlive
 * it. */
int version_policy_new(const ComponentSpec *spec, VersionPolicy **ret, Error *err);
VersionPolicy *version_policy_free(VersionPolicy *policy);

/* Begins a run over the tags of the component: what patterns may take together is full again. A
 * new policy has begun one. */
void version_policy_begin(VersionPolicy *policy);

/* Why the patterns were given up in this run: the field, the pattern and a tag, and what to do.
 * NULL: they were not. Then no classification of the run counts, and what was known stands. Lives
 * until the next run. */
const char *version_policy_gave_up(const VersionPolicy *policy);
DEFINE_FREEP(VersionPolicy, version_policy_free)

typedef struct Classification {
        bool eligible;
        bool denied;     /* by deny: it would be eligible otherwise */
        bool prerelease; /* valid if eligible */
        int rule;        /* index into versionRules; -1: none (strategy alone, or not eligible) */
        VersionSource source; /* manual: assigned by spec.versions or over the API */
        Version version;      /* valid if eligible */
        const char *channel;  /* likewise */
        const char *reason;   /* why not eligible, or which rule took it: for people */
} Classification;

/* Texts in *ret live in the arena, the spec, the policy or are constants. Returns 0, or -ENOMEM. A
 * rule that hits the match limit makes the tag not eligible, its reason names the rule, and
 * ret_problem (may be NULL) is set to that text. After REGEX_RUN_STOPS_MAX of them, or
 * REGEX_RUN_STEPS_MAX, the patterns are given up: nothing is matched for the rest of the run. */
int version_policy_classify(VersionPolicy *policy, const char *tag, Arena *arena,
                            Classification *ret, const char **ret_problem);

/* What people assigned to a digest: text is read as the strategy reads people's words; deny still
 * holds. -EINVAL with *ret_reason if it is no version. */
int version_policy_assign(const VersionPolicy *policy, const char *text, const char *channel,
                          Arena *arena, Classification *ret, const char **ret_reason);

/* Why a digest may not be chosen (deny); NULL if it may. Lives as long as the policy. */
const char *version_policy_denies(const VersionPolicy *policy, const char *digest);

/* Rules that took none of the tags classified since the policy was made: a warning, not a green
 * light. */
size_t version_policy_unused_rules(const VersionPolicy *policy, size_t *ret_indices, size_t max);

/* A digest of everything that decides tag -> version (filters, strategy, rules, manual versions):
 * equal digest, equal answers. */
void version_policy_digest(const ComponentSpec *spec, char ret_digest[DIGEST_SIZE_MAX]);

/* Checks used on specs, with what is wrong in err. */
int version_check_regex(const char *pattern, bool needs_group, Error *err);
int version_check_extract(const char *extract, const char *pattern, Error *err);
