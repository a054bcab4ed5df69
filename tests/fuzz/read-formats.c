#include <cjson/cJSON.h>
#include <regex.h>
#include <stdio.h>
#include <yaml.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "model/image/image.h"
#include "model/replaces.h"
#include "read-internal.h"

const char *image_text(const Expected *expected, const ReleaseComponent *component, bool with_tag)
{
        bool tag = with_tag && component->tag;
        const char *text =
                arena_printf(expected->arena, "%s%s%s@%s", component->repository, tag ? ":" : "",
                             tag ? component->tag : "", component->digest);

        require(text != NULL);
        return text;
}

/* --- YAML ------------------------------------------------------------------------------------- */

/* True if YAML 1.1 (yaml.org/type) or the core schema of YAML 1.2 reads the text as a type other
 * than a string. */
static bool is_other_type(const char *text)
{
        static const char pattern[] =
                "^(~|null|Null|NULL|"
                "[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF|"
                "[-+]?0b[01_]+|[-+]?0o?[0-7_]+|[-+]?[0-9][0-9_]*|[-+]?0x[0-9a-fA-F_]+|"
                "[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\\.[0-9_]*)?|"
                "[-+]?(\\.[0-9]+|[0-9][0-9_]*(\\.[0-9_]*)?)([eE][-+]?[0-9]+)?|"
                "[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)|"
                "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(([Tt]|[ \\t]+)[0-9].*)?|<<|=)$";
        static regex_t regex;
        static bool compiled;

        if (!compiled)
                require(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB) == 0);
        compiled = true;
        return text[0] == '\0' || regexec(&regex, text, 0, NULL, 0) == 0;
}

static yaml_node_t *node_at(const Expected *expected, int index)
{
        return yaml_document_get_node(expected->document, index);
}

/* Returns the value of a key; NULL if the key is missing. The key must not occur twice. */
static yaml_node_t *find_node(const Expected *expected, const yaml_node_t *mapping, const char *key)
{
        yaml_node_t *found = NULL;

        require(mapping && mapping->type == YAML_MAPPING_NODE);
        for (yaml_node_pair_t *pair = mapping->data.mapping.pairs.start;
             pair < mapping->data.mapping.pairs.top; pair++) {
                const yaml_node_t *name = node_at(expected, pair->key);

                require(name->type == YAML_SCALAR_NODE);
                if (!streq((const char *)name->data.scalar.value, key))
                        continue;
                require(!found);
                found = node_at(expected, pair->value);
        }
        return found;
}

static size_t n_pairs(const yaml_node_t *mapping)
{
        require(mapping && mapping->type == YAML_MAPPING_NODE);
        return (size_t)(mapping->data.mapping.pairs.top - mapping->data.mapping.pairs.start);
}

static bool is_text(const yaml_node_t *node, const char *text)
{
        return node && node->type == YAML_SCALAR_NODE && node->data.scalar.length == strlen(text) &&
               streq((const char *)node->data.scalar.value, text) &&
               (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE || !is_other_type(text));
}

static void expect_text(const Expected *expected, const yaml_node_t *mapping, const char *key,
                        const char *text)
{
        const yaml_node_t *node = find_node(expected, mapping, key);

        require(text ? is_text(node, text) : node == NULL);
}

static void read_yaml(Expected *expected, const LockFile *file,
                      void (*check)(const Expected *expected, const yaml_node_t *root))
{
        yaml_document_t document, end;
        yaml_parser_t parser;

        require(yaml_parser_initialize(&parser));
        yaml_parser_set_input_string(&parser, (const unsigned char *)file->data, file->size);
        require(yaml_parser_load(&parser, &document));
        expected->document = &document;
        check(expected, yaml_document_get_root_node(&document));
        yaml_document_delete(&document);
        require(yaml_parser_load(&parser, &end)); /* the file has only one document */
        require(!yaml_document_get_root_node(&end));
        yaml_document_delete(&end);
        yaml_parser_delete(&parser);
}

/* --- native ----------------------------------------------------------------------------------- */

