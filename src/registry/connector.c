#include "registry/connector.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/time.h"

#define DOCKER_HUB_URL "https://registry-1.docker.io"
#define DOCKER_HUB_API "https://hub.docker.com"

static const char *text_of(const cJSON *json, const char *name)
{
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);

        return cJSON_IsString(item) ? item->valuestring : NULL;
}

static usec_t time_of(const cJSON *json, const char *name)
{
        const char *text = text_of(json, name);
        usec_t wall;

        return text && time_parse(text, &wall) == 0 ? wall : 0;
}

static int added(int r, Error *err)
{
        if (r == -E2BIG)
                return error_set(err, ERROR_HOSTILE, r, "too many tags");
        return r < 0 ? error_oom(err) : 0;
}

static int refuse_form(Error *err)
{
        return error_set(err, ERROR_HOSTILE, -EBADMSG, "not a list of tags");
}

/* --- Docker Hub ------------------------------------------------------------------------------- */

static char *dockerhub_url(const Registry *registry, const char *repository)
{
        const char *base = streq(registry->url, DOCKER_HUB_URL) ? DOCKER_HUB_API : registry->url;
        const char *slash = strchr(repository, '/');

        if (!slash)
                return text_printf("%s/v2/namespaces/library/repositories/%s/tags?page_size=100",
                                   base, repository);
        return text_printf("%s/v2/namespaces/%.*s/repositories/%s/tags?page_size=100", base,
                           (int)(slash - repository), repository, slash + 1);
}

static int dockerhub_parse(const cJSON *json, TagCollector *collector, bool *ret_more, Error *err)
{
        const cJSON *results = cJSON_GetObjectItemCaseSensitive(json, "results"), *item;
        int r;

        if (!cJSON_IsArray(results))
                return refuse_form(err);
        cJSON_ArrayForEach(item, results)
        {
                r = tags_add(collector, text_of(item, "name"), text_of(item, "digest"),
                             time_of(item, "tag_last_pushed"));
                if (r < 0)
                        return added(r, err);
        }
        *ret_more = text_of(json, "next") != NULL; /* whether, not where: it is an absolute URL */
        return 0;
}

/* --- Quay ------------------------------------------------------------------------------------- */

static char *quay_url(const Registry *registry, const char *repository)
{
        return text_printf("%s/api/v1/repository/%s/tag/?limit=100&onlyActiveTags=true",
                           registry->url, repository);
}

static int quay_parse(const cJSON *json, TagCollector *collector, bool *ret_more, Error *err)
{
        const cJSON *tags = cJSON_GetObjectItemCaseSensitive(json, "tags"), *item;
        int r;

        if (!cJSON_IsArray(tags))
                return refuse_form(err);
        cJSON_ArrayForEach(item, tags)
        {
                const cJSON *start = cJSON_GetObjectItemCaseSensitive(item, "start_ts");
                double seconds = cJSON_IsNumber(start) ? start->valuedouble : 0;

                if (cJSON_GetObjectItemCaseSensitive(item, "end_ts"))
                        continue; /* no longer a tag, or not for long */
                r = tags_add(collector, text_of(item, "name"), text_of(item, "manifest_digest"),
                             seconds > 0 && seconds < 1e11 ? (usec_t)seconds * USEC_PER_SEC : 0);
                if (r < 0)
                        return added(r, err);
        }
        *ret_more = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "has_additional"));
        return 0;
}

/* --- Harbor ----------------------------------------------------------------------------------- */

/* A slash within the repository is escaped twice. */
static char *harbor_url(const Registry *registry, const char *repository)
{
        const char *slash = strchr(repository, '/');
        Buffer name;
        char *url;

        if (!slash)
                return text_printf("%s/v2/%s/tags/list", registry->url, repository);
        buffer_init(&name, 4096);
        for (const char *p = slash + 1; *p; p++)
                (void)(*p == '/' ? buffer_puts(&name, "%252F") : buffer_putc(&name, *p));
        url = name.failed ? NULL
                          : text_printf("%s/api/v2.0/projects/%.*s/repositories/%s/artifacts"
                                        "?q=tags%%3D*&with_tag=true&page_size=100",
                                        registry->url, (int)(slash - repository), repository,
                                        name.data);
        buffer_done(&name);
        return url;
}

static int harbor_parse(const cJSON *json, TagCollector *collector, bool *ret_more, Error *err)
{
        const cJSON *artifact, *tag;
        int n = 0, r;

        if (!cJSON_IsArray(json))
                return refuse_form(err);
        cJSON_ArrayForEach(artifact, json)
        {
                n++;
                cJSON_ArrayForEach(tag, cJSON_GetObjectItemCaseSensitive(artifact, "tags"))
                {
                        r = tags_add(collector, text_of(tag, "name"), text_of(artifact, "digest"),
                                     time_of(tag, "push_time"));
                        if (r < 0)
                                return added(r, err);
                }
        }
        *ret_more = n >= 100;
        return 0;
}

/* --- Artifact Registry ------------------------------------------------------------------------ */

static char *gar_url(const Registry *registry, const char *repository)
{
        return text_printf("%s/v2/%s/tags/list", registry->url, repository);
}

static usec_t milliseconds_of(const cJSON *json, const char *name)
{
        const char *text = text_of(json, name);
        char *end;
        unsigned long long value;

        if (!text || strspn(text, "0123456789") != strlen(text) || strlen(text) > 14 || !*text)
                return 0;
        value = strtoull(text, &end, 10);
        return (usec_t)value * USEC_PER_MSEC;
}

