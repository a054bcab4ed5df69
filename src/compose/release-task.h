#pragma once

/* Declarations that the files of the release task share. A release task turns a draft into a
 * release. */

#include "base/map.h"
#include "compose/drafts.h"
#include "release/compose.h"
#include "release/tag-guard.h"
#include "verify/verification.h"

/* One component of a release while its digest is being found. */
typedef struct Part {
        ReleaseTask *task;
        const Want *want;
        const char *registry; /* key of the registry in use */
        RegistryCall *call;
        VerifyPolicy verify;
        Verification *verification;
        TagRecord tag; /* WANT_TAG: current state in the registry */
        bool has_tag;
        Channels channels;    /* the stored heads that the request needs; WANT_TAG: read by
                               * release_task_read_guarded() */
        VersionMaps versions; /* the version of the digest; WANT_VERSION: all, newest first */
        Picked picked;
        TagGuardRows guarded;   /* WANT_TAG: the stored moves of the tag */
        const Manifest *stored; /* the manifest of the picked digest; NULL: not stored */
        Manifest manifest;
        bool has_manifest, was_known;
        bool is_verified;     /* this task has verified the signatures */
        ImageFactList images; /* facts that were read from the image, or stored with its head */
        bool is_served; /* the registry serves the manifest, and the manifests of its platforms */
        const char *gone_platform; /* a platform without a manifest in the registry; NULL: none */
        const char *problem;
} Part;

/* The kind of the requests in progress. */
typedef enum TaskStep {
        TASK_TAGS,
        TASK_MANIFESTS, /* manifests that are not known yet */
        TASK_SIGNATURES,
        TASK_IMAGES, /* checks that the registry serves the manifests, and the manifests of
                      * their platforms */
} TaskStep;

struct ReleaseTask {
        DraftState *draft;
        Model *model; /* the requests for components point into this model */
        Arena arena;
        Wants wants;
        Part *parts;
        unsigned n_calls;
        void (*next)(ReleaseTask *task); /* called when no request is in progress; may free the
                                          * task */
        TaskStep step;
        Release published; /* the release in the existing lockfile */
        bool is_published;
        Release base; /* mode partial: the release that is deployed in the environment of pinFrom */
        ReleaseProblems problems;
        ImageFactList images; /* stored facts of the digests of all parts */
        Map stored_images;    /* index of images: digest -> ImageFacts * */
};

/* Reads the facts about the component. Returns false if the component is not active, which cannot
 * occur while the task is current. */
bool part_component(const Part *part, Component *ret);

const Control *task_control(const ReleaseTask *task);

/* release-facts.c: read the stored facts about all requested components, and about the picked
 * digests. */
int release_task_read_wants(ReleaseTask *task, Error *err);
int release_task_read_manifests(ReleaseTask *task, Error *err);
/* Reads again the facts that decide whether a tag may enter the release. */
int release_task_read_guarded(ReleaseTask *task, Error *err);

/* release-images.c: reads the stored facts of the images. */
int release_task_read_images(ReleaseTask *task, Error *err);
/* Adds facts that were read. Facts are optional: if memory runs out, they are unknown. */
void part_add_images(Part *part, const ImageFactList *images);
/* Returns how to check these images. If facts are missing, the manifests are read, unless the
 * registry limits pulls. */
ImagesWay part_images_way(const Part *part, const Component *component,
                          const ImagesQuestion *question);
/* Sets *ret to the known config digests of the platforms. -ENOMEM. */
int part_configs(const Part *part, Arena *arena, PlatformDigests *ret);
/* Sets *ret to the source that the images of the part name. */
void part_source(const Part *part, Arena *arena, ComponentSource *ret);
/* Adds the facts that are not stored yet. */
void release_task_put_images(const ReleaseTask *task, Changes *changes);

bool part_names_tag(const Part *part);
const ReleaseComponent *release_task_published(const ReleaseTask *task, const char *component_id);

/* release-ask.c: send requests if needed. Store failures in part->problem. */
/* Runs the step for a part: `try` starts a request, and returns 1 if it did, 0 if none is needed.
 */
typedef int (*PartTry)(Part *part, const Component *component, Error *err);
void part_ask(Part *part, PartTry try);
/* Called with each answer. Returns false if the draft begins again, which frees the part. */
bool part_answered(Part *part, const Error *error);
void part_ask_tag(Part *part);
void part_ask_manifest(Part *part);
void part_ask_images(Part *part);

/* release-signatures.c: part_verify_rules() returns the rules about signatures.
 * part_ask_signatures() verifies the signatures of the picked digest, unless a stored result is
 * still valid. release_task_put_signatures() adds the results to the changes. */
const VerifyRules *part_verify_rules(const Part *part);
void part_ask_signatures(Part *part);
void release_task_put_signatures(const ReleaseTask *task, Changes *changes);
const Error *part_unserved(const Part *part, Error *err);

/* release-problems.c: returns all problems as one text, or NULL if there are none. Sets
 * task->problems to the single problems. */
const char *release_task_problems(ReleaseTask *task);
