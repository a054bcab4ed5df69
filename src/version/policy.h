#pragma once

/* The compiled rules of a component. They decide which version and channel a tag has, and give the
 * reason. The steps are filters (ignoreTags, tagPattern), then versionRules in order, then the
 * strategy. Pure. If the patterns are too slow, the run gives them up; otherwise the result for a
 * tag does not depend on other tags. */

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "model/component.h"
#include "version/version.h"

typedef struct VersionPolicy VersionPolicy;

/* Compiles the rules of a spec, which must outlive the policy. ERROR_INVALID names the field with
 * an invalid pattern, template or version. */
int version_policy_new(const ComponentSpec *spec, VersionPolicy **ret, Error *err);
VersionPolicy *version_policy_free(VersionPolicy *policy);

/* Begins a run over the tags of the component with a full budget for its patterns. A new policy
 * needs no call. */
void version_policy_begin(VersionPolicy *policy);

/* Returns why this run gave up the patterns: the field, the pattern, a tag and the next step.
 * Returns NULL if the run did not. If it did, the caller must drop all classifications of the run
 * and keep the earlier ones. The text is valid until the next run. */
const char *version_policy_gave_up(const VersionPolicy *policy);
DEFINE_FREEP(VersionPolicy, version_policy_free)

typedef struct Classification {
        bool eligible;
        bool denied;     /* deny has an entry for the version, which would be eligible otherwise */
        bool prerelease; /* valid if eligible */
        /* the tag is not eligible, and is probably calver with a counter
         * (date_has_counter_for_day()) */
        bool counter;
        int rule; /* index of the rule in versionRules; -1: none */
        /* VERSION_MANUAL: assigned in versions of the spec, or over the API */
        VersionSource source;
        Version version;     /* valid if eligible or denied */
        const char *channel; /* valid if eligible or denied */
        const char *reason;  /* a text for people: why the tag is not eligible, or which rule
                              * matched */
} Classification;

/* Classifies a tag. Returns 0 or -ENOMEM. Texts in *ret are owned by the arena, the spec or the
 * policy, or are static. If a match reaches the match limit, the tag is not eligible, and the
 * reason names the pattern. *ret_problem is then set to this reason (ret_problem may be NULL).
 * After REGEX_RUN_STOPS_MAX such matches or REGEX_RUN_STEPS_MAX steps, the policy gives up the
 * patterns: it matches nothing for the rest of the run. */
int version_policy_classify(VersionPolicy *policy, const char *tag, Arena *arena,
                            Classification *ret, const char **ret_problem);

/* Classifies a digest to which a person assigned the version text over the API. deny still applies.
 * Returns 0 or more, -EINVAL with *ret_reason if text is not a version, or -ENOMEM. */
int version_policy_assign(const VersionPolicy *policy, const char *text, const char *channel,
                          Arena *arena, Classification *ret, const char **ret_reason);

/* Returns the reason of the entry of deny for this digest; NULL if there is none. The policy owns
 * it. */
const char *version_policy_denies(const VersionPolicy *policy, const char *digest);

/* Sets ret_indices to at most max indices of rules that matched no tag since the policy was made.
 * Returns the number of all such rules. */
size_t version_policy_unused_rules(const VersionPolicy *policy, size_t *ret_indices, size_t max);

/* Sets ret_digest to a digest of all settings that decide the version of a tag. With equal digests,
 * all tags are classified equally. */
void version_policy_digest(const ComponentSpec *spec, char ret_digest[DIGEST_SIZE_MAX]);
/* True if both have the same digest. This takes a tenth of the time of computing two digests. False
 * if memory ran out. */
bool version_policy_is_same(const ComponentSpec *a, const ComponentSpec *b);

/* The next two functions check a field of a spec. They return 0, or ERROR_INVALID with the
 * fault. */
int version_check_regex(const char *pattern, bool needs_group, Error *err);
int version_check_extract(const char *extract, const char *pattern, Error *err);

/* Sets *ret to whether a pattern has a group named year or month. */
int version_has_date_groups(const char *pattern, bool *ret, Error *err);
