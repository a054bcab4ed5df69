#include "release/admission.h"

#include <errno.h>

#include "model/platform.h"

typedef struct Question {
        AdmissionUse use;
        const ComponentSpec *component;
        const char *digest;
        const AdmissionFacts *facts;
} Question;

typedef Admission (*Rule)(const Question *question);

static Admission verdict(AdmissionVerdict verdict)
{
        return (Admission){ .verdict = verdict };
}

static Admission admission_served(const Question *question)
{
        switch (question->facts->served) {
        case SERVED_UNKNOWN: return verdict(ADMISSION_NEEDS_CHECK);
        case SERVED_NO: return verdict(ADMISSION_GONE);
        case SERVED_YES: break;
        }
        if (question->facts->gone_platform)
                return (Admission){ .verdict = ADMISSION_PLATFORM_GONE,
                                    .detail = question->facts->gone_platform };
        return verdict(ADMISSION_ADMITTED);
}

/* True if the tag may have the digest. A digest that a person allowed (allow-move) replaces the
 * digests of earlier releases. */
static bool counts_for_tag(const AdmissionTag *tag, const char *digest)
{
        if (str_equal(tag->allowed, digest) || str_equal(tag->head, digest))
                return true;
        for (const ReleasedDigest *item = tag->released; item; item = item->next)
                if ((!tag->allowed || item->at > tag->allowed_at) && streq(item->digest, digest))
                        return true;
        return false;
}

static const char *digest_that_counts(const AdmissionTag *tag)
{
        if (tag->head)
                return tag->head;
        if (tag->allowed && (!tag->released || tag->released->at <= tag->allowed_at))
                return tag->allowed;
        return tag->released->digest;
}

/* Decides about a tag that moved. The version keeps the digest that releases contain until a person
 * allows another one. */
static Admission admission_tag(const Question *question)
{
        const AdmissionTag *tag = question->facts->tag;

        if (!tag || (!tag->released && !tag->allowed) || counts_for_tag(tag, question->digest))
                return verdict(ADMISSION_ADMITTED);
        return (Admission){ .verdict = ADMISSION_TAG_MOVED, .detail = digest_that_counts(tag) };
}

static Admission admission_denied(const Question *question)
{
        const AdmissionFacts *facts = question->facts;
        const char *reason = NULL;

        if (facts->policy)
                reason = version_policy_denies(facts->policy, question->digest);
        if (!reason)
                reason = facts->denied_version;
        return (Admission){ .verdict = reason ? ADMISSION_DENIED : ADMISSION_ADMITTED,
                            .detail = reason };
}

/* True if the manifest has the platform. Platforms of manifests are in normal form. */
static bool has_platform(const Manifest *manifest, const char *wanted)
{
        char normal[PLATFORM_SIZE_MAX];

        if (!platform_normalize(wanted, normal))
                return false;
        for (size_t i = 0; i < manifest->platforms.n; i++)
                if (platform_satisfies(normal, manifest->platforms.items[i].platform))
                        return true;
        return false;
}

static bool orders_by_created(const ComponentSpec *component)
{
        return component->versioning_strategy.order_by == ORDER_BY_CREATED;
}

/* The words of messages and conditions about an artifact of another kind than requested. */
typedef struct ArtifactWords {
        const char *wanted, *reason;
} ArtifactWords;

static const ArtifactWords artifact_words[COMPONENT_ARTIFACT_MAX_] = {
        [COMPONENT_ARTIFACT_IMAGE] = { "a container image", "NotAnImage" },
        [COMPONENT_ARTIFACT_CHART] = { ARTIFACT_CHART_NAME, "OtherArtifact" },
        [COMPONENT_ARTIFACT_ANY] = { "an artifact", "NotAnImage" },
};

const char *admission_reason(const ComponentSpec *component, AdmissionVerdict verdict)
{
        switch (verdict) {
        case ADMISSION_OTHER_ARTIFACT: return artifact_words[component->artifact].reason;
        case ADMISSION_LACKS_PLATFORM: return "PlatformMissing";
        case ADMISSION_SIGNATURE_MISSING: return "SignatureMissing";
        case ADMISSION_SIGNATURE_INVALID: return "SignatureInvalid";
        default: return NULL;
        }
}

const char *admission_artifact_wanted(const ComponentSpec *component)
{
        return artifact_words[component->artifact].wanted;
}

bool admission_takes(const ComponentSpec *component, const char *artifact)
{
        switch (component->artifact) {
        case COMPONENT_ARTIFACT_IMAGE: return artifact_kind(artifact) == ARTIFACT_IMAGE;
        case COMPONENT_ARTIFACT_CHART: return artifact_kind(artifact) == ARTIFACT_CHART;
        case COMPONENT_ARTIFACT_ANY:
        case COMPONENT_ARTIFACT_MAX_: break;
        }
        return true;
}

/* Refuses artifacts that the component does not request. Repositories contain images, charts,
 * signatures and other artifacts, all with tags that look like versions. */