static void native_component(const Expected *expected, const yaml_node_t *node,
                             const ReleaseComponent *component)
{
        const yaml_node_t *list = find_node(expected, node, "replaces");
        const yaml_node_t *platforms = find_node(expected, node, "platforms");

        expect_text(expected, node, "name", component->component_name);
        expect_text(expected, node, "componentId", component->component_id);
        expect_text(expected, node, "image", image_text(expected, component, false));
        expect_text(expected, node, "tag", component->tag);
        expect_text(expected, node, "semver", component->semver);
        expect_text(expected, node, "channel", component->channel);
        expect_text(expected, node, "mediaType", component->media_type);
        require(!list == (component->replaces.n == 0));
        for (size_t i = 0; i < component->replaces.n; i++)
                require(is_text(node_at(expected, list->data.sequence.items.start[i]),
                                component->replaces.items[i]));
        require(!platforms == (component->platforms.n == 0));
        for (size_t i = 0; i < component->platforms.n; i++)
                expect_text(expected, platforms, component->platforms.items[i].platform,
                            component->platforms.items[i].digest);
}

static void native_root(const Expected *expected, const yaml_node_t *root)
{
        const Release *release = &expected->lock->release;
        const yaml_node_t *list = find_node(expected, root, "components");
        const yaml_node_t *ref = find_node(expected, root, "sourceRef");

        expect_text(expected, find_node(expected, root, "metadata"), "displayName",
                    release->display_name);
        expect_text(expected, root, "environment", expected->lock->environment);
        require(!ref == (!release->source_ref.branch && !release->source_ref.build_id));
        if (ref) {
                expect_text(expected, ref, "branch", release->source_ref.branch);
                expect_text(expected, ref, "buildId", release->source_ref.build_id);
        }
        for (size_t i = 0; i < release->components.n; i++)
                native_component(expected, node_at(expected, list->data.sequence.items.start[i]),
                                 &release->components.items[i]);
}

static void read_native(Expected *expected, const LockFiles *files)
{
        Error error = { 0 };
        Buffer again;
        Lock read;

        read_yaml(expected, &files->items[0], native_root);
        require(lock_read_native("fuzz", files->items[0].data, files->items[0].size,
                                 expected->arena, &read, &error) == 0);
        buffer_init(&again, files->items[0].size);
        require(lock_write_native(&read.release, read.environment, &again, &error) == 0);
        require(again.size == files->items[0].size &&
                memcmp(again.data, files->items[0].data, again.size) == 0);
        buffer_done(&again);
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void json_text(const cJSON *object, const char *key, const char *text)
{
        const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));

        require(text ? value && streq(value, text) : !cJSON_HasObjectItem(object, key));
}

/* True if the file has the number with all its digits. Searches the text, because cJSON reads
 * numbers as doubles and rounds them. */
static bool has_number(const LockFile *file, const char *key, int64_t value)
{
        char text[64];

        (void)snprintf(text, sizeof(text), "\"%s\":\t%lld,", key, (long long)value);
        return strstr(file->data, text) != NULL;
}

static void json_component(const Expected *expected, const cJSON *root, const LockFile *file,
                           size_t i)
{
        const ReleaseComponent *component = &expected->lock->release.components.items[i];
        const cJSON *list = cJSON_GetObjectItemCaseSensitive(root, "components");
        const cJSON *item = cJSON_GetArrayItem(list, (int)i);
        const cJSON *replaces = cJSON_GetObjectItemCaseSensitive(item, "replaces");

        json_text(item, "name", component->component_name);
        json_text(item, "image", image_text(expected, component, false));
        json_text(item, "tag", component->tag);
        json_text(item, "semver", component->semver);
        json_text(item, "channel", component->channel);
        json_text(item, "mediaType", component->media_type);
        json_text(cJSON_GetObjectItemCaseSensitive(root, "images"), component->component_name,
                  image_text(expected, component, false));
        require(has_number(file, "size", component->size));
        for (size_t j = 0; j < component->replaces.n; j++)
                require(streq(cJSON_GetStringValue(cJSON_GetArrayItem(replaces, (int)j)),
                              component->replaces.items[j]));
}

