#pragma once

/* The one rule about digests: may a digest head a channel, be assigned as a version, enter a
 * release or be promoted, and is what a live release holds still what the registry serves? Every
 * place that needs the answer asks here, so that they cannot differ. Pure: the caller brings the
 * facts, and fetches the one that is missing. */

#include "base/arena.h"
#include "base/time.h"
#include "model/component.h"
#include "model/version-map.h"
#include "version/policy.h"

/* What the digest is to be used for. Each use has its rules: see the table in admission.c. */
typedef enum AdmissionUse {
        ADMIT_ASSIGNMENT, /* a person assigns a version to it */
        ADMIT_HEAD,       /* it heads a channel, now or in a preview */
        ADMIT_RELEASE,    /* it enters a release that is being frozen */
        ADMIT_PROMOTION,  /* its release gets to an environment */
        ADMIT_LIVE,       /* it stays in a live release without drift */
        ADMISSION_USE_MAX_,
} AdmissionUse;

typedef enum AdmissionVerdict {
        ADMISSION_ADMITTED,
        /* refused: */
        ADMISSION_GONE,           /* the registry no longer serves it */
        ADMISSION_PLATFORM_GONE,  /* the registry serves it, but not the manifest of a platform that
                                     the component wants; detail: the platform */
        ADMISSION_DENIED,         /* detail: the reason of the component's deny */
        ADMISSION_NOT_AN_IMAGE,   /* detail: what it is: "a Helm chart" */
        ADMISSION_LACKS_PLATFORM, /* detail: the platform that the component asks for */
        ADMISSION_TOO_YOUNG,      /* until: when it is old enough */
        ADMISSION_MOVED,          /* its tag leads to another image */
        /* a fact is missing: */
        ADMISSION_NEEDS_CHECK,    /* whether the registry serves the digest */
        ADMISSION_NEEDS_MANIFEST, /* the manifest of the digest, or of what its tag leads to now */
        ADMISSION_VERDICT_MAX_,
} AdmissionVerdict;

/* Whether the registry serves something. */
typedef enum Served {
        SERVED_UNKNOWN,
        SERVED_YES,
        SERVED_NO,
} Served;

/* Since when a tag has had the digest. */
typedef struct AdmissionAge {
        usec_t since, now; /* wall */
        bool is_head;      /* it heads its channel already: then it is old enough */
} AdmissionAge;

/* What is known of the digest. A use ignores the facts that its rules do not ask for. */
typedef struct AdmissionFacts {
        Served served;                /* the digest, and the manifests of admission_images() */
        const char *gone_platform;    /* the platform whose manifest is not served; NULL: none */
        const VersionPolicy *policy;  /* NULL: denied digests do not matter */
        const char *denied_version;   /* why the version of its tag is denied; NULL if it is not */
        const Manifest *manifest;     /* NULL: not known */
        const AdmissionAge *age;      /* NULL: the age does not matter */
        const char *now;              /* ADMIT_LIVE: the digest its tag leads to; NULL: not known */
        const Manifest *now_manifest; /* of that; NULL: not known */
} AdmissionFacts;

typedef struct Admission {
        AdmissionVerdict verdict;
        const char *detail; /* borrowed; NULL if the verdict has none */
        usec_t until;       /* wall; 0 if the verdict has none */
} Admission;

/* A refusal comes before a missing fact: what is refused anyway is not asked for. */
Admission admission_decide(AdmissionUse use, const ComponentSpec *component, const char *digest,
                           const AdmissionFacts *facts);

/* What a refusal is about. */
typedef struct AdmissionAbout {
        const char *component; /* its name */
        const char *tag;       /* NULL if none is known */
        const char *digest;
} AdmissionAbout;

/* Why it is refused to a release, for people, in the arena; NULL if it is not, or if the call that
 * asked the registry says why. */
const char *admission_describe(const Admission *admission, const AdmissionAbout *about,
                               Arena *arena);

/* Those of an image's platforms whose manifests must be served: the ones that the component wants,
 * all if it names none; without those that are the digest itself. Their texts are borrowed.
 * -ENOMEM. */
int admission_images(const ComponentSpec *component, const char *digest,
                     const PlatformDigests *platforms, Arena *arena, PlatformDigests *ret);