static Admission admission_artifact(const Question *question)
{
        const Manifest *manifest = question->facts->manifest;
        const char *is;

        if (!manifest || !manifest->artifact)
                return verdict(ADMISSION_NEEDS_MANIFEST);
        if (admission_takes(question->component, manifest->artifact))
                return verdict(ADMISSION_ADMITTED);
        is = manifest->artifact[0] ? manifest->artifact
                                   : artifact_words[COMPONENT_ARTIFACT_IMAGE].wanted;
        return (Admission){ .verdict = ADMISSION_OTHER_ARTIFACT,
                            .detail = is,
                            .wanted = admission_artifact_wanted(question->component) };
}

/* Refuses an image that lacks a requested platform. If heads are ordered by build time, also
 * requires that the time is known. */
static Admission admission_platforms(const Question *question)
{
        const Strings *wanted = &question->component->platforms;
        const Manifest *manifest = question->facts->manifest;
        bool by_created = question->use == ADMIT_HEAD && orders_by_created(question->component);

        if (wanted->n == 0 && !by_created)
                return verdict(ADMISSION_ADMITTED);
        if (!manifest || (by_created && manifest->created < 0))
                return verdict(ADMISSION_NEEDS_MANIFEST);
        for (size_t i = 0; i < wanted->n; i++)
                if (!has_platform(manifest, wanted->items[i]))
                        return (Admission){ .verdict = ADMISSION_LACKS_PLATFORM,
                                            .detail = wanted->items[i] };
        return verdict(ADMISSION_ADMITTED);
}

static Admission admission_age(const Question *question)
{
        const AdmissionAge *age = question->facts->age;
        usec_t until = age ? age->since + question->component->minimum_age : 0;

        if (!age || question->component->minimum_age == 0 || age->is_head || until <= age->now)
                return verdict(ADMISSION_ADMITTED);
        return (Admission){ .verdict = ADMISSION_TOO_YOUNG, .until = until };
}

/* Refuses an image without a signature that the component requires. This is the last rule about the
 * digest, because only images that would be used are verified. */
static Admission admission_signature(const Question *question)
{
        static const AdmissionVerdict verdicts[SIGNATURE_RESULT_MAX_] = {
                [SIGNATURE_VALID] = ADMISSION_ADMITTED,
                [SIGNATURE_MISSING] = ADMISSION_SIGNATURE_MISSING,
                [SIGNATURE_INVALID] = ADMISSION_SIGNATURE_INVALID,
        };
        const Manifest *manifest = question->facts->manifest;

        if (!question->facts->verify || question->facts->verify->n == 0)
                return verdict(ADMISSION_ADMITTED);
        if (!manifest)
                return verdict(ADMISSION_NEEDS_MANIFEST);
        if (!manifest->signature.policy)
                return verdict(ADMISSION_NEEDS_SIGNATURE);
        return (Admission){ .verdict = verdicts[manifest->signature.result],
                            .detail = manifest->signature.detail };
}

/* --- images ----------------------------------------------------------------------------------- */

/* True if a machine of a platform that the component requests would pull the image for
 * `platform`. */
static bool is_wanted(const ComponentSpec *component, const char *platform,
                      const PlatformDigests *all)
{
        char normal[PLATFORM_SIZE_MAX];

        for (size_t i = 0; i < component->platforms.n; i++)
                if (platform_normalize(component->platforms.items[i], normal) &&
                    platform_is_preferred(normal, platform, all))
                        return true;
        return component->platforms.n == 0;
}

int admission_images(const ComponentSpec *component, const char *digest,
                     const PlatformDigests *platforms, Arena *arena, PlatformDigests *ret)
{
        ret->n = 0;
        ret->items = arena_alloc_array(arena, platforms->n + 1, sizeof(*ret->items));
        for (size_t i = 0; ret->items && i < platforms->n; i++) {
                const PlatformDigest *item = &platforms->items[i];

                if (!streq(item->digest, digest) && is_wanted(component, item->platform, platforms))
                        ret->items[ret->n++] = *item;
        }
        return ret->items ? 0 : -ENOMEM;
}

/* Returns the digest for a platform. Searches from position *at on, so callers must request
 * platforms in their order. */
static const char *digest_of(const PlatformDigests *platforms, const char *platform, size_t *at)
{
        int order = -1;

        while (*at < platforms->n && (order = strcmp(platforms->items[*at].platform, platform)) < 0)
                (*at)++;
        return order == 0 ? platforms->items[*at].digest : NULL;
}

/* True if two manifests have the same image for every requested platform. */
static bool same_images(const ComponentSpec *component, const Manifest *released,
                        const Manifest *now)
{
        size_t n = 0, at = 0;

        for (size_t i = 0; i < released->platforms.n; i++) {
                const PlatformDigest *want = &released->platforms.items[i];

                if (!is_wanted(component, want->platform, &released->platforms))
                        continue;
                if (!str_equal(digest_of(&now->platforms, want->platform, &at), want->digest))
                        return false;
                n++;
        }
        return n > 0;
}

