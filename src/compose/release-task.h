#pragma once

/* A draft on its way to a release: what the files of it share. */

#include "compose/drafts.h"
#include "release/compose.h"

/* One want on its way to a digest. */
typedef struct Part {
        ReleaseTask *task;
        const Want *want;
        const char *registry; /* key of the registry that is asked */
        RegistryCall *call;
        TagRecord tag; /* WANT_TAG: as the registry has it now */
        bool has_tag;
        Picked picked;
        Manifest manifest;
        bool has_manifest, was_known;
        bool is_served;            /* it was asked for, with its platforms */
        const char *gone_platform; /* the registry does not have its manifest; NULL */
        const char *problem;
} Part;

/* What the registry is being asked for. */
typedef enum TaskStep {
        TASK_TAGS,
        TASK_MANIFESTS, /* that are not known yet */
        TASK_IMAGES,    /* whether manifests and those of their platforms are there */
} TaskStep;

struct ReleaseTask {
        DraftState *draft;
        Model *model; /* that it was made from: wants point into it */
        Arena arena;
        Wants wants;
        Part *parts;
        unsigned n_calls;
        void (*next)(ReleaseTask *task); /* called once no call is under way; may free the task */
        TaskStep step;
        Release published; /* of the lockfile that is there */
        bool is_published;
        Release base; /* mode partial: what pinFrom runs */
        ReleaseProblems problems;
};

/* What is known of the wanted component. False if it is not served, which it is while the task is
 * current. */
bool part_component(const Part *part, Component *ret);

const Control *task_control(const ReleaseTask *task);

/* release-ask.c: what is to be asked of a registry, if anything is. Failures are the part's
 * problem. */
void part_ask_tag(Part *part);
void part_ask_manifest(Part *part);
void part_ask_images(Part *part);
const Error *part_unserved(const Part *part, Error *err);

/* release-problems.c: all that is wrong, in one text, and each in task->problems; NULL if nothing
 * is. */
const char *release_task_problems(ReleaseTask *task);
