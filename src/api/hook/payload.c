/* Reads the bodies of webhooks, as the documentation of each registry describes them. Each reader
 * reads the fields that it knows and skips the others. */

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>
#include <strings.h>

#include "api/hook/hook.h"
#include "base/map.h"
#include "base/parse.h"
#include "base/text.h"
#include "model/image/image.h"
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

/* Adds the repository of a reference "host/name:tag" or "host/name@digest". */
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

/* Reads an event of CNCF distribution or GitLab's registry. Skips pushed blobs, which
 * do not have the media type of a manifest. */
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
        const char *name = node_get_text(node_get(body, "repository"), "repo_name");

        if (node_get(body, "push_data") && name)
                found_image(all, name); /* "nginx" is library/nginx */
}

/* True if the text begins with one of the words. words ends with NULL. */
static bool begins_with_one_of(const char *text, const char *const *words)
{
        for (; text && *words; words++)
                if (strncmp(text, *words, strlen(*words)) == 0)
                        return true;
        return false;
}

/* Adds the repository "NAMESPACE/NAME". */
static void found_in(Found *all, const char *namespace, const char *name)
{
        const char *repository;

        if (!namespace || !namespace[0] || !name || !name[0])
                return;
        repository = arena_printf(all->arena, "%s/%s", namespace, name);
        if (repository)
                found(all, repository);
        else
                all->failed = -ENOMEM;
}

/* Converts to lower case: an owner's name in GitHub's events may have capitals, a repository may
 * not. */
static const char *lower(Found *all, const char *text)
{
        char *copy = text ? arena_strdup(all->arena, text) : NULL;

        if (text && !copy)
                all->failed = -ENOMEM;
        for (char *p = copy; p && *p; p++)
                *p = text_lower(*p);
        return copy;
}

/* Reads an event of ghcr.io. Skips events of other kinds of packages (npm, Maven), which have the
 * same form. */
static void read_ghcr(const Node *body, Found *all)
{
        const Node *package = node_get(body, "registry_package") ?: node_get(body, "package");
        const char *type = package ? node_get_text(package, "package_type") : NULL;
        const char *url =
                package ? node_get_text(node_get(package, "package_version"), "package_url") : NULL;

        if (!package ||
            (type && strcasecmp(type, "container") != 0 && strcasecmp(type, "docker") != 0))
                return;
        if (url && url[0])
                found_image(all, lower(all, url));
        else
                found_in(all, lower(all, node_get_text(package, "namespace")),
                         lower(all, node_get_text(package, "name")));
}

/* Reads an event of a push or a build at Quay. Skips scans, which change no tag. */
static void read_quay(const Node *body, Found *all)
{
        if (!node_get(body, "vulnerability") &&
            (node_get(body, "docker_url") || node_get(body, "updated_tags")))
                found(all, node_get_text(body, "repository"));
}

/* Reads a list such as "busybox:1.0", "alpine [1 item(s) in total]". */
static void read_harbor_artifacts(const Node *list, const char *project, Found *all)
{
        for (size_t i = 0; list && list->type == NODE_SEQUENCE && i < list->n; i++) {
                const char *text = node_get_text(list->items[i], "name_tag");
                const char *name =
                        text ? arena_strndup(all->arena, text, strcspn(text, ": @[")) : NULL;

                if (text && !name)
                        all->failed = -ENOMEM;
                found_in(all, project, name);
        }
}

/* Reads an event of Harbor, in its own format (event_data) or as a CloudEvent (data). Replication
 * and retention events list artifacts, and name the project in a separate member. */
static void read_harbor(const Node *body, Found *all)
{
        static const char *const unchanged[] = {
                "PULL_",       "SCANNING_",    "QUOTA_",
                "harbor.scan", "harbor.quota", "harbor.artifact.pulled",
                NULL
        };
        const Node *data = node_get(body, "event_data") ?: node_get(body, "data"), *part;

        if (!data || begins_with_one_of(node_get_text(body, "type"), unchanged))
                return;
        found(all, node_get_text(node_get(data, "repository"), "repo_full_name"));
        part = node_get(data, "replication");
        if (part)
                read_harbor_artifacts(node_get(part, "successful_artifact"),
                                      node_get_text(node_get(part, "dest_resource"), "namespace"),
                                      all);
        part = node_get(data, "retention");
        if (part)
                read_harbor_artifacts(node_get(part, "deleted_artifact"),
                                      node_get_text(part, "project_name"), all);
}

/* Reads an event of Azure Container Registry, which Event Grid sends as "data" of an event. */
static void read_acr(const Node *body, Found *all)
{
        if (changes_something(node_get_text(body, "action")))
                found(all, node_get_text(node_get(body, "target"), "repository"));
}

/* Reads {"action": "INSERT", "digest": "host/name@...", "tag": "host/name:..."}. */
static void read_gar_change(const Node *change, Found *all)
{
        const char *action = node_get_text(change, "action");

        if (action && (streq(action, "INSERT") || streq(action, "DELETE")))
                found_image(all, node_get_text(change, "tag") ?: node_get_text(change, "digest"));
}

/* Reads a change in Google Artifact Registry from a Pub/Sub message. If the subscription unwraps
 * messages, the body is the change. */
static void read_gar(const Node *body, Found *all)
{
        const Node *message = node_get(body, "message");
        const char *data = node_get_text(message, "data");
        size_t size = data ? strlen(data) : 0;
        unsigned char *json;
        Node *inner;
        int n;

        read_gar_change(body, all);
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
        if (n > 0 && json_to_node((char *)json, (size_t)n, all->arena, &inner, NULL) >= 0)
                read_gar_change(inner, all);
}

