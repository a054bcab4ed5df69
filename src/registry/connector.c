#include "registry/connector.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "base/time.h"

#define DOCKER_HUB_URL "https://registry-1.docker.io"
#define DOCKER_HUB_API "https://hub.docker.com"

static usec_t time_of(JsonSpan json, const char *name)
{
        char text[64];
        usec_t wall;

        return json_span_text(json_span_member(json, name), text, sizeof(text)) &&
                               time_parse(text, &wall) == 0
                       ? wall
                       : 0;
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

static int dockerhub_parse(JsonSpan page, TagCollector *collector, bool *ret_more, Error *err)
{
        JsonSpan results = json_span_member(page, "results");
        JsonCursor item = { 0 };
        int r = 0;

        if (!json_span_is_array(results))
                return tags_refuse(page, err);
        while (r >= 0 && json_span_next(results, &item))
                r = tags_add_spans(collector, json_span_member(item.value, "name"),
                                   json_span_member(item.value, "digest"),
                                   time_of(item.value, "tag_last_pushed"), err);
        /* "next" is an absolute URL; only its presence is used, because pages are numbered */
        *ret_more = json_span_is_text(json_span_member(page, "next"));
        return r;
}

/* --- Quay ------------------------------------------------------------------------------------- */

static char *quay_url(const Registry *registry, const char *repository)
{
        return text_printf("%s/api/v1/repository/%s/tag/?limit=100&onlyActiveTags=true",
                           registry->url, repository);
}

/* True if a tag was deleted or moved: its end is in the past. A tag that expires (label
 * quay.expires-after) has an end in the future, and can be pulled until then. */
static bool quay_has_ended(JsonSpan tag, usec_t now)
{
        double seconds = json_span_number(json_span_member(tag, "end_ts"));

        return seconds > 0 && seconds <= (double)now / (double)USEC_PER_SEC;
}

static int quay_parse(JsonSpan page, TagCollector *collector, bool *ret_more, Error *err)
{
        JsonSpan tags = json_span_member(page, "tags");
        JsonCursor item = { 0 };
        int r = 0;

        if (!json_span_is_array(tags))
                return tags_refuse(page, err);
        while (r >= 0 && json_span_next(tags, &item)) {
                double seconds = json_span_number(json_span_member(item.value, "start_ts"));

                if (quay_has_ended(item.value, collector->now))
                        continue;
                r = tags_add_spans(
                        collector, json_span_member(item.value, "name"),
                        json_span_member(item.value, "manifest_digest"),
                        seconds > 0 && seconds < 1e11 ? (usec_t)seconds * USEC_PER_SEC : 0, err);
        }
        *ret_more = json_span_is(json_span_member(page, "has_additional"), "true");
        return r;
}

/* --- Harbor ----------------------------------------------------------------------------------- */

/* Harbor requires that slashes in the repository name, after the project, are escaped twice. */
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

/* Returns the URL of the project. The answer shows whether the project is a proxy cache. */
static char *harbor_check_url(const Registry *registry, const char *repository)
{
        return text_printf("%s/api/v2.0/projects/%.*s", registry->url,
                           (int)strcspn(repository, "/"), repository);
}

/* False for a proxy cache, which is a project with an upstream registry (registry_id). The list of
 * a proxy cache has only the artifacts that were pulled through it, with the tags of that time. */
static bool harbor_lists_all(JsonSpan project)
{
        return json_span_is_object(project) &&
               json_span_number(json_span_member(project, "registry_id")) < 1;
}

static int harbor_parse(JsonSpan page, TagCollector *collector, bool *ret_more, Error *err)
{
        JsonCursor artifact = { 0 };
        int n = 0, r = 0;

        if (!json_span_is_array(page))
                return tags_refuse(page, err);
        while (r >= 0 && json_span_next(page, &artifact)) {
                JsonSpan tags = json_span_member(artifact.value, "tags");
                JsonSpan digest = json_span_member(artifact.value, "digest");
                JsonCursor tag = { 0 };

                n++;
                while (r >= 0 && json_span_next(tags, &tag))
                        r = tags_add_spans(collector, json_span_member(tag.value, "name"), digest,
                                           time_of(tag.value, "push_time"), err);
        }
        *ret_more = n >= 100;
        return r;
}

/* --- Artifact Registry ------------------------------------------------------------------------ */

static char *gar_url(const Registry *registry, const char *repository)
{
        return text_printf("%s/v2/%s/tags/list", registry->url, repository);
}

static usec_t milliseconds_of(JsonSpan json, const char *name)
{
        char text[16];

        if (!json_span_text(json_span_member(json, name), text, sizeof(text)) ||
            strspn(text, "0123456789") != strlen(text) || strlen(text) > 14)
                return 0;
        return (usec_t)strtoull(text, NULL, 10) * USEC_PER_MSEC;
}

static int gar_parse_map(JsonSpan map, TagCollector *collector, Error *err)
{
        JsonCursor image = { 0 };
        int r = 0;

        while (r >= 0 && json_span_next(map, &image)) {
                JsonSpan tags = json_span_member(image.value, "tag");
                usec_t pushed_at = milliseconds_of(image.value, "timeUploadedMs");
                JsonCursor tag = { 0 };

                while (r >= 0 && json_span_next(tags, &tag))
                        r = tags_add_spans(collector, tag.value, image.key, pushed_at, err);
        }
        return r;
}

/* Adds the tags of the map "manifest" with their digests. Then adds the tags that occur only in the
 * list "tags", without digests. */
static int gar_parse(JsonSpan page, TagCollector *collector, bool *ret_more, Error *err)
{
        JsonSpan tags = json_span_member(page, "tags");
        JsonCursor cursor = { 0 };
        int r;

        *ret_more = false;
        if (!json_span_is_object(page) || !tags_are_list(tags))
                return tags_refuse(page, err);
        r = gar_parse_map(json_span_member(page, "manifest"), collector, err);
        return r < 0 ? r : tags_add_missing(collector, tags, &cursor, USEC_INFINITY, err);
}

/* --- ACR, GitLab ------------------------------------------------------------------------------ */

static char *acr_url(const Registry *registry, const char *repository)
{
        return text_printf("%s/acr/v1/%s/_tags?n=1000", registry->url, repository);
}

static int acr_parse(JsonSpan page, TagCollector *collector, bool *ret_more, Error *err)
{
        JsonSpan tags = json_span_member(page, "tags");
        JsonCursor item = { 0 };
        int r = 0;

        *ret_more = false;
        /* the answer for a repository without tags may have no list */
        if (!tags.data && json_span_is_text(json_span_member(page, "imageName")))
                return 0;
        if (!json_span_is_object(page) || !tags_are_list(tags))
                return tags_refuse(page, err);
        while (r >= 0 && json_span_next(tags, &item))
                r = tags_add_spans(collector, json_span_member(item.value, "name"),
                                   json_span_member(item.value, "digest"),
                                   time_of(item.value, "lastUpdateTime"), err);
        return r;
}

static char *gitlab_url(const Registry *registry, const char *repository)
{
        return text_printf("%s/gitlab/v1/repositories/%s/tags/list/?n=1000", registry->url,
                           repository);
}

static int gitlab_parse(JsonSpan page, TagCollector *collector, bool *ret_more, Error *err)
{
        JsonCursor item = { 0 };
        int r = 0;

        *ret_more = false;
        if (!json_span_is_array(page))
                return tags_refuse(page, err);
        while (r >= 0 && json_span_next(page, &item)) {
                usec_t pushed = time_of(item.value, "published_at");

                r = tags_add_spans(collector, json_span_member(item.value, "name"),
                                   json_span_member(item.value, "digest"),
                                   pushed > 0 ? pushed : time_of(item.value, "created_at"), err);
        }
        return r;
}

/* --- the table -------------------------------------------------------------------------------- */

/* clang-format off */
static const Connector connectors[REGISTRY_TYPE_MAX_] = {
        [REGISTRY_DOCKERHUB] = { "dockerhub", REQUEST_ANONYMOUS,   true,  dockerhub_url, dockerhub_parse, NULL, NULL },
        [REGISTRY_QUAY]      = { "quay",      REQUEST_ANONYMOUS,   true,  quay_url,      quay_parse,      NULL, NULL },
        [REGISTRY_HARBOR]    = { "harbor",    REQUEST_BASIC,       true,  harbor_url,    harbor_parse,    harbor_check_url, harbor_lists_all },
        [REGISTRY_GAR]       = { "gar",       REQUEST_AS_REGISTRY, false, gar_url,       gar_parse,       NULL, NULL },
        [REGISTRY_ACR]       = { "acr",       REQUEST_AS_REGISTRY, false, acr_url,       acr_parse,       NULL, NULL },
        [REGISTRY_GITLAB]    = { "gitlab",    REQUEST_AS_REGISTRY, false, gitlab_url,    gitlab_parse,    NULL, NULL },
};

static const struct {
        const char *end; /* the complete host, or an ending that begins with "." or "-" */
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
        return end[0] == '.' || end[0] == '-' ? text_ends_with(host, end) : streq(host, end);
}

const Connector *connector_find(const RegistrySpec *spec, const char *host)
{
        RegistryType type = spec ? spec->type : REGISTRY_AUTO;

        for (size_t i = 0; type == REGISTRY_AUTO && host && i < ARRAY_SIZE(hosts); i++)
                if (is_host(host, hosts[i].end))
                        type = hosts[i].type;
        return connectors[type].name ? &connectors[type] : NULL;
}