static bool is_utf8(const char *text)
{
        uint32_t c;

        for (size_t n; *text; text += n) {
                n = utf8_decode(text, strnlen(text, 4), &c);
                if (n == 0)
                        return false;
        }
        return true;
}

static void read_json(Expected *expected, const LockFiles *files)
{
        const Release *release = &expected->lock->release;
        const LockFile *file = &files->items[0];
        cJSON *root = cJSON_ParseWithLength(file->data, file->size);

        require(root && is_utf8(file->data));
        json_text(cJSON_GetObjectItemCaseSensitive(root, "metadata"), "displayName",
                  release->display_name);
        json_text(root, "environment", expected->lock->environment);
        json_text(cJSON_GetObjectItemCaseSensitive(root, "sourceRef"), "branch",
                  release->source_ref.branch);
        for (size_t i = 0; i < release->components.n; i++)
                json_component(expected, root, file, i);
        cJSON_Delete(root);
}

/* --- kustomize, images-lock ------------------------------------------------------------------- */

/* Calls check for each text that a component replaces: the images in its `replaces`, or its
 * repository if `replaces` is empty. */
static void each_replacement(const Expected *expected, const yaml_node_t *list,
                             void (*check)(const Expected *expected, const yaml_node_t *list,
                                           const char *text, const ReleaseComponent *component))
{
        const ReleaseComponents *components = &expected->lock->release.components;

        for (size_t i = 0; i < components->n; i++) {
                const ReleaseComponent *component = &components->items[i];
                bool any = false;

                for (size_t j = 0; j < component->replaces.n; j++) {
                        if (replaces_is_path(component->replaces.items[j]))
                                continue;
                        any = true;
                        check(expected, list, component->replaces.items[j], component);
                }
                if (!any)
                        check(expected, list, component->repository, component);
        }
}

