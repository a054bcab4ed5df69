/* Writes a policy for podman, CRI-O, skopeo and other programs that read containers-policy.json(5).
 * It rejects every image that it does not name. The scope of an image is the reference that the
 * client asked for: REPOSITORY@DIGEST, without a tag. The name is that of the image, also if a
 * mirror serves it. */

#include <cjson/cJSON.h>

#include "lock/internal.h"

/* The failures while the tree is built. After one the writer writes nothing, because a scope would
 * be missing. */
typedef struct Maker {
        const FormatWriter *writer;
        bool failed;
} Maker;

static cJSON *added(Maker *maker, cJSON *item)
{
        maker->failed = maker->failed || !item;
        return item;
}

/* Adds a list of one requirement. scope NULL: memory ran out. */
static void put_scope(Maker *maker, cJSON *object, const char *scope, const char *type)
{
        cJSON *list = scope ? added(maker, cJSON_AddArrayToObject(object, scope)) : NULL;
        cJSON *requirement = cJSON_CreateObject();

        if (list && requirement && cJSON_AddStringToObject(requirement, "type", type) &&
            cJSON_AddItemToArray(list, requirement))
                return;
        cJSON_Delete(requirement);
        maker->failed = true;
}

/* The readers refuse members that they do not know, but accept transports that they do not know. So
 * the texts about the file are scopes of a transport that no image has. */
static void put_marks(Maker *maker, cJSON *transports)
{
        const Lock *lock = maker->writer->lock;
        Arena *arena = maker->writer->arena;
        cJSON *marks = added(maker, cJSON_AddObjectToObject(transports, "relman"));

        put_scope(maker, marks,
                  arena_printf(arena, "written by relmand from release %s", lock->release.name),
                  "reject");
        put_scope(maker, marks, arena_printf(arena, "lockDigest: %s", lock->lock_digest), "reject");
        put_scope(maker, marks,
                  arena_printf(arena, POLICY_ENVIRONMENT "%s/%s", lock->release.tenant,
                               lock->environment),
                  "reject");
        if (lock->previous)
                put_scope(maker, marks,
                          arena_printf(arena, "release before: %s", lock->previous->name),
                          "reject");
}

static void put_images(Maker *maker, cJSON *transports, const Admission *admission)
{
        Arena *arena = maker->writer->arena;
        cJSON *docker = added(maker, cJSON_AddObjectToObject(transports, "docker"));

        for (size_t i = 0; i < admission->n; i++)
                put_scope(maker, docker,
                          arena_printf(arena, "%s@%s", admission->items[i].name,
                                       admission->items[i].digest),
                          "insecureAcceptAnything");
        for (size_t i = 0; i < admission->n_also; i++) {
                const Allowed *also = &admission->also[i];
                const char *scope = also->tag ? arena_printf(arena, "%s:%s", also->name, also->tag)
                                              : also->name;

                /* the readers refuse a scope that is there twice */
                if (!scope || !cJSON_GetObjectItemCaseSensitive(docker, scope))
                        put_scope(maker, docker, scope, "insecureAcceptAnything");
        }
}

int format_policy_json(const FormatWriter *writer, Buffer *out)
{
        cJSON *root, *transports;
        Maker maker = { .writer = writer };
        Admission admission = { 0 };
        char *printed;
        int r = format_admission(writer, false, &admission);

        if (r < 0)
                return r;
        root = added(&maker, cJSON_CreateObject());
        transports = added(&maker, cJSON_AddObjectToObject(root, "transports"));
        put_marks(&maker, transports);
        put_images(&maker, transports, &admission);
        put_scope(&maker, root, "default", "reject");
        printed = maker.failed ? NULL : cJSON_Print(root);
        cJSON_Delete(root);
        if (!printed)
                return error_oom(writer->err);
        (void)buffer_puts(out, printed);
        (void)buffer_putc(out, '\n');
        cJSON_free(printed);
        return format_add(writer, "", out);
}
