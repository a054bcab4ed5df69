/* Reads the containers and images that podman, docker, crictl and kubectl print as JSON. Each tool
 * is recognized by a member that only its output has. */

#include <errno.h>

#include "lock/running-parts.h"
#include "model/json.h"

static void reader_done(RunningReader *reader)
{
        free(reader->items);
        map_done(&reader->images);
}

/* --- podman and docker ------------------------------------------------------------------------ */

/* Adds the digest of the image for the platform, which docker reports only with the image store of
 * containerd. */
static int add_descriptor(const RunningReader *reader, RunningContainer *container,
                          const cJSON *object)
{
        return running_add_image(
                reader, container,
                json_member_text(running_member(object, "ImageManifestDescriptor"), "digest"));
}

/* Reads an element of podman ps --format json, or of the answer of /containers/json of the API of
 * docker or podman. Names in such an answer begin with a slash. */
static int read_ps(RunningReader *reader, const cJSON *object)
{
        const cJSON *names = NULL;
        const char *id, *image, *state;
        RunningContainer *container = NULL;
        int r;

        if (cJSON_IsTrue(running_member(object, "IsInfra"))) {
                reader->n_skipped++;
                return 0;
        }
        r = running_text(reader, object, "ImageID", &id);
        if (r >= 0)
                r = running_text(reader, object, "Image", &image);
        if (r >= 0)
                r = running_text(reader, object, "State", &state);
        if (r >= 0)
                r = running_list(reader, object, "Names", &names);
        if (r >= 0) {
                const char *name = cJSON_GetStringValue(names ? names->child : NULL);
                const char *const parts[] = { running_text_or_empty(object, "PodName"),
                                              name ? name + strspn(name, "/")
                                                   : running_text_or_empty(object, "Id"),
                                              NULL };

                r = running_add_container(reader, parts, image, running_state_of(state),
                                          &container);
        }
        if (r >= 0)
                r = running_add_image(reader, container, id);
        if (r >= 0)
                r = add_descriptor(reader, container, object);
        return r < 0 ? r : running_add_image(reader, container, image);
}

/* True for infra containers, which only hold the namespaces of a pod. */
static bool is_infra(const cJSON *object)
{
        const cJSON *labels = running_member(running_member(object, "Config"), "Labels");

        return cJSON_IsTrue(running_member(object, "IsInfra")) ||
               streq(running_text_or_empty(labels, "io.kubernetes.docker.type"), "podsandbox");
}

/* Reads an element of docker inspect or podman inspect about a container. Ignores ImageDigest of
 * podman, which may be the digest of another pull of the same image. */
static int read_inspect(RunningReader *reader, const cJSON *object)
{
        const cJSON *state = running_member(object, "State");
        const char *name, *id, *image, *word;
        RunningContainer *container;
        int r;

        if (!cJSON_IsObject(state))
                return running_refuse(reader, "docker ps prints no digests of images", NULL);
        if (is_infra(object)) {
                reader->n_skipped++;
                return 0;
        }
        r = running_text(reader, object, "Name", &name);
        if (r >= 0)
                r = running_text(reader, object, "Image", &id);
        if (r >= 0)
                r = running_text(reader, state, "Status", &word);
        if (r < 0)
                return r;
        image = json_member_text(object, "ImageName"); /* podman: the complete name */
        if (!image)
                image = running_text_or_empty(running_member(object, "Config"), "Image");
        r = running_add_container(reader, (const char *[]){ name + strspn(name, "/"), NULL }, image,
                                  running_state_of(word), &container);
        if (r >= 0)
                r = running_add_image(reader, container, id);
        if (r >= 0)
                r = add_descriptor(reader, container, object);
        return r < 0 ? r : running_add_image(reader, container, image);
}

/* Reads an element of podman images --format json, docker image inspect or podman image inspect. */
static int read_local_image(RunningReader *reader, const cJSON *object)
{
        return running_read_image(reader, object, "Id", "RepoDigests");
}

/* --- values ----------------------------------------------------------------------------------- */

static int read_object(RunningReader *reader, const cJSON *object)
{
        static const struct {
                const char *member; /* member by which the output is recognized, in this order */
                int (*read)(RunningReader *reader, const cJSON *object);
        } shapes[] = {
                { "kind", running_read_kubectl },
                { "containers", running_read_crictl_ps },
                { "images", running_read_crictl_images },
                { "ImageID", read_ps },
                { "State", read_inspect },
                { "RepoDigests", read_local_image },
        };

        for (size_t i = 0; i < ARRAY_SIZE(shapes); i++)
                if (running_member(object, shapes[i].member))
                        return shapes[i].read(reader, object);
        return running_refuse(reader, "it has no container, pod or image", NULL);
}

static int read_value(RunningReader *reader, const cJSON *value)
{
        if (cJSON_IsArray(value))
                return running_read_each(reader, value, read_object);
        return cJSON_IsObject(value) ? read_object(reader, value)
                                     : running_refuse(reader, "neither a list nor an object", NULL);
}

/* Reads all JSON values. The text may be the concatenated output of several commands. */
static int read_values(RunningReader *reader, const char *text, size_t size)
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
                                  : running_refuse(reader, "it is not valid JSON", NULL);
                text = next; /* the end of the value; not used after an error */
        }
        return r;
}

/* --- joining containers and images ------------------------------------------------------------ */

/* Adds digests and repositories from the lists of images to a container. */
static int join_image(const RunningReader *reader, RunningContainer *container)
{
        const HostImage *image = container->id ? map_get(&reader->images, container->id) : NULL;

        if (!image)
                return 0;
        for (size_t i = 0; i < image->digests.n; i++)
                if (running_append(reader->arena, &container->digests, image->digests.items[i]) < 0)
                        return error_oom(reader->err);
        for (size_t i = 0; i < image->repositories.n; i++)
                if (running_append(reader->arena, &container->repositories,
                                   image->repositories.items[i]) < 0)
                        return error_oom(reader->err);
        return 0;
}

int running_read(const char *file, const char *text, size_t size, Arena *arena,
                 RunningContainers *ret, Error *err)
{
        _cleanup_(reader_done) RunningReader reader = { .file = file, .arena = arena, .err = err };
        RunningContainer *items;
        int r = read_values(&reader, text, size);

        if (r >= 0 && reader.has_images && reader.n + reader.n_skipped == 0)
                r = running_refuse(&reader, "it has images but no container", NULL);
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
