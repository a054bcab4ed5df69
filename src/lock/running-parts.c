/* Reads members of the JSON values, names of images, and images of a host. */

#include "lock/running-parts.h"

#include <errno.h>

#include "base/digest.h"
#include "base/escape.h"
#include "base/vec.h"
#include "model/image/image.h"
#include "model/json.h"

#define HEX_SHA256 64 /* podman prints an image id without "sha256:" */

/* limit for the names of one image, which each of its containers gets */
#define NAMES_MAX 1000

int running_refuse(const RunningReader *reader, const char *what, const char *detail)
{
        return error_set(reader->err, ERROR_INVALID, -EINVAL,
                         "'%s': JSON value %zu: %s%s%s; pass the output of " RUNNING_COMMANDS,
                         reader->file, reader->value, what, detail ? " " : "",
                         detail ? detail : "");
}

/* --- members ---------------------------------------------------------------------------------- */

const cJSON *running_member(const cJSON *object, const char *name)
{
        return cJSON_GetObjectItemCaseSensitive(object, name);
}

int running_list(const RunningReader *reader, const cJSON *object, const char *name,
                 const cJSON **ret)
{
        const cJSON *list = running_member(object, name);

        *ret = cJSON_IsArray(list) ? list : NULL;
        if (list && !cJSON_IsArray(list) && !cJSON_IsNull(list))
                return running_refuse(reader, "not a list:", name);
        return 0;
}

int running_text(const RunningReader *reader, const cJSON *object, const char *name,
                 const char **ret)
{
        const cJSON *member = running_member(object, name);

        if (!cJSON_IsString(member))
                return running_refuse(reader, "a container or image has no text", name);
        *ret = member->valuestring;
        return 0;
}

const char *running_shown(const RunningReader *reader, const char *text)
{
        return escape_dup(reader->arena, text ? text : "", strlen(text ? text : ""));
}

const char *running_text_or_empty(const cJSON *object, const char *name)
{
        const char *text = json_member_text(object, name);

        return text ? text : "";
}

int running_read_each(RunningReader *reader, const cJSON *list,
                      int (*read)(RunningReader *reader, const cJSON *object))
{
        const cJSON *item;
        int r = 0;

        cJSON_ArrayForEach(item, list)
        {
                r = cJSON_IsObject(item) ? read(reader, item)
                                         : running_refuse(reader, "not a list of objects", NULL);
                if (r < 0)
                        return r;
        }
        return r;
}

/* --- names and digests of images -------------------------------------------------------------- */

int running_append(Arena *arena, Strings *list, const char *text)
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
static int read_id(const RunningReader *reader, const char *text, const char **ret)
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
static int add_name(const RunningReader *reader, const char *text, Strings *digests,
                    Strings *repositories)
{
        _cleanup_(error_done) Error none = { 0 };
        ImageReference reference;
        const char *repository;

        if (image_parse(text, reader->arena, &reference, &none) < 0)
                return none.code == -ENOMEM ? error_oom(reader->err) : 0;
        repository = arena_printf(reader->arena, "%s/%s", reference.host, reference.repository);
        if (!repository || running_append(reader->arena, repositories, repository) < 0 ||
            (reference.digest && running_append(reader->arena, digests, reference.digest) < 0))
                return error_oom(reader->err);
        return 0;
}

int running_add_image(const RunningReader *reader, RunningContainer *container, const char *text)
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
                return running_append(reader->arena, &container->digests, id) < 0
                               ? error_oom(reader->err)
                               : 0;
        container->id = id;
        return 0;
}

/* --- containers ------------------------------------------------------------------------------- */

int running_add_container(RunningReader *reader, const char *const *names, const char *image,
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
        **ret = (RunningContainer){ .name = running_shown(reader, name[0] ? name : "-"),
                                    .image = running_shown(reader, image),
                                    .state = state };
        return (*ret)->name && (*ret)->image ? 0 : error_oom(reader->err);
}

RunningState running_state_of(const char *word)
{
        static const char *const ended[] = { "created",  "configured",       "initialized",
                                             "exited",   "stopped",          "dead",
                                             "removing", "CONTAINER_EXITED", "CONTAINER_CREATED" };

        for (size_t i = 0; i < ARRAY_SIZE(ended); i++)
                if (streq(word, ended[i]))
                        return RUNNING_ENDED;
        return RUNNING_UP;
}

/* --- images ----------------------------------------------------------------------------------- */

int running_read_image(RunningReader *reader, const cJSON *object, const char *id_name,
                       const char *digests_name)
{
        HostImage *image = arena_alloc(reader->arena, sizeof(*image));
        const cJSON *digests = NULL, *item;
        const char *id = NULL;
        int r;

        r = running_text(reader, object, id_name, &id);
        if (r >= 0)
                r = running_list(reader, object, digests_name, &digests);
        if (r < 0)
                return r;
        r = read_id(reader, id, &id);
        if (r < 0 || !image)
                return error_oom(reader->err);
        if (!id)
                return running_refuse(reader, "an image has no complete digest as", id_name);
        if (cJSON_GetArraySize(digests) > NAMES_MAX)
                return running_refuse(reader, "an image has too many", digests_name);
        cJSON_ArrayForEach(item, digests)
        {
                if (!cJSON_IsString(item))
                        return running_refuse(reader, "not a list of texts:", digests_name);
                r = add_name(reader, item->valuestring, &image->digests, &image->repositories);
                if (r < 0)
                        return r;
        }
        reader->has_images = true;
        return map_put(&reader->images, id, image, NULL) < 0 ? error_oom(reader->err) : 0;
}
