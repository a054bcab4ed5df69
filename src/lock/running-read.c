/* Reads the containers and images that podman, docker, crictl and kubectl print as JSON. Each tool
 * is recognized by a member that only its output has. */

#include <cjson/cJSON.h>
#include <errno.h>

#include "base/digest.h"
#include "base/escape.h"
#include "base/map.h"
#include "base/vec.h"
#include "lock/running.h"
#include "model/image.h"
#include "model/json.h"

#define HEX_SHA256 64 /* podman prints an image id without "sha256:" */

/* limit for the names of one image, which each of its containers gets */
#define NAMES_MAX 1000

/* An image of the host, as a list of images describes it. */
typedef struct HostImage {
        Strings digests, repositories;
} HostImage;

typedef struct Reader {
        const char *file;
        Arena *arena;
        Error *err;
        size_t value; /* number of the JSON value, counted from 1 */
        bool has_images;
        RunningContainer *items; /* malloc()ed */
        size_t n, capacity, n_skipped;
        Map images; /* image id → HostImage in the arena */
} Reader;

static void reader_done(Reader *reader)
{
        free(reader->items);
        map_done(&reader->images);
}

static int refuse(const Reader *reader, const char *what, const char *detail)
{
        return error_set(reader->err, ERROR_INVALID, -EINVAL,
                         "'%s': JSON value %zu: %s%s%s; pass the output of " RUNNING_COMMANDS,
                         reader->file, reader->value, what, detail ? " " : "",
                         detail ? detail : "");
}

/* --- members ---------------------------------------------------------------------------------- */