static size_t n_items(const yaml_node_t *list)
{
        require(list && list->type == YAML_SEQUENCE_NODE);
        return (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
}

/* Returns the text that a regular expression matches. Aborts if the expression has an operator. */
static const char *without_escapes(const Expected *expected, const char *pattern)
{
        char *text = arena_strdup(expected->arena, pattern), *out = text;

        require(text != NULL);
        for (const char *p = pattern; *p; p++) {
                if (*p == '\\')
                        p++;
                else
                        require(!strchr(".+*?()[]{}|^$", *p));
                require(*p);
                *out++ = *p;
        }
        *out = '\0';
        return text;
}

static void kustomize_entry(const Expected *expected, const yaml_node_t *list, const char *text,
                            const ReleaseComponent *component)
{
        size_t n = 0;

        for (size_t i = 0; i < n_items(list); i++) {
                const yaml_node_t *item = node_at(expected, list->data.sequence.items.start[i]);
                const yaml_node_t *name = find_node(expected, item, "name");
                const char *pattern = (const char *)name->data.scalar.value;

                require(is_text(name, pattern));
                if (!streq(without_escapes(expected, pattern), text))
                        continue;
                n++;
                expect_text(expected, item, "newName", component->repository);
                expect_text(expected, item, "digest", component->digest);
        }
        require(n == 1);
}

/* Applies all entries in order, as kustomize does: an entry may match the name that an earlier
 * entry has set. The result must be the component's repository and digest. */
static void kustomize_run(const Expected *expected, const yaml_node_t *list, const char *text,
                          const ReleaseComponent *component)
{
        const char *name = text, *digest = NULL;

        for (size_t i = 0; i < n_items(list); i++) {
                const yaml_node_t *item = node_at(expected, list->data.sequence.items.start[i]);
                const yaml_node_t *from = find_node(expected, item, "name");
                const yaml_node_t *to = find_node(expected, item, "newName");
                const yaml_node_t *at = find_node(expected, item, "digest");

                if (!streq(without_escapes(expected, (const char *)from->data.scalar.value), name))
                        continue;
                name = (const char *)to->data.scalar.value;
                digest = (const char *)at->data.scalar.value;
        }
        require(streq(name, component->repository) && digest && streq(digest, component->digest));
}

static void kustomize_root(const Expected *expected, const yaml_node_t *root)
{
        const yaml_node_t *list = find_node(expected, root, "images");

        each_replacement(expected, list, kustomize_entry);
        each_replacement(expected, list, kustomize_run);
}

static void images_lock_entry(const Expected *expected, const yaml_node_t *list, const char *text,
                              const ReleaseComponent *component)
{
        Error error = { 0 };
        ImageReference image;
        const char *host;
        size_t n = 0;

        require(image_parse(component->repository, expected->arena, &image, &error) == 0);
        host = streq(image.host, "docker.io") ? "index.docker.io" : image.host;
        for (size_t i = 0; i < n_items(list); i++) {
                const yaml_node_t *item = node_at(expected, list->data.sequence.items.start[i]);
                const yaml_node_t *notes = find_node(expected, item, "annotations");

                if (!is_text(find_node(expected, notes, "kbld.carvel.dev/id"), text))
                        continue;
                n++;
                expect_text(expected, item, "image",
                            arena_printf(expected->arena, "%s/%s@%s", host, image.repository,
                                         component->digest));
        }
        require(n == 1);
}

static void images_lock_root(const Expected *expected, const yaml_node_t *root)
{
        each_replacement(expected, find_node(expected, root, "images"), images_lock_entry);
}

/* --- compose ---------------------------------------------------------------------------------- */

static void compose_root(const Expected *expected, const yaml_node_t *root)
{
        const ReleaseComponents *components = &expected->lock->release.components;
        const yaml_node_t *services = find_node(expected, root, "services");

        require(n_pairs(root) == 1 && n_pairs(services) == components->n);
        for (size_t i = 0; i < components->n; i++) {
                const ReleaseComponent *component = &components->items[i];
                const char *image = image_text(expected, component, true);

                require(!strchr(image, '$')); /* compose would expand a variable */
                expect_text(expected, find_node(expected, services, component->component_name),
                            "image", image);
        }
}

/* --- helm ------------------------------------------------------------------------------------- */

static void put_value(const Expected *expected, Buffer *out, const ReleaseComponent *component,
                      size_t placeholder)
{
        Error error = { 0 };
        ImageReference image;

        require(image_parse(component->repository, expected->arena, &image, &error) == 0);
        switch (placeholder) {
        case REPLACES_IMAGE: (void)buffer_puts(out, image_text(expected, component, false)); break;
        case REPLACES_REGISTRY: (void)buffer_puts(out, image.host); break;
        case REPLACES_REPOSITORY: (void)buffer_puts(out, image.repository); break;
        case REPLACES_DIGEST: (void)buffer_puts(out, component->digest); break;
        case REPLACES_TAG: (void)buffer_puts(out, component->tag ? component->tag : ""); break;
        default: (void)buffer_puts(out, component->semver ? component->semver : ""); break;
        }
}

static const char *helm_value(const Expected *expected, const ReleaseComponent *component,
                              const char *template)
{
        const char *text;
        Buffer out;

        buffer_init(&out, FUZZ_ARENA_MAX);
        while (*template) {
                size_t i = 0;

                while (i < REPLACES_MAX_ && strncmp(template, replaces_placeholders[i],
                                                    strlen(replaces_placeholders[i])) != 0)
                        i++;
                if (i == REPLACES_MAX_)
                        (void)buffer_putc(&out, *template ++);
                else {
                        put_value(expected, &out, component, i);
                        template += strlen(replaces_placeholders[i]);
                }
        }
        text = arena_strdup(expected->arena, out.data);
        require(text && !out.failed);
        buffer_done(&out);
        return text;
}

/* Returns the node at a path of keys, separated by dots. The node must exist. */
static const yaml_node_t *helm_node(const Expected *expected, const yaml_node_t *root,
                                    const char *path)
{
        char *rest = arena_strdup(expected->arena, path), *key;

        require(rest != NULL);
        while ((key = strsep(&rest, "."))) {
                root = find_node(expected, root, key);
                require(root != NULL);
        }
        return root;
}

static void helm_image(const Expected *expected, const yaml_node_t *node,
                       const ReleaseComponent *component)
{
        expect_text(expected, node, "registry", helm_value(expected, component, "{registry}"));
        expect_text(expected, node, "repository", helm_value(expected, component, "{repository}"));
        expect_text(expected, node, "digest", component->digest);
}

static void helm_root(const Expected *expected, const yaml_node_t *root)
{
        const ReleaseComponents *components = &expected->lock->release.components;

        for (size_t i = 0; i < components->n; i++) {
                const ReleaseComponent *component = &components->items[i];
                bool any = false;

                for (size_t j = 0; j < component->replaces.n; j++) {
                        const char *text = component->replaces.items[j];
                        const char *template = strchr(text, '='), *path = text + (text[0] == '.');
                        const yaml_node_t *node;

                        if (!replaces_is_path(text))
                                continue;
                        any = true;
                        if (template)
                                path = arena_strndup(expected->arena, path,
                                                     (size_t)(template - path));
                        node = helm_node(expected, root, path);
                        if (template)
                                require(is_text(node,
                                                helm_value(expected, component, template + 1)));
                        else
                                helm_image(expected, node, component);
                }
                if (!any)
                        helm_image(expected,
                                   find_node(expected,
                                             find_node(expected, root, component->component_name),
                                             "image"),
                                   component);
        }
}

/* --- flux, argocd ----------------------------------------------------------------------------- */

static void flux_root(const Expected *expected, const yaml_node_t *root,
                      const ReleaseComponent *component, const char *path)
{
        const yaml_node_t *spec = find_node(expected, root, "spec");

        expect_text(expected, root, "apiVersion", "source.toolkit.fluxcd.io/v1");
        expect_text(expected, root, "kind", "OCIRepository");
        expect_text(expected, spec, "url", arena_printf(expected->arena, "oci://%s", path));
        expect_text(expected, find_node(expected, spec, "ref"), "digest", component->digest);
}

static void argocd_root(const Expected *expected, const yaml_node_t *root,
                        const ReleaseComponent *component, const char *path)
{
        const yaml_node_t *source =
                find_node(expected, find_node(expected, root, "spec"), "source");

        expect_text(expected, root, "apiVersion", "argoproj.io/v1alpha1");
        expect_text(expected, root, "kind", "Application");
        expect_text(expected, source, "repoURL", arena_printf(expected->arena, "oci://%s", path));
        expect_text(expected, source, "targetRevision", component->digest);
        expect_text(expected, source, "path", component->artifact == ARTIFACT_CHART ? "." : NULL);
}

/* Reads one object for each component that is not an image. The file must have no other objects. */
static void read_objects(Expected *expected, const LockFile *file, const char *hub,
                         void (*check)(const Expected *expected, const yaml_node_t *root,
                                       const ReleaseComponent *component, const char *path))
{
        const ReleaseComponents *components = &expected->lock->release.components;
        yaml_document_t document;
        yaml_parser_t parser;

        require(yaml_parser_initialize(&parser));
        yaml_parser_set_input_string(&parser, (const unsigned char *)file->data, file->size);
        for (size_t i = 0; i < components->n; i++) {
                const ReleaseComponent *component = &components->items[i];
                const yaml_node_t *root;
                Error error = { 0 };
                ImageReference image;

                if (component->artifact == ARTIFACT_IMAGE)
                        continue;
                require(image_parse(component->repository, expected->arena, &image, &error) == 0);
                require(yaml_parser_load(&parser, &document));
                expected->document = &document;
                root = yaml_document_get_root_node(&document);
                expect_text(expected, find_node(expected, root, "metadata"), "name",
                            component->component_name);
                check(expected, root, component,
                      arena_printf(expected->arena, "%s/%s",
                                   streq(image.host, "docker.io") ? hub : image.host,
                                   image.repository));
                yaml_document_delete(&document);
        }
        require(yaml_parser_load(&parser, &document));
        require(!yaml_document_get_root_node(&document));
        yaml_document_delete(&document);
        yaml_parser_delete(&parser);
}

/* --- regsync, skopeo-sync --------------------------------------------------------------------- */

static void regsync_root(const Expected *expected, const yaml_node_t *root)
{
        const ReleaseComponents *components = &expected->lock->release.components;
        const yaml_node_t *list = find_node(expected, root, "sync");

        require(n_items(list) == components->n);
        for (size_t i = 0; i < components->n; i++) {
                const yaml_node_t *entry = node_at(expected, list->data.sequence.items.start[i]);
                const yaml_node_t *target = find_node(expected, entry, "target");

                expect_text(expected, entry, "source",
                            image_text(expected, &components->items[i], false));
                expect_text(expected, entry, "type", "image");
                require(target && strncmp((const char *)target->data.scalar.value,
                                          "{{env \"MIRROR\"}}/", 17) == 0);
                require(!strstr((const char *)target->data.scalar.value + 17, "{{"));
        }
}

static bool has_item(const Expected *expected, const yaml_node_t *list, const char *text)
{
        for (size_t i = 0; i < n_items(list); i++)
                if (is_text(node_at(expected, list->data.sequence.items.start[i]), text))
                        return true;
        return false;
}

static void skopeo_sync_root(const Expected *expected, const yaml_node_t *root)
{
        const ReleaseComponents *components = &expected->lock->release.components;

        for (size_t i = 0; i < components->n; i++) {
                const ReleaseComponent *component = &components->items[i];
                const yaml_node_t *list;
                Error error = { 0 };
                ImageReference image;

                require(image_parse(component->repository, expected->arena, &image, &error) == 0);
                list = find_node(
                        expected,
                        find_node(expected, find_node(expected, root, image.host), "images"),
                        image.repository);
                require(has_item(expected, list, component->digest));
                require(!component->tag || has_item(expected, list, component->tag));
        }
}

/* --- table of readers ------------------------------------------------------------------------- */

void read_format(const Lock *lock, LockFormat format, const LockFiles *files, Arena *arena)
{
        Expected expected = { .lock = lock, .arena = arena };

        for (size_t i = 0; i < files->n; i++) { /* the readers need a NUL at the end of each file */
                LockFile *file = &files->items[i];

                file->data = arena_strndup(arena, file->data, file->size);
                require(file->data && strlen(file->data) == file->size);
        }
        switch (format) {
        case LOCK_YAML: read_native(&expected, files); break;
        case LOCK_JSON: read_json(&expected, files); break;
        case LOCK_KUSTOMIZE: read_yaml(&expected, &files->items[0], kustomize_root); break;
        case LOCK_COMPOSE: read_yaml(&expected, &files->items[0], compose_root); break;
        case LOCK_HELM: read_yaml(&expected, &files->items[0], helm_root); break;
        case LOCK_IMAGES_LOCK: read_yaml(&expected, &files->items[0], images_lock_root); break;
        case LOCK_DOTENV: read_dotenv(&expected, files); break;
        case LOCK_QUADLET: read_quadlet(&expected, files); break;
        case LOCK_FLUX: read_objects(&expected, &files->items[0], "docker.io", flux_root); break;
        case LOCK_ARGOCD:
                read_objects(&expected, &files->items[0], "registry-1.docker.io", argocd_root);
                break;
        case LOCK_REGSYNC: read_yaml(&expected, &files->items[0], regsync_root); break;
        case LOCK_SKOPEO_SYNC: read_yaml(&expected, &files->items[0], skopeo_sync_root); break;
        case LOCK_POLICY_JSON: read_policy(&expected, files); break;
        case LOCK_KYVERNO: read_kubernetes(&expected, files, 1); break;
        case LOCK_VAP: read_kubernetes(&expected, files, 3); break;
        case LOCK_FORMAT_MAX_: break;
        }
}