/* Reports drift, unless the tag has a new index with the same images. */
static Admission admission_moved(const Question *question)
{
        const AdmissionFacts *facts = question->facts;

        if (!facts->now || streq(facts->now, question->digest))
                return verdict(ADMISSION_ADMITTED);
        if (!facts->now_manifest || !facts->manifest)
                return verdict(ADMISSION_NEEDS_MANIFEST);
        return verdict(same_images(question->component, facts->manifest, facts->now_manifest)
                               ? ADMISSION_ADMITTED
                               : ADMISSION_MOVED);
}

/* --- messages --------------------------------------------------------------------------------- */

static const char *signature_problem(AdmissionVerdict verdict)
{
        return verdict == ADMISSION_SIGNATURE_MISSING ? "has no signature"
                                                      : "has no valid signature";
}

const char *admission_unfit(const Admission *admission, Arena *arena)
{
        switch (admission->verdict) {
        case ADMISSION_OTHER_ARTIFACT:
                return arena_printf(arena, "it is %s, not %s", admission->detail,
                                    admission->wanted);
        case ADMISSION_LACKS_PLATFORM:
                return arena_printf(arena, "its image lacks platform %s", admission->detail);
        case ADMISSION_SIGNATURE_MISSING:
        case ADMISSION_SIGNATURE_INVALID:
                return arena_printf(arena, "its image %s (%s)",
                                    signature_problem(admission->verdict), admission->detail);
        default: return NULL;
        }
}

const char *admission_describe(const Admission *admission, const AdmissionAbout *about,
                               Arena *arena)
{
        const char *tag = about->tag ? about->tag : "", *at = about->tag ? " at " : "";

        switch (admission->verdict) {
        case ADMISSION_DENIED:
                return arena_printf(arena, "component '%s': %s is %s", about->component,
                                    about->tag ? about->tag : about->digest, admission->detail);
        case ADMISSION_OTHER_ARTIFACT:
                return arena_printf(arena, "component '%s': %s%s%s is %s, not %s", about->component,
                                    tag, at, about->digest, admission->detail, admission->wanted);
        case ADMISSION_LACKS_PLATFORM:
                return arena_printf(arena, "component '%s': %s%s%s lacks platform %s",
                                    about->component, tag, at, about->digest, admission->detail);
        case ADMISSION_SIGNATURE_MISSING:
        case ADMISSION_SIGNATURE_INVALID:
                return arena_printf(arena, "component '%s': %s%s%s %s (%s)", about->component, tag,
                                    at, about->digest, signature_problem(admission->verdict),
                                    admission->detail);
        case ADMISSION_TAG_MOVED:
                return arena_printf(arena,
                                    "component '%s': tag '%s' moved to %s, but a release holds %s; "
                                    "to release the new digest: relmanctl allow-move %s %s",
                                    about->component, tag, about->digest, admission->detail,
                                    about->component, tag);
        case ADMISSION_PLATFORM_GONE:
                return arena_printf(arena,
                                    "component '%s': %s%s%s: the registry no longer has its image "
                                    "for %s; push that image again, or release another version",
                                    about->component, tag, at, about->digest, admission->detail);
        case ADMISSION_ADMITTED:
        case ADMISSION_GONE:            /* the call to the registry reports it */
        case ADMISSION_NEEDS_CHECK:     /* the digest is checked before the release is frozen */
        case ADMISSION_NEEDS_MANIFEST:  /* the manifest is fetched before the release is frozen */
        case ADMISSION_NEEDS_SIGNATURE: /* the image is verified before the release is frozen */
        case ADMISSION_TOO_YOUNG:
        case ADMISSION_MOVED:
        case ADMISSION_VERDICT_MAX_: break;
        }
        return NULL;
}

/* --- rules ------------------------------------------------------------------------------------ */

#define RULES_MAX 7 /* number of rules of one use, with the NULL at the end */

/* The rules of each use, in the order of evaluation: the first refusal is the answer. */
static const Rule rules[ADMISSION_USE_MAX_][RULES_MAX] = {
        [ADMIT_ASSIGNMENT] = { admission_denied },
        [ADMIT_TAG] = { admission_tag },
        [ADMIT_HEAD] = { admission_denied, admission_artifact, admission_platforms, admission_age,
                         admission_signature },
        [ADMIT_RELEASE] = { admission_tag, admission_denied, admission_artifact,
                            admission_platforms, admission_signature, admission_served },
        [ADMIT_PROMOTION] = { admission_served },
        [ADMIT_LIVE] = { admission_served, admission_moved },
};

static bool is_need(AdmissionVerdict verdict)
{
        return verdict == ADMISSION_NEEDS_CHECK || verdict == ADMISSION_NEEDS_MANIFEST ||
               verdict == ADMISSION_NEEDS_SIGNATURE;
}

Admission admission_decide(AdmissionUse use, const ComponentSpec *component, const char *digest,
                           const AdmissionFacts *facts)
{
        const Question question = { use, component, digest, facts };
        Admission answer = { 0 };

        for (size_t i = 0; i < RULES_MAX && rules[use][i]; i++) {
                Admission found = rules[use][i](&question);

                if (found.verdict == ADMISSION_ADMITTED)
                        continue;
                if (!is_need(found.verdict))
                        return found;
                if (answer.verdict == ADMISSION_ADMITTED)
                        answer = found;
        }
        return answer;
}