static const cJSON *get(const cJSON *object, const char *name)
{
        return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* Reads a list. A missing list is empty, and so is null: Go prints an empty list as null. */
static int read_list(const Reader *reader, const cJSON *object, const char *name, const cJSON **ret)
{
        const cJSON *list = get(object, name);

        *ret = cJSON_IsArray(list) ? list : NULL;
        if (list && !cJSON_IsArray(list) && !cJSON_IsNull(list))
                return refuse(reader, "not a list:", name);
        return 0;
}

/* Reads a required text, which may be empty. */
static int read_text(const Reader *reader, const cJSON *object, const char *name, const char **ret)
{
        const cJSON *member = get(object, name);

        if (!cJSON_IsString(member))
                return refuse(reader, "a container or image has no text", name);
        *ret = member->valuestring;
        return 0;
}

static const char *shown(const Reader *reader, const char *text)
{
        return escape_dup(reader->arena, text ? text : "", strlen(text ? text : ""));
}

/* --- names and digests of images -------------------------------------------------------------- */

/* Appends a text of the arena, unless the list has it already. */
static int append(Arena *arena, Strings *list, const char *text)
{
        if (strings_has(list, text))
                return 0;
        if ((list->n & (list->n - 1)) == 0) { /* full: the capacity is a power of two */
                const char **items =
                        arena_alloc_array(arena, MAX(2 * list->n, (size_t)1), sizeof(*items));

                if (!items)
                        return -ENOMEM;
                if (list->n > 0)
                        memcpy(items, list->items, list->n * sizeof(*items));
                list->items = items;
        }
        list->items[list->n++] = text;
        return 0;
}

/* Sets *ret to the digest of an image id, with or without its algorithm; NULL: it is no id. */
static int read_id(const Reader *reader, const char *text, const char **ret)
{
        const char *id = text ? text : "";
        bool is_hex = strlen(id) == HEX_SHA256 && strspn(id, "0123456789abcdef") == HEX_SHA256;
        const char *digest = arena_printf(reader->arena, "%s%s", is_hex ? "sha256:" : "", id);

        if (!digest)
                return error_oom(reader->err);
        *ret = digest_is_valid(digest) ? digest : NULL;
        return 0;
}

/* Adds the digest and the repository of a name such as REPOSITORY:TAG@DIGEST. Ignores a text that
 * is no name, such as "<none>". */
static int add_name(const Reader *reader, const char *text, Strings *digests, Strings *repositories)
{
        _cleanup_(error_done) Error none = { 0 };
        ImageReference reference;
        const char *repository;

        if (image_parse(text, reader->arena, &reference, &none) < 0)
                return none.code == -ENOMEM ? error_oom(reader->err) : 0;
        repository = arena_printf(reader->arena, "%s/%s", reference.host, reference.repository);
        if (!repository || append(reader->arena, repositories, repository) < 0 ||
            (reference.digest && append(reader->arena, digests, reference.digest) < 0))
                return error_oom(reader->err);
        return 0;
}

/* Adds an image id or a name to a container. Kubelets with dockershim add a prefix: "docker://ID"
 * and "docker-pullable://NAME". */
static int add_image(const Reader *reader, RunningContainer *container, const char *text)
{
        const char *scheme = text ? strstr(text, "://") : NULL, *id;
        int r;

        if (!text || !text[0])
                return 0;
        text = scheme ? scheme + 3 : text;
        r = read_id(reader, text, &id);
        if (r < 0)
                return r;
        if (!id)
                return add_name(reader, text, &container->digests, &container->repositories);
        if (container->id && !streq(container->id, id))
                return append(reader->arena, &container->digests, id) < 0 ? error_oom(reader->err)
                                                                          : 0;
        container->id = id;
        return 0;
}

/* --- containers ------------------------------------------------------------------------------- */

/* Appends a container. names: the parts of the container's name, NULL-ended; empty parts are
 * skipped. */
static int add_container(Reader *reader, const char *const *names, const char *image,
                         RunningState state, RunningContainer **ret)
{
        const char *name = "";

        for (; *names && name; names++)
                if ((*names)[0])
                        name = arena_printf(reader->arena, "%s%s%s", name, name[0] ? "/" : "",
                                            *names);
        if (!name || vec_reserve(&reader->items, &reader->capacity, reader->n + 1,
                                 sizeof(*reader->items)) < 0)
                return error_oom(reader->err);
        *ret = &reader->items[reader->n++];
        **ret = (RunningContainer){ .name = shown(reader, name[0] ? name : "-"),
                                    .image = shown(reader, image),
                                    .state = state };
        return (*ret)->name && (*ret)->image ? 0 : error_oom(reader->err);
}

/* Converts a state as podman, docker or crictl print it. An unknown word counts as running, so that
 * the container is compared. */
static RunningState state_of(const char *word)
{
        static const char *const ended[] = { "created",  "configured",       "initialized",
                                             "exited",   "stopped",          "dead",
                                             "removing", "CONTAINER_EXITED", "CONTAINER_CREATED" };

        for (size_t i = 0; i < ARRAY_SIZE(ended); i++)
                if (streq(word, ended[i]))
                        return RUNNING_ENDED;
        return RUNNING_UP;
}

/* --- podman and docker ------------------------------------------------------------------------ */

static const char *text_or_empty(const cJSON *object, const char *name)
{
        const char *text = json_member_text(object, name);

        return text ? text : "";
}

/* Reads an element of podman ps --format json. */
static int read_podman(Reader *reader, const cJSON *object)
{
        const cJSON *names = NULL;
        const char *id, *image, *state;
        RunningContainer *container = NULL;
        int r;

        if (cJSON_IsTrue(get(object, "IsInfra"))) {
                reader->n_skipped++;
                return 0;
        }
        r = read_text(reader, object, "ImageID", &id);
        if (r >= 0)
                r = read_text(reader, object, "Image", &image);
        if (r >= 0)
                r = read_text(reader, object, "State", &state);
        if (r >= 0)
                r = read_list(reader, object, "Names", &names);
        if (r >= 0) {
                const cJSON *first = names ? names->child : NULL;
                const char *const parts[] = { text_or_empty(object, "PodName"),
                                              cJSON_IsString(first) ? first->valuestring
                                                                    : text_or_empty(object, "Id"),
                                              NULL };

                r = add_container(reader, parts, image, state_of(state), &container);
        }
        if (r >= 0)
                r = add_image(reader, container, id);
        return r < 0 ? r : add_image(reader, container, image);
}

/* True for infra containers, which only hold the namespaces of a pod. */
static bool is_infra(const cJSON *object)
{
        const cJSON *labels = get(get(object, "Config"), "Labels");

        return cJSON_IsTrue(get(object, "IsInfra")) ||
               streq(text_or_empty(labels, "io.kubernetes.docker.type"), "podsandbox");
}

/* Reads an element of docker inspect or podman inspect about a container. Ignores ImageDigest of
 * podman, which may be the digest of another pull of the same image. */
static int read_inspect(Reader *reader, const cJSON *object)
{
        const cJSON *state = get(object, "State");
        const char *name, *id, *image, *word;
        RunningContainer *container;
        int r;

        if (!cJSON_IsObject(state))
                return refuse(reader, "docker ps prints no digests of images", NULL);
        if (is_infra(object)) {
                reader->n_skipped++;
                return 0;
        }
        r = read_text(reader, object, "Name", &name);
        if (r >= 0)
                r = read_text(reader, object, "Image", &id);
        if (r >= 0)
                r = read_text(reader, state, "Status", &word);
        if (r < 0)
                return r;
        image = json_member_text(object, "ImageName"); /* podman: the complete name */
        if (!image)
                image = text_or_empty(get(object, "Config"), "Image");
        r = add_container(reader, (const char *[]){ name + strspn(name, "/"), NULL }, image,
                          state_of(word), &container);
        if (r >= 0)
                r = add_image(reader, container, id);
        if (r >= 0) /* only docker with the image store of containerd prints this member */
                r = add_image(reader, container,
                              json_member_text(get(object, "ImageManifestDescriptor"), "digest"));
        return r < 0 ? r : add_image(reader, container, image);
}

/* --- images ----------------------------------------------------------------------------------- */

static int read_image(Reader *reader, const cJSON *object, const char *id_name,
                      const char *digests_name)
{
        HostImage *image = arena_alloc(reader->arena, sizeof(*image));
        const cJSON *digests = NULL, *item;
        const char *id = NULL;
        int r;

        r = read_text(reader, object, id_name, &id);
        if (r >= 0)
                r = read_list(reader, object, digests_name, &digests);
        if (r < 0)
                return r;
        r = read_id(reader, id, &id);
        if (r < 0 || !image)
                return error_oom(reader->err);
        if (!id)
                return refuse(reader, "an image has no complete digest as", id_name);
        if (cJSON_GetArraySize(digests) > NAMES_MAX)
                return refuse(reader, "an image has too many", digests_name);
        cJSON_ArrayForEach(item, digests)
        {
                if (!cJSON_IsString(item))
                        return refuse(reader, "not a list of texts:", digests_name);
                r = add_name(reader, item->valuestring, &image->digests, &image->repositories);
                if (r < 0)
                        return r;
        }
        reader->has_images = true;
        return map_put(&reader->images, id, image, NULL) < 0 ? error_oom(reader->err) : 0;
}

/* Reads an element of podman images --format json, docker image inspect or podman image inspect. */
static int read_local_image(Reader *reader, const cJSON *object)
{
        return read_image(reader, object, "Id", "RepoDigests");
}

/* --- crictl ----------------------------------------------------------------------------------- */

static int read_crictl_container(Reader *reader, const cJSON *object)
{
        const cJSON *labels = get(object, "labels"), *image = get(object, "image");
        const char *image_ref, *state, *name = text_or_empty(image, "userSpecifiedImage");
        const char *const parts[] = {
                text_or_empty(labels, "io.kubernetes.pod.namespace"),
                text_or_empty(labels, "io.kubernetes.pod.name"),
                text_or_empty(get(object, "metadata"), "name"),
                NULL,
        };
        RunningContainer *container;
        int r;

        r = read_text(reader, object, "imageRef", &image_ref);
        if (r >= 0)
                r = read_text(reader, object, "state", &state);
        if (r < 0)
                return r;
        if (!name[0])
                name = text_or_empty(image, "image");
        r = add_container(reader, parts, name, state_of(state), &container);
        if (r >= 0)
                r = add_image(reader, container, json_member_text(object, "imageId"));
        if (r >= 0)
                r = add_image(reader, container, image_ref);
        if (r >= 0)
                r = add_image(reader, container, json_member_text(image, "image"));
        return r < 0 ? r : add_image(reader, container, name);
}

static int read_crictl_image(Reader *reader, const cJSON *object)
{
        return read_image(reader, object, "id", "repoDigests");
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
        if (cJSON_IsObject(get(get(status, "state"), "terminated")))
                return RUNNING_ENDED;
        return image_id[0] ? RUNNING_UP : RUNNING_PENDING;
}

static int read_status(Reader *reader, const PodPart *pod, const cJSON *status)
{
        const char *name = NULL, *image = NULL, *image_id = NULL;
        RunningContainer *container = NULL;
        int r;

        r = read_text(reader, status, "name", &name);
        if (r >= 0)
                r = read_text(reader, status, "image", &image);
        if (r >= 0)
                r = read_text(reader, status, "imageID", &image_id);
        if (r >= 0)
                r = add_container(reader, (const char *[]){ pod->namespace, pod->pod, name, NULL },
                                  image, pod_state(status, image_id), &container);
        if (r >= 0)
                r = add_image(reader, container, image_id);
        return r < 0 ? r : add_image(reader, container, image);
}

static bool has_status(const cJSON *statuses, const char *name)
{
        const cJSON *status;

        cJSON_ArrayForEach(status,
                           statuses) if (streq(text_or_empty(status, "name"), name)) return true;
        return false;
}

/* Reads one list of containers of a pod, including containers without a status. */
static int read_pod_list(Reader *reader, const PodPart *pod, const cJSON *containers,
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
                const char *name, *image = text_or_empty(item, "image");

                r = read_text(reader, item, "name", &name);
                if (r >= 0 && !has_status(statuses, name)) {
                        r = add_container(reader,
                                          (const char *[]){ pod->namespace, pod->pod, name, NULL },
                                          image, pod->has_ended ? RUNNING_ENDED : RUNNING_PENDING,
                                          &container);
                        if (r >= 0)
                                r = add_image(reader, container, image);
                }
                if (r < 0)
                        return r;
        }
        return 0;
}

