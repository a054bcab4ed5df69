#pragma once

/* Parts of running_read(): running-parts.c reads members, names and images, running-pods.c the
 * output of crictl and kubectl. */

#include <cjson/cJSON.h>

#include "base/map.h"
#include "lock/running.h"

/* An image of the host, as a list of images describes it. */
typedef struct HostImage {
        Strings digests, repositories;
} HostImage;

typedef struct RunningReader {
        const char *file;
        Arena *arena;
        Error *err;
        size_t value; /* number of the JSON value, counted from 1 */
        bool has_images;
        RunningContainer *items; /* malloc()ed */
        size_t n, capacity, n_skipped;
        Map images; /* image id → HostImage in the arena */
} RunningReader;

/* Reports ERROR_INVALID. detail may be NULL. */
int running_refuse(const RunningReader *reader, const char *what, const char *detail);

/* --- members ---------------------------------------------------------------------------------- */

const cJSON *running_member(const cJSON *object, const char *name);
/* Reads a list. A missing list is empty, and so is null: Go prints an empty list as null. */
int running_list(const RunningReader *reader, const cJSON *object, const char *name,
                 const cJSON **ret);
/* Reads a required text, which may be empty. */
int running_text(const RunningReader *reader, const cJSON *object, const char *name,
                 const char **ret);
const char *running_text_or_empty(const cJSON *object, const char *name);
const char *running_shown(const RunningReader *reader, const char *text);
/* Calls read() for each object of a list. */
int running_read_each(RunningReader *reader, const cJSON *list,
                      int (*read)(RunningReader *reader, const cJSON *object));

/* --- containers and images -------------------------------------------------------------------- */

/* Appends a text of the arena, unless the list has it already. */
int running_append(Arena *arena, Strings *list, const char *text);
/* Appends a container. names: the parts of the container's name, NULL-ended; empty parts are
 * skipped. */
int running_add_container(RunningReader *reader, const char *const *names, const char *image,
                          RunningState state, RunningContainer **ret);
/* Adds an image id or a name to a container. Kubelets with dockershim add a prefix: "docker://ID"
 * and "docker-pullable://NAME". */
int running_add_image(const RunningReader *reader, RunningContainer *container, const char *text);
/* Converts a state as podman, docker or crictl print it. An unknown word counts as running, so that
 * the container is compared. */
RunningState running_state_of(const char *word);
int running_read_image(RunningReader *reader, const cJSON *object, const char *id_name,
                       const char *digests_name);

/* --- crictl and kubectl ----------------------------------------------------------------------- */

int running_read_crictl_ps(RunningReader *reader, const cJSON *object);
int running_read_crictl_images(RunningReader *reader, const cJSON *object);
int running_read_kubectl(RunningReader *reader, const cJSON *object);
