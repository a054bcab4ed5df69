/* Reads the output of crictl and kubectl. */

#include "lock/running-parts.h"
#include "model/json.h"

/* --- crictl ----------------------------------------------------------------------------------- */

static int read_crictl_container(RunningReader *reader, const cJSON *object)
{
        const cJSON *labels = running_member(object, "labels"),
                    *image = running_member(object, "image");
        const char *image_ref, *state, *name = running_text_or_empty(image, "userSpecifiedImage");
        const char *const parts[] = {
                running_text_or_empty(labels, "io.kubernetes.pod.namespace"),
                running_text_or_empty(labels, "io.kubernetes.pod.name"),
                running_text_or_empty(running_member(object, "metadata"), "name"),
                NULL,
        };
        RunningContainer *container;
        int r;

        r = running_text(reader, object, "imageRef", &image_ref);
        if (r >= 0)
                r = running_text(reader, object, "state", &state);
        if (r < 0)
                return r;
        if (!name[0])
                name = running_text_or_empty(image, "image");
        r = running_add_container(reader, parts, name, running_state_of(state), &container);
        if (r >= 0)
                r = running_add_image(reader, container, json_member_text(object, "imageId"));
        if (r >= 0)
                r = running_add_image(reader, container, image_ref);
        if (r >= 0)
                r = running_add_image(reader, container, json_member_text(image, "image"));
        return r < 0 ? r : running_add_image(reader, container, name);
}

static int read_crictl_image(RunningReader *reader, const cJSON *object)
{
        return running_read_image(reader, object, "id", "repoDigests");
}

int running_read_crictl_ps(RunningReader *reader, const cJSON *object)
{
        const cJSON *items;

        return running_list(reader, object, "containers", &items) < 0
                       ? -EINVAL
                       : running_read_each(reader, items, read_crictl_container);
}

int running_read_crictl_images(RunningReader *reader, const cJSON *object)
{
        const cJSON *items;

        return running_list(reader, object, "images", &items) < 0
                       ? -EINVAL
                       : running_read_each(reader, items, read_crictl_image);
}

/* --- kubectl ---------------------------------------------------------------------------------- */

/* The data of a pod that its containers need. */
typedef struct PodPart {
        const char *namespace, *pod;
        bool has_ended; /* the pod has ended; some of its containers may never have started */
} PodPart;

/* Returns the state of an element of containerStatuses. A container that waits for a restart
 * (CrashLoopBackOff) has an image, and counts as running. */
static RunningState pod_state(const cJSON *status, const char *image_id)
{
        if (cJSON_IsObject(running_member(running_member(status, "state"), "terminated")))
                return RUNNING_ENDED;
        return image_id[0] ? RUNNING_UP : RUNNING_PENDING;
}

static int read_status(RunningReader *reader, const PodPart *pod, const cJSON *status)
{
        const char *name = NULL, *image = NULL, *image_id = NULL;
        RunningContainer *container = NULL;
        int r;

        r = running_text(reader, status, "name", &name);
        if (r >= 0)
                r = running_text(reader, status, "image", &image);
        if (r >= 0)
                r = running_text(reader, status, "imageID", &image_id);
        if (r >= 0)
                r = running_add_container(reader,
                                          (const char *[]){ pod->namespace, pod->pod, name, NULL },
                                          image, pod_state(status, image_id), &container);
        if (r >= 0)
                r = running_add_image(reader, container, image_id);
        return r < 0 ? r : running_add_image(reader, container, image);
}

static bool has_status(const cJSON *statuses, const char *name)
{
        const cJSON *status;

        cJSON_ArrayForEach(status, statuses) if (streq(running_text_or_empty(status, "name"),
                                                       name)) return true;
        return false;
}

/* Reads one list of containers of a pod, including containers without a status. */
static int read_pod_list(RunningReader *reader, const PodPart *pod, const cJSON *containers,
                         const cJSON *statuses)
{
        const cJSON *item;
        int r = 0;

        cJSON_ArrayForEach(item, statuses)
        {
                r = read_status(reader, pod, item);
                if (r < 0)
                        return r;
        }
        cJSON_ArrayForEach(item, containers)
        {
                RunningContainer *container;
                const char *name, *image = running_text_or_empty(item, "image");

                r = running_text(reader, item, "name", &name);
                if (r >= 0 && !has_status(statuses, name)) {
                        r = running_add_container(
                                reader, (const char *[]){ pod->namespace, pod->pod, name, NULL },
                                image, pod->has_ended ? RUNNING_ENDED : RUNNING_PENDING,
                                &container);
                        if (r >= 0)
                                r = running_add_image(reader, container, image);
                }
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_pod(RunningReader *reader, const cJSON *object)
{
        static const char *const lists[][2] = { { "initContainers", "initContainerStatuses" },
                                                { "containers", "containerStatuses" },
                                                { "ephemeralContainers",
                                                  "ephemeralContainerStatuses" } };
        const cJSON *spec = running_member(object, "spec"),
                    *status = running_member(object, "status");
        const char *phase = running_text_or_empty(status, "phase");
        PodPart pod = { .namespace = running_text_or_empty(running_member(object, "metadata"),
                                                           "namespace"),
                        .pod = running_text_or_empty(running_member(object, "metadata"), "name"),
                        .has_ended = streq(phase, "Failed") || streq(phase, "Succeeded") };
        const cJSON *containers, *statuses;
        int r = 0;

        if (!streq(running_text_or_empty(object, "kind"), "Pod"))
                return running_refuse(reader, "it lists objects that are no pods, such as a",
                                      running_shown(reader, running_text_or_empty(object, "kind")));
        if (!cJSON_IsObject(spec) || !cJSON_IsObject(status))
                return running_refuse(reader,
                                      "a pod has no spec or status: kubectl get prints both", NULL);
        for (size_t i = 0; i < ARRAY_SIZE(lists) && r >= 0; i++) {
                r = running_list(reader, spec, lists[i][0], &containers);
                if (r >= 0)
                        r = running_list(reader, status, lists[i][1], &statuses);
                if (r >= 0)
                        r = read_pod_list(reader, &pod, containers, statuses);
        }
        return r;
}

int running_read_kubectl(RunningReader *reader, const cJSON *object)
{
        const cJSON *items;

        if (!running_member(object, "items"))
                return read_pod(reader, object);
        return running_list(reader, object, "items", &items) < 0
                       ? -EINVAL
                       : running_read_each(reader, items, read_pod);
}