static int read_pod(Reader *reader, const cJSON *object)
{
        static const char *const lists[][2] = { { "initContainers", "initContainerStatuses" },
                                                { "containers", "containerStatuses" },
                                                { "ephemeralContainers",
                                                  "ephemeralContainerStatuses" } };
        const cJSON *spec = get(object, "spec"), *status = get(object, "status");
        const char *phase = text_or_empty(status, "phase");
        PodPart pod = { .namespace = text_or_empty(get(object, "metadata"), "namespace"),
                        .pod = text_or_empty(get(object, "metadata"), "name"),
                        .has_ended = streq(phase, "Failed") || streq(phase, "Succeeded") };
        const cJSON *containers, *statuses;
        int r = 0;

        if (!streq(text_or_empty(object, "kind"), "Pod"))
                return refuse(reader, "it lists objects that are no pods, such as a",
                              shown(reader, text_or_empty(object, "kind")));
        if (!cJSON_IsObject(spec) || !cJSON_IsObject(status))
                return refuse(reader, "a pod has no spec or status: kubectl get prints both", NULL);
        for (size_t i = 0; i < ARRAY_SIZE(lists) && r >= 0; i++) {
                r = read_list(reader, spec, lists[i][0], &containers);
                if (r >= 0)
                        r = read_list(reader, status, lists[i][1], &statuses);
                if (r >= 0)
                        r = read_pod_list(reader, &pod, containers, statuses);
        }
        return r;
}

