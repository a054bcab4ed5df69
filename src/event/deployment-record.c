/* Writes deployment records for GitHub's artifact metadata: "set cluster deployment records",
 * version 2026-03-10 of the REST API
 * (https://docs.github.com/rest/orgs/artifact-metadata#set-cluster-deployment-records). One request
 * has all components of a release. A component that only the release before had is recorded as
 * decommissioned. */

#include <errno.h>
#include <strings.h>

#include "event/internal.h"
#include "model/schema/encode.h"

/* limits of that API */
#define DEPLOYMENTS_MAX 1000
#define NAME_SIZE_MAX   256
#define VERSION_MAX     100
#define REPOSITORY_MAX  100

static void member(Buffer *out, const char *name, const char *value, bool comma)
{
        (void)encode_name(name, comma, out);
        (void)encode_string(value, out);
}

/* Returns the name of the repository at GitHub if it belongs to the organization of the request;
 * NULL if not. GitHub needs the name for an image without an attestation. */
static const char *github_repository(const char *source, const char *url)
{
        static const char host[] = "https://github.com/", path[] = "/orgs/";
        const char *organization = strstr(url, path), *owner, *name;
        size_t size;

        if (!source || strncmp(source, host, strlen(host)) != 0 || !organization)
                return NULL;
        organization += strlen(path);
        size = strcspn(organization, "/");
        owner = source + strlen(host);
        name = owner + size + 1;
        if (strncasecmp(owner, organization, size) != 0 || owner[size] != '/' || !*name ||
            strchr(name, '/') || strlen(name) > REPOSITORY_MAX)
                return NULL;
        return name;
}

typedef struct Records {
        const ParsedEvent *parsed;
        const char *url;
        size_t n;
        Buffer *out;
} Records;

/* Adds a component. GitHub takes sha256 digests only; relmand leaves others out. */
static void add(Records *records, const ReleaseComponent *component, const char *status)
{
        const char *repository = github_repository(component->source.repository, records->url);
        Buffer *out = records->out;

        if (strncmp(component->digest, "sha256:", 7) != 0 ||
            strlen(component->repository) > NAME_SIZE_MAX)
                return;
        (void)buffer_puts(out, records->n++ > 0 ? ",{" : "{");
        member(out, "name", component->repository, false);
        member(out, "digest", component->digest, true);
        if (component->semver && strlen(component->semver) <= VERSION_MAX)
                member(out, "version", component->semver, true);
        member(out, "status", status, true);
        (void)buffer_printf(out, ",\"deployment_name\":\"%s-%s\"", records->parsed->event->tenant,
                            component->component_name);
        if (repository)
                member(out, "github_repository", repository, true);
        (void)buffer_puts(out, ",\"tags\":{");
        member(out, "release", records->parsed->to->name, false);
        (void)buffer_puts(out, "}}");
}

int deployment_records_write(const ParsedEvent *parsed, const char *url, Buffer *out, Error *err)
{
        Records records = { .parsed = parsed, .url = url, .out = out };

        if (!parsed->to)
                return error_set(err, ERROR_NOT_FOUND, -ENOENT,
                                 "release '%s' was deleted before its deployment was recorded",
                                 parsed->event->object_name);
        (void)buffer_puts(out, "{\"logical_environment\":");
        (void)encode_string(parsed_event_text(parsed, "environment"), out);
        /* records of repositories that the token cannot write to do not stop the others */
        (void)buffer_puts(out, ",\"partial_success\":true,\"return_records\":false,"
                               "\"deployments\":[");
        for (size_t i = 0; i < parsed->to->components.n; i++)
                add(&records, &parsed->to->components.items[i], "deployed");
        for (size_t i = 0; parsed->from && i < parsed->from->components.n; i++)
                if (!parsed_event_component(parsed->to,
                                            parsed->from->components.items[i].component_id))
                        add(&records, &parsed->from->components.items[i], "decommissioned");
        (void)buffer_puts(out, "]}");
        if (records.n > DEPLOYMENTS_MAX)
                return error_set(err, ERROR_INVALID, -E2BIG,
                                 "release '%s' has %zu components, and GitHub takes at most %d "
                                 "deployments",
                                 parsed->to->name, records.n, DEPLOYMENTS_MAX);
        return 0;
}
