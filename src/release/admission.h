#pragma once

/* Decides whether a digest may be assigned as a version, be a head, enter a release or be promoted,
 * and whether a live release may keep it without drift. No other code decides this. Pure: the
 * caller passes the facts. If the verdict names a missing fact, the caller fetches the fact and
 * calls again. */

#include "base/arena.h"
#include "base/time.h"
#include "model/component.h"
#include "model/version-map.h"
#include "version/policy.h"

/* The purpose of the decision. The table in admission.c has the rules of each. */
typedef enum AdmissionUse {
        ADMIT_ASSIGNMENT, /* assign a version to the digest by hand */
        ADMIT_TAG,        /* use the digest as the version of its tag */
        ADMIT_HEAD,       /* make the digest a head, or show in a preview whether it may be one */
        ADMIT_RELEASE,    /* add the digest to a release that is being frozen */
        ADMIT_PROMOTION,  /* promote a release that has the digest */
        ADMIT_LIVE,       /* keep the digest in a live release without drift */
        ADMISSION_USE_MAX_,
} AdmissionUse;

typedef enum AdmissionVerdict {
        ADMISSION_ADMITTED,
        /* these refuse the digest: */
        ADMISSION_GONE,          /* the registry no longer serves it */
        ADMISSION_PLATFORM_GONE, /* the registry serves it, but not the manifest of a requested
                                  * platform; detail: the platform */
        ADMISSION_DENIED,        /* detail: the reason of the component's deny */
        /* the component requests another kind of artifact; detail: its kind: "a Helm chart" */
        ADMISSION_OTHER_ARTIFACT,
        ADMISSION_LACKS_PLATFORM, /* detail: the missing platform */
        /* no signature that the component requires; detail: where relman searched */
        ADMISSION_SIGNATURE_MISSING,
        ADMISSION_SIGNATURE_INVALID, /* detail: as above, and what is wrong with each signature */
        /* the image is too young; until: the time when it is old enough */
        ADMISSION_TOO_YOUNG,
        ADMISSION_MOVED,     /* the tag of the digest has another image now */
        ADMISSION_TAG_MOVED, /* a release holds another digest under the tag, and no person allowed
                              * the move; detail: the digest that the tag keeps */
        /* these name a missing fact: */
        ADMISSION_NEEDS_CHECK,     /* it is not known whether the registry serves the digest */
        ADMISSION_NEEDS_MANIFEST,  /* the manifest of the digest, or of the current digest of its
                                    * tag */
        ADMISSION_NEEDS_SIGNATURE, /* the result of the verification of its signatures */
        ADMISSION_VERDICT_MAX_,
} AdmissionVerdict;

/* Whether the registry serves something. */
typedef enum Served {
        SERVED_UNKNOWN,
        SERVED_YES,
        SERVED_NO,
} Served;

/* The time since which a tag has the digest. */
typedef struct AdmissionAge {
        usec_t since, now; /* wall */
        bool is_head;      /* the digest is the head already, so its age does not matter */
} AdmissionAge;

/* A digest that releases contain for a tag. */
typedef struct ReleasedDigest {
        const char *digest;
        usec_t at;                         /* time of the newest of these releases */
        const struct ReleasedDigest *next; /* older */
} ReleasedDigest;

/* The facts about a version tag of a component with immutable tags: the digests in releases, and
 * the moves that persons allowed. */
typedef struct AdmissionTag {
        const ReleasedDigest *released; /* newest first; NULL: no release contains the tag */
        const char *allowed;            /* the digest of the last move that a person allowed; NULL:
                                         * none */
        usec_t allowed_at;
        const char *head; /* the tag's digest as head of a channel; NULL: the tag is not a head */
} AdmissionTag;

/* The facts about the digest. Facts that a use does not need are ignored. */
typedef struct AdmissionFacts {
        const AdmissionTag *tag; /* NULL: the tag may have any digest */
        Served served; /* whether the digest and the manifests of admission_images() are served */
        const char *gone_platform;    /* the platform whose manifest is not served; NULL: none */
        const VersionPolicy *policy;  /* NULL: deny is not checked for the digest */
        const char *denied_version;   /* why the version of its tag is denied; NULL if it is not */
        const VerifyRules *verify;    /* the rules about signatures; NULL or empty: none */
        const Manifest *manifest;     /* NULL: not known; its signature counts if it has a policy */
        const AdmissionAge *age;      /* NULL: the age does not matter */
        const char *now;              /* ADMIT_LIVE: the current digest of its tag; NULL: not
                                       * known */
        const Manifest *now_manifest; /* manifest of that digest; NULL: not known */
} AdmissionFacts;

typedef struct Admission {
        AdmissionVerdict verdict;
        const char *detail; /* borrowed; NULL if the verdict has none */
        usec_t until;       /* wall; 0 if the verdict has none */
        const char *wanted; /* ADMISSION_OTHER_ARTIFACT: the requested kind: "a container image" */
} Admission;

/* Decides about a digest. If a known fact refuses the digest, the verdict names no missing fact. */
Admission admission_decide(AdmissionUse use, const ComponentSpec *component, const char *digest,
                           const AdmissionFacts *facts);

/* The subject of a refusal, for messages. */
typedef struct AdmissionAbout {
        const char *component; /* its name */
        const char *tag;       /* NULL if none is known */
        const char *digest;
} AdmissionAbout;

/* Returns the reason why the digest must not enter a release, allocated from the arena. NULL if it
 * may, or if the call to the registry has reported the reason. */
const char *admission_describe(const Admission *admission, const AdmissionAbout *about,
                               Arena *arena);

/* Returns what rules a version out by its manifest or its signatures: "its image lacks platform
 * linux/arm64". Allocated from the arena. NULL for other verdicts, or if memory ran out. */
const char *admission_unfit(const Admission *admission, Arena *arena);

/* Returns whether the component requests artifacts of this kind. artifact is the text of
 * Manifest.artifact. */
bool admission_takes(const ComponentSpec *component, const char *artifact);
/* Returns the reason (CamelCase) of conditions about a digest that its manifest or its signatures
 * rule out. NULL for other verdicts. */
const char *admission_reason(const ComponentSpec *component, AdmissionVerdict verdict);
/* Returns the kind that the component requests, for messages: "a container image". */
const char *admission_artifact_wanted(const ComponentSpec *component);

/* Returns the platforms of an image whose manifests must be served: the platforms that the
 * component requests, or all if it requests none. Excludes platforms whose manifest is the digest
 * itself. Texts are borrowed. Returns 0 or -ENOMEM. */
int admission_images(const ComponentSpec *component, const char *digest,
                     const PlatformDigests *platforms, Arena *arena, PlatformDigests *ret);
