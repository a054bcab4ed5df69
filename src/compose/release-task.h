#pragma once

/* Turns a draft into a release: declarations shared by its files. */

#include "base/map.h"
#include "compose/drafts.h"
#include "release/compose.h"
#include "release/tag-guard.h"

/* One component of a release while its digest is being found. */
typedef struct Part {
        ReleaseTask *task;
        const Want *want;
        const char *registry; /* key of the registry in use */
        RegistryCall *call;
        TagRecord tag; /* WANT_TAG: current state in the registry */
        bool has_tag;
        Channels channels;    /* stored heads, as far as the want needs them; WANT_TAG: read by
                                 release_task_read_guarded() */
        VersionMaps versions; /* the version of the digest; WANT_VERSION: all, newest first */
        Picked picked;
        TagGuardRows guarded;   /* WANT_TAG: what is stored about moves of the tag */
        const Manifest *stored; /* the manifest of the picked digest; NULL: it is not stored */
        Manifest manifest;
        bool has_manifest, was_known;
        ImageFactList images; /* what was read of the image, or stored with its head */
        bool is_served; /* the registry serves the manifest, and the manifests of its platforms */
        const char *gone_platform; /* a platform whose manifest the registry does not have; NULL:
                                      none */
        const char *problem;
} Part;

/* The kind of requests in progress. */
typedef enum TaskStep {
        TASK_TAGS,
        TASK_MANIFESTS, /* manifests that are not known yet */
        TASK_IMAGES,    /* checks that the registry serves the manifests, and the manifests of
                         * their platforms */
} TaskStep;

struct ReleaseTask {
        DraftState *draft;
        Model *model; /* wants point into it */
        Arena arena;
        Wants wants;
        Part *parts;
        unsigned n_calls;
        void (*next)(ReleaseTask *task); /* called when no request is in progress; may free the
                                          * task */
        TaskStep step;
        Release published; /* the release in the existing lockfile */
        bool is_published;
        Release base; /* mode partial: the components of pinFrom */
        ReleaseProblems problems;
        ImageFactList images; /* stored facts of the digests of all parts */
        Map stored_images;    /* the same: digest -> ImageFacts * */
};

/* Reads the facts about the component. Returns false if it is not active; it is active while the
 * task is current. */
bool part_component(const Part *part, Component *ret);

const Control *task_control(const ReleaseTask *task);

/* release-facts.c: reads what the database knows of all wants, and of the digests that were picked.
 */
int release_task_read_wants(ReleaseTask *task, Error *err);
int release_task_read_manifests(ReleaseTask *task, Error *err);
/* Reads again what decides whether a tag may enter the release. */
int release_task_read_guarded(ReleaseTask *task, Error *err);

/* release-images.c: facts of the images. Reads those that are stored. */
int release_task_read_images(ReleaseTask *task, Error *err);
/* Keeps facts that were read. They are optional: without memory they are unknown. */
void part_add_images(Part *part, const ImageFactList *images);
/* Returns the way in which these images are checked: facts that are missing are read, unless the
 * registry counts requests. */
ImagesWay part_images_way(const Part *part, const Component *component,
                          const ImagesQuestion *question);
/* Sets *ret to the configurations of the platforms, as far as they are known. -ENOMEM. */
int part_configs(const Part *part, Arena *arena, PlatformDigests *ret);
/* Adds the facts that are not stored yet. -ENOMEM. */
int release_task_put_images(ReleaseTask *task, Changes *changes);

bool part_names_tag(const Part *part);
const ReleaseComponent *release_task_published(const ReleaseTask *task, const char *component_id);

/* release-ask.c: send requests if needed. Failures are stored in the part's problem. */
void part_ask_tag(Part *part);
void part_ask_manifest(Part *part);
void part_ask_images(Part *part);
const Error *part_unserved(const Part *part, Error *err);

/* release-problems.c: returns all problems as one text, and each in task->problems; NULL if there
 * are none. */
const char *release_task_problems(ReleaseTask *task);
