#pragma once

/* Compares the containers of a host with a release. running-read.c reads the output of podman,
 * docker, crictl and kubectl, and running-match.c compares the containers. Both do no I/O. Results
 * are allocated from the arena. Only digests decide whether a container is right. Image names only
 * show to which component a wrong container belongs. */

#include "base/arena.h"
#include "base/error.h"
#include "model/release.h"

/* The commands whose output running_read() accepts, for messages. */
#define RUNNING_COMMANDS                                                                           \
        "podman ps --format json, docker inspect $(docker ps -q), crictl ps -o json or "           \
        "kubectl get pods -A -o json"

typedef enum RunningState {
        RUNNING_UP,      /* running, paused, or being restarted */
        RUNNING_ENDED,   /* created but never started, or ended */
        RUNNING_PENDING, /* the image is not known yet */
} RunningState;

typedef struct RunningContainer {
        const char *name;  /* "api", or "default/api-7c9f/api" in a pod; escaped for a terminal */
        const char *image; /* image name as the host prints it; escaped; "": none */
        RunningState state;
        const char *id;       /* image id, most often the digest of the config; NULL: not known */
        Strings digests;      /* other digests of the image: those of its manifest and indexes */
        Strings repositories; /* host/path of the names of the image */
} RunningContainer;

typedef struct RunningContainers {
        RunningContainer *items;
        size_t n;
        size_t n_skipped; /* number of pause and infra containers, which only hold the namespaces of
                             a pod */
} RunningContainers;

/* Reads one or more JSON values. Lists of images (podman images, docker image inspect, crictl
 * images) add their digests to the containers that have the image. ERROR_INVALID names the invalid
 * value and the commands whose output is accepted. */
int running_read(const char *file, const char *text, size_t size, Arena *arena,
                 RunningContainers *ret, Error *err);

typedef enum RunningResult {
        RUNNING_RIGHT,
        RUNNING_ALLOWED, /* no component of the release, but a pattern allows the repository */
        RUNNING_NOT_STARTED,
        RUNNING_STOPPED,
        RUNNING_OTHER_PLATFORM, /* image of the release for another platform */
        RUNNING_UNKNOWN_DIGEST, /* repository of a component, but no digest of the release */
        RUNNING_UNKNOWN_IMAGE,  /* neither the repository nor a digest is of the release */
        RUNNING_UNDECIDED,      /* no digest of the container can be compared with the release */
        RUNNING_RESULT_MAX_,
} RunningResult;

typedef struct RunningMatch {
        RunningResult result;
        const char *components; /* names of the components with this digest, or else with this
                                   repository; NULL: none */
        const char *platform;   /* platform of the image; NULL: not known */
} RunningMatch;

typedef struct RunningReport {
        RunningMatch *matches; /* one for each container */
        bool *is_run;          /* one for each component: a container runs one of its digests */
} RunningReport;

typedef struct RunningWanted {
        const ReleaseComponents *components;
        const char *platform; /* normal form of the host's platform; NULL: any */
        Strings also;         /* patterns of fnmatch(3) for repositories of other containers */
} RunningWanted;

int running_compare(const RunningWanted *wanted, const RunningContainers *containers, Arena *arena,
                    RunningReport *ret, Error *err);

const char *running_result_to_string(RunningResult result);

/* True if the container runs and is neither right nor allowed, so that somebody should check it. */
bool running_is_wrong(RunningResult result);
/* True if a container of this component must always run. False for charts and for components with
 * the role init or migration. */
bool running_is_needed(const ReleaseComponent *component);
