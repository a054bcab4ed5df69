/* What each registry's webhook looks like, by its documentation. A reader takes what it knows and
 * leaves the rest. */

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#include "api/hook/hook.h"
#include "base/map.h"
#include "model/image.h"
#include "model/json.h"

typedef struct Found {
        Arena *arena;
        Map seen;
        Strings names;
        int failed;
} Found;

static void found(Found *all, const char *repository)
{
        if (!repository || !repository[0] || all->names.n >= HOOK_REPOSITORIES_MAX ||
            map_has(&all->seen, repository))
                return;
        if (map_put(&all->seen, repository, all, NULL) < 0)
                all->failed = -ENOMEM;
        else
                all->names.items[all->names.n++] = repository;
}

/* "host/name:tag", "host/name@digest" */
static void found_image(Found *all, const char *reference)
{
        ImageReference image;
        const char *at;
        char *name;

        if (!reference)
                return;
        at = strchr(reference, '@');
        if (!at) {
                const char *slash = strrchr(reference, '/');

                at = slash ? strchr(slash, ':') : NULL;
        }
        name = arena_strndup(all->arena, reference,
                             at ? (size_t)(at - reference) : strlen(reference));
        if (!name)
                all->failed = -ENOMEM;
        else if (image_parse(name, all->arena, &image, NULL) >= 0)
                found(all, image.repository);
}

static bool changes_something(const char *action)
{
        return action && !streq(action, "pull") && !streq(action, "mount");
}

/* CNCF distribution, and GitLab's registry: blobs are pushed too, they have no manifest's type. */
static void read_distribution(const Node *body, Found *all)
{
        const Node *events = node_get(body, "events");

        if (!events || events->type != NODE_SEQUENCE)
                return;
        for (size_t i = 0; i < events->n; i++) {
                const Node *target = node_get(events->items[i], "target");
                const char *type = node_get_text(target, "mediaType");

                if (!changes_something(node_get_text(events->items[i], "action")))
                        continue;
                if (!type || strstr(type, "manifest") || strstr(type, "index"))
                        found(all, node_get_text(target, "repository"));
        }
}

static void read_dockerhub(const Node *body, Found *all)
{
        if (node_get(body, "push_data"))
                found(all, node_get_text(node_get(body, "repository"), "repo_name"));
}

static void read_ghcr(const Node *body, Found *all)
{
        const Node *package = node_get(body, "registry_package") ?: node_get(body, "package");
        const char *namespace = node_get_text(package, "namespace"),
                   *name = node_get_text(package, "name");
        const char *url =
                package ? node_get_text(node_get(package, "package_version"), "package_url") : NULL;

        if (url && url[0])
                found_image(all, url);
        else if (namespace && name) {
                const char *repository = arena_printf(all->arena, "%s/%s", namespace, name);

                if (repository)
                        found(all, repository);
                else
                        all->failed = -ENOMEM;
        }
}

static void read_quay(const Node *body, Found *all)
{
        if (node_get(body, "docker_url") || node_get(body, "updated_tags"))
                found(all, node_get_text(body, "repository"));
}

/* Its own form, and as a CloudEvent. */
static void read_harbor(const Node *body, Found *all)
{
        const Node *data = node_get(body, "event_data") ?: node_get(body, "data");

        if (data)
                found(all, node_get_text(node_get(data, "repository"), "repo_full_name"));
}

static void read_acr(const Node *body, Found *all)
{
        if (changes_something(node_get_text(body, "action")))
                found(all, node_get_text(node_get(body, "target"), "repository"));
}

/* A Pub/Sub message around what happened. */
static void read_gar(const Node *body, Found *all)
{
        const Node *message = node_get(body, "message");
        const char *data = node_get_text(message, "data");
        size_t size = data ? strlen(data) : 0;
        unsigned char *json;
        Node *inner;
        int n;

        if (size == 0 || size % 4 != 0)
                return;
        json = arena_alloc(all->arena, size + 1);
        if (!json) {
                all->failed = -ENOMEM;
                return;
        }
        n = EVP_DecodeBlock(json, (const unsigned char *)data, (int)size);
        while (n > 0 && size > 0 && data[size - 1] == '=') {
                n--;
                size--;
        }
        if (n <= 0 || json_to_node((char *)json, (size_t)n, all->arena, &inner, NULL) < 0)
                return;
        found_image(all, node_get_text(inner, "tag") ?: node_get_text(inner, "digest"));
}

static void read_ecr(const Node *body, Found *all)
{
        found(all, node_get_text(node_get(body, "detail"), "repository-name"));
}

static void read_zot(const Node *body, Found *all)
{
        const Node *data = node_get(body, "data");

        if (node_get_text(data, "reference") || node_get_text(data, "digest"))
                found(all, node_get_text(data, "name"));
}

static void read_nexus(const Node *body, Found *all)
{
        if (node_get_text(body, "repositoryName"))
                found(all, node_get_text(node_get(body, "component"), "name"));
}

int hook_repositories(const char *body, size_t size, Arena *arena, Strings *ret, Error *err)
{
        static void (*const readers[])(const Node *, Found *) = {
                read_distribution, read_dockerhub, read_ghcr, read_quay, read_harbor,
                read_acr,          read_gar,       read_ecr,  read_zot,  read_nexus,
        };
        Found all = { .arena = arena };
        Node *node;
        int r;

        r = json_to_node(body, size, arena, &node, err);
        if (r < 0)
                return r;
        all.names.items = arena_alloc_array(arena, HOOK_REPOSITORIES_MAX, sizeof(char *));
        if (!all.names.items)
                return error_oom(err);
        for (size_t i = 0; i < ARRAY_SIZE(readers) && node->type == NODE_MAPPING; i++)
                readers[i](node, &all);
        map_done(&all.seen);
        if (all.failed)
                return error_oom(err);
        *ret = all.names;
        return 0;
}
