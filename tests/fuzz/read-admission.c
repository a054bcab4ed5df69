/* Reads the formats that list what an environment admits. */

#include <cjson/cJSON.h>
#include <yaml.h>

#include "fuzz.h"
#include "model/image/image.h"
#include "read-internal.h"

/* --- policy.json ------------------------------------------------------------------------------ */

/* The list must have exactly one requirement of this type, as containers-policy.json(5) says. */
static void expect_requirement(const cJSON *list, const char *type)
{
        const cJSON *item = cJSON_GetArrayItem(list, 0);

        require(cJSON_IsArray(list) && cJSON_GetArraySize(list) == 1);
        require(streq(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "type")), type));
}

/* containers-image refuses a file with a key that occurs twice. */
static void expect_distinct(const cJSON *object)
{
        for (const cJSON *one = object->child; one; one = one->next)
                require(cJSON_GetObjectItemCaseSensitive(object, one->string) == one);
}

static void expect_scope(const Expected *expected, const cJSON *docker, const char *repository,
                         const char *digest)
{
        Error error = { 0 };
        ImageReference image;

        require(image_parse(repository, expected->arena, &image, &error) == 0);
        expect_requirement(cJSON_GetObjectItemCaseSensitive(
                                   docker, arena_printf(expected->arena, "%s/%s@%s", image.host,
                                                        image.repository, digest)),
                           "insecureAcceptAnything");
}

void read_policy(const Expected *expected, const LockFiles *files)
{
        const ReleaseComponents *components = &expected->lock->release.components;
        const LockFile *file = &files->items[0];
        cJSON *root = cJSON_ParseWithLength(file->data, file->size);
        const cJSON *transports = cJSON_GetObjectItemCaseSensitive(root, "transports");
        const cJSON *docker = cJSON_GetObjectItemCaseSensitive(transports, "docker");
        size_t n = 0;

        require(root && cJSON_GetArraySize(root) == 2 && cJSON_GetArraySize(transports) == 2);
        expect_requirement(cJSON_GetObjectItemCaseSensitive(root, "default"), "reject");
        expect_distinct(docker);
        expect_distinct(cJSON_GetObjectItemCaseSensitive(transports, "relman"));
        for (size_t i = 0; i < components->n; i++) {
                const ReleaseComponent *component = &components->items[i];

                expect_scope(expected, docker, component->repository, component->digest);
                for (size_t j = 0; j < component->platforms.n; j++)
                        expect_scope(expected, docker, component->repository,
                                     component->platforms.items[j].digest);
                n += 1 + component->platforms.n;
        }
        require((size_t)cJSON_GetArraySize(docker) <= n);
        require(lock_is_ours(file->data, file->size) && lock_is_export(file->data, file->size));
        require(lock_is_of_environment(file->data, expected->lock->release.tenant,
                                       expected->lock->environment));
        cJSON_Delete(root);
}

/* --- Kubernetes ------------------------------------------------------------------------------- */

/* Returns how many YAML documents the file has. Each must be valid. */
static size_t count_documents(const LockFile *file)
{
        yaml_document_t document;
        yaml_parser_t parser;
        size_t n = 0;
        bool more = true;

        require(yaml_parser_initialize(&parser));
        yaml_parser_set_input_string(&parser, (const unsigned char *)file->data, file->size);
        while (more) {
                require(yaml_parser_load(&parser, &document));
                more = yaml_document_get_root_node(&document) != NULL;
                n += more;
                yaml_document_delete(&document);
        }
        yaml_parser_delete(&parser);
        return n;
}

void read_kubernetes(const Expected *expected, const LockFiles *files, size_t n_documents)
{
        const ReleaseComponents *components = &expected->lock->release.components;
        const LockFile *file = &files->items[0];

        require(count_documents(file) == n_documents);
        for (size_t i = 0; i < components->n; i++)
                require(strstr(file->data, strchr(components->items[i].digest, ':') + 1));
        require(lock_is_export(file->data, file->size));
        require(lock_is_of_environment(file->data, expected->lock->release.tenant,
                                       expected->lock->environment));
}