/* Reads an event of Amazon ECR: a push, a deletion, a replication, or a fetch by a pull-through
 * cache. */
static void read_ecr(const Node *body, Found *all)
{
        const char *type = node_get_text(body, "detail-type");

        if (!type || !strstr(type, "Scan"))
                found(all, node_get_text(node_get(body, "detail"), "repository-name"));
}

/* Reads an event of zot. Its HTTP sink sends CloudEvents in binary mode: the attributes are
 * headers, and the body has only the data. */
static void read_zot(const Node *body, Found *all)
{
        if (node_get_text(body, "reference") || node_get_text(body, "digest"))
                found(all, node_get_text(body, "name"));
}

/* Reads an event of Nexus about a component or an asset. With path-based routing, the image name
 * begins with the name of the repository. */
static void read_nexus(const Node *body, Found *all)
{
        const char *hosted = node_get_text(body, "repositoryName");
        const Node *component = node_get(body, "component"), *asset = node_get(body, "asset");
        const char *format = node_get_text(component ?: asset, "format");
        const char *name = node_get_text(component ?: asset, "name"), *end;

        if (!hosted || !name || (format && !streq(format, "docker")))
                return;
        if (!component) { /* "v2/NAME/manifests/TAG" */
                name += *name == '/';
                end = strstr(name, "/manifests/");
                if (strncmp(name, "v2/", 3) != 0 || !end || end < name + 3)
                        return;
                name = arena_strndup(all->arena, name + 3, (size_t)(end - name) - 3);
                if (!name) {
                        all->failed = -ENOMEM;
                        return;
                }
        }
        found(all, name);
        found_in(all, hosted, name);
}

/* Reads an event of Artifactory. The image name begins with the key of the repository, unless the
 * repository has its own host. */
static void read_artifactory(const Node *body, Found *all)
{
        const char *domain = node_get_text(body, "domain");
        const Node *data = node_get(body, "data");

        if (!domain || !streq(domain, "docker") || !data)
                return;
        found(all, node_get_text(data, "image_name"));
        found_in(all, node_get_text(data, "repo_key"), node_get_text(data, "image_name"));
}

static void read_event(const Node *event, Found *all)
{
        static void (*const readers[])(const Node *, Found *) = {
                read_distribution, read_dockerhub, read_ghcr,        read_quay,
                read_harbor,       read_acr,       read_gar,         read_ecr,
                read_zot,          read_nexus,     read_artifactory,
        };
        const Node *data;

        if (event->type != NODE_MAPPING)
                return;
        for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
                readers[i](event, all);
        /* a CloudEvent in structured mode */
        data = node_get(event, "data");
        if (data && data->type == NODE_MAPPING) {
                read_acr(data, all);
                read_gar_change(data, all);
                read_zot(data, all);
        }
}

/* Returns the JSON of a form. NULL if memory ran out. */
static const char *decode_form(const char *form, size_t *size, Arena *arena)
{
        char *json = arena_alloc(arena, *size + 1);
        size_t n = 0;

        for (size_t i = strlen("payload="); json && i < *size && form[i] != '&'; i++) {
                int high = form[i] == '%' && i + 2 < *size ? parse_hex_digit(form[i + 1]) : -1;
                int low = high >= 0 ? parse_hex_digit(form[i + 2]) : -1;

                if (low >= 0) {
                        json[n++] = (char)(high * 16 + low);
                        i += 2;
                } else
                        json[n++] = (char)(form[i] == '+' ? ' ' : form[i]);
        }
        *size = n;
        return json;
}

int hook_form_payload(const char **body, size_t *size, Arena *arena, Error *err)
{
        if (*size <= strlen("payload=") || strncmp(*body, "payload=", strlen("payload=")) != 0)
                return 0;
        *body = decode_form(*body, size, arena);
        return *body ? 0 : error_oom(err);
}

int hook_repositories(const char *body, size_t size, Arena *arena, Strings *ret, Error *err)
{
        Found all = { .arena = arena };
        Node *node = NULL;
        int r;

        r = hook_form_payload(&body, &size, arena, err);
        if (r >= 0)
                r = json_to_node(body, size, arena, &node, err);
        if (r < 0)
                return r;
        all.names.items = arena_alloc_array(arena, HOOK_REPOSITORIES_MAX, sizeof(char *));
        if (!all.names.items)
                return error_oom(err);
        if (node->type == NODE_SEQUENCE) /* a list of events */
                for (size_t i = 0; i < node->n; i++)
                        read_event(node->items[i], &all);
        else
                read_event(node, &all);
        map_done(&all.seen);
        if (all.failed)
                return error_oom(err);
        *ret = all.names;
        return 0;
}

/* Event Grid sends the event alone. In Event Grid's own schema the event is in an array. */
const char *hook_validation_code(const char *body, size_t size, Arena *arena)
{
        static const char type[] = "Microsoft.EventGrid.SubscriptionValidationEvent";
        const Node *event;
        const char *kind;
        Node *node;

        if (json_to_node(body, size, arena, &node, NULL) < 0)
                return NULL;
        event = node->type == NODE_SEQUENCE && node->n == 1 ? node->items[0] : node;
        if (event->type != NODE_MAPPING)
                return NULL;
        kind = node_get_text(event, "eventType") ?: node_get_text(event, "type");
        return kind && strcasecmp(kind, type) == 0
                       ? node_get_text(node_get(event, "data"), "validationCode")
                       : NULL;
}