/* --- values ----------------------------------------------------------------------------------- */

static int read_each(Reader *reader, const cJSON *list,
                     int (*read)(Reader *reader, const cJSON *object))
{
        const cJSON *item;
        int r = 0;

        cJSON_ArrayForEach(item, list)
        {
                r = cJSON_IsObject(item) ? read(reader, item)
                                         : refuse(reader, "not a list of objects", NULL);
                if (r < 0)
                        return r;
        }
        return r;
}

static int read_kubectl(Reader *reader, const cJSON *object)
{
        const cJSON *items;

        if (!get(object, "items"))
                return read_pod(reader, object);
        return read_list(reader, object, "items", &items) < 0 ? -EINVAL
                                                              : read_each(reader, items, read_pod);
}

static int read_crictl_ps(Reader *reader, const cJSON *object)
{
        const cJSON *items;

        return read_list(reader, object, "containers", &items) < 0
                       ? -EINVAL
                       : read_each(reader, items, read_crictl_container);
}

static int read_crictl_images(Reader *reader, const cJSON *object)
{
        const cJSON *items;

        return read_list(reader, object, "images", &items) < 0
                       ? -EINVAL
                       : read_each(reader, items, read_crictl_image);
}

static int read_object(Reader *reader, const cJSON *object)
{
        static const struct {
                const char *member; /* member by which the output is recognized, in this order */
                int (*read)(Reader *reader, const cJSON *object);
        } shapes[] = {
                { "kind", read_kubectl },         { "containers", read_crictl_ps },
                { "images", read_crictl_images }, { "ImageID", read_podman },
                { "State", read_inspect },        { "RepoDigests", read_local_image },
        };

        for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
                if (get(object, shapes[i].member))
                        return shapes[i].read(reader, object);
        return refuse(reader, "it has no container, pod or image", NULL);
}