/* The map says which digest each tag has; the list says which tags there are, and decides. */
static int gar_parse(const cJSON *json, TagCollector *collector, bool *ret_more, Error *err)
{
        const cJSON *map = cJSON_GetObjectItemCaseSensitive(json, "manifest"), *image, *tag;
        const cJSON *tags = cJSON_GetObjectItemCaseSensitive(json, "tags");
        int r;

        *ret_more = false;
        if (!cJSON_IsObject(json) || (tags && !cJSON_IsArray(tags) && !cJSON_IsNull(tags)))
                return refuse_form(err);
        cJSON_ArrayForEach(image, map)
        {
                cJSON_ArrayForEach(tag, cJSON_GetObjectItemCaseSensitive(image, "tag"))
                {
                        r = tags_add(collector, cJSON_IsString(tag) ? tag->valuestring : NULL,
                                     image->string, milliseconds_of(image, "timeUploadedMs"));
                        if (r < 0)
                                return added(r, err);
                }
        }
        cJSON_ArrayForEach(tag, tags)
        {
                const char *text = cJSON_IsString(tag) ? tag->valuestring : NULL;

                if (text && map_has(&collector->seen, text))
                        continue;
                r = tags_add(collector, text, NULL, 0);
                if (r < 0)
                        return added(r, err);
        }
        return 0;
}

/* --- ACR, GitLab ------------------------------------------------------------------------------ */

static char *acr_url(const Registry *registry, const char *repository)
{
        return text_printf("%s/acr/v1/%s/_tags?n=1000", registry->url, repository);
}

static int acr_parse(const cJSON *json, TagCollector *collector, bool *ret_more, Error *err)
{
        const cJSON *tags = cJSON_GetObjectItemCaseSensitive(json, "tags"), *item;
        int r;

        *ret_more = false;
        if (!cJSON_IsObject(json) || (tags && !cJSON_IsArray(tags) && !cJSON_IsNull(tags)))
                return refuse_form(err);
        cJSON_ArrayForEach(item, tags)
        {
                r = tags_add(collector, text_of(item, "name"), text_of(item, "digest"),
                             time_of(item, "lastUpdateTime"));
                if (r < 0)
                        return added(r, err);
        }
        return 0;
}

static char *gitlab_url(const Registry *registry, const char *repository)
{
        return text_printf("%s/gitlab/v1/repositories/%s/tags/list/?n=1000", registry->url,
                           repository);
}

static int gitlab_parse(const cJSON *json, TagCollector *collector, bool *ret_more, Error *err)
{
        const cJSON *item;
        int r;

        *ret_more = false;
        if (!cJSON_IsArray(json))
                return refuse_form(err);
        cJSON_ArrayForEach(item, json)
        {
                usec_t pushed = time_of(item, "published_at");

                r = tags_add(collector, text_of(item, "name"), text_of(item, "digest"),
                             pushed > 0 ? pushed : time_of(item, "created_at"));
                if (r < 0)
                        return added(r, err);
        }
        return 0;
}

/* --- the table -------------------------------------------------------------------------------- */

/* clang-format off */
static const Connector connectors[REGISTRY_TYPE_MAX_] = {
        [REGISTRY_DOCKERHUB] = { "dockerhub", REQUEST_ANONYMOUS,   true,  dockerhub_url, dockerhub_parse },
        [REGISTRY_QUAY]      = { "quay",      REQUEST_ANONYMOUS,   true,  quay_url,      quay_parse },
        [REGISTRY_HARBOR]    = { "harbor",    REQUEST_BASIC,       true,  harbor_url,    harbor_parse },
        [REGISTRY_GAR]       = { "gar",       REQUEST_AS_REGISTRY, false, gar_url,       gar_parse },
        [REGISTRY_ACR]       = { "acr",       REQUEST_AS_REGISTRY, false, acr_url,       acr_parse },
        [REGISTRY_GITLAB]    = { "gitlab",    REQUEST_AS_REGISTRY, false, gitlab_url,    gitlab_parse },
};

static const struct {
        const char *end; /* of the host */
        RegistryType type;
} hosts[] = {
        { "docker.io",        REGISTRY_DOCKERHUB },
        { "quay.io",          REGISTRY_QUAY },
        { "gcr.io",           REGISTRY_GAR },
        { ".gcr.io",          REGISTRY_GAR },
        { "-docker.pkg.dev",  REGISTRY_GAR },
        { ".azurecr.io",      REGISTRY_ACR },
        { "registry.gitlab.com", REGISTRY_GITLAB },
};
/* clang-format on */

static bool is_host(const char *host, const char *end)
{
        size_t size = strlen(host), n = strlen(end);

        if (end[0] != '.' && end[0] != '-')
                return streq(host, end);
        return size > n && streq(host + size - n, end);
}

const Connector *connector_find(const RegistrySpec *spec, const char *host)
{
        RegistryType type = spec ? spec->type : REGISTRY_AUTO;

        for (size_t i = 0; type == REGISTRY_AUTO && host && i < ARRAY_SIZE(hosts); i++)
                if (is_host(host, hosts[i].end))
                        type = hosts[i].type;
        return connectors[type].name ? &connectors[type] : NULL;
}
