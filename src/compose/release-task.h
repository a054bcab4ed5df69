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
        const char *problem;
} Part;

struct ReleaseTask {
        DraftState *draft;
        Model *model; /* that it was made from: wants point into it */
        Arena arena;
        Wants wants;
        Part *parts;
        unsigned n_calls;
        bool picking;      /* tags are being asked for; else manifests */
        Release published; /* of the lockfile that is there */
        bool is_published;
        Release base; /* mode partial: what pinFrom runs */
        ReleaseProblems problems;
};

/* What is known of the wanted component. False if it is not served, which it is while the task is
 * current. */
bool part_component(const Part *part, Component *ret);

/* release-problems.c: all that is wrong, in one text, and each in task->problems; NULL if nothing
 * is. */
const char *release_task_problems(ReleaseTask *task);