static int read_value(Reader *reader, const cJSON *value)
{
        if (cJSON_IsArray(value))
                return read_each(reader, value, read_object);
        return cJSON_IsObject(value) ? read_object(reader, value)
                                     : refuse(reader, "neither a list nor an object", NULL);
}

/* Reads all JSON values. The text may be the concatenated output of several commands. */
static int read_values(Reader *reader, const char *text, size_t size)
{
        const char *end = text + size;
        int r = json_prescan(text, size, reader->err);

        while (r >= 0) {
                _cleanup_(json_free) cJSON *value = NULL;
                const char *next = text;

                while (text < end && strchr(" \t\r\n", *text))
                        text++;
                if (text == end)
                        return reader->value > 0 ? 0
                                                 : error_set(reader->err, ERROR_INVALID, -EINVAL,
                                                             "'%s' is empty; pass the output "
                                                             "of " RUNNING_COMMANDS,
                                                             reader->file);
                reader->value++;
                r = json_parse(text, (size_t)(end - text), &value, &next, reader->err);
                if (r >= 0)
                        r = value ? read_value(reader, value)
                                  : refuse(reader, "it is not valid JSON", NULL);
                text = next; /* the end of the value; not used after an error */
        }
        return r;
}

/* --- joining containers and images ------------------------------------------------------------ */

/* Adds digests and repositories from the lists of images to a container. */
static int join_image(const Reader *reader, RunningContainer *container)
{
        const HostImage *image = container->id ? map_get(&reader->images, container->id) : NULL;

        if (!image)
                return 0;
        for (size_t i = 0; i < image->digests.n; i++)
                if (append(reader->arena, &container->digests, image->digests.items[i]) < 0)
                        return error_oom(reader->err);
        for (size_t i = 0; i < image->repositories.n; i++)
                if (append(reader->arena, &container->repositories, image->repositories.items[i]) <
                    0)
                        return error_oom(reader->err);
        return 0;
}

int running_read(const char *file, const char *text, size_t size, Arena *arena,
                 RunningContainers *ret, Error *err)
{
        _cleanup_(reader_done) Reader reader = { .file = file, .arena = arena, .err = err };
        RunningContainer *items;
        int r = read_values(&reader, text, size);

        if (r >= 0 && reader.has_images && reader.n + reader.n_skipped == 0)
                r = refuse(&reader, "it has images but no container", NULL);
        for (size_t i = 0; i < reader.n && r >= 0; i++)
                r = join_image(&reader, &reader.items[i]);
        if (r < 0)
                return r;
        items = arena_memdup(arena, reader.items, reader.n * sizeof(*items));
        if (!items)
                return error_oom(err);
        *ret = (RunningContainers){ items, reader.n, reader.n_skipped };
        return 0;
}
