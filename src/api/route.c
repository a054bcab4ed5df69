/* Which handler answers what. */

#include <string.h>

#include "api/internal.h"
#include "base/limits.h"

/* clang-format off */
static const Route routes[] = {
        { "GET", "/api/v1/components", ACCESS_READ, 0, handle_components, "All components" },
        { "GET", "/api/v1/components/{id}", ACCESS_READ, 0, handle_component, "A component with the heads of its channels" },
        { "GET", "/api/v1/components/{id}/versions", ACCESS_READ, 0, handle_versions, "The version map of a component, newest first" },
        { "POST", "/api/v1/components/{id}/sync-versions", ACCESS_WRITE, API_BODY_MAX, handle_sync_versions, "Poll now, and answer when that is done" },
        { "GET", "/api/v1/version-maps", ACCESS_READ, 0, handle_version_maps, "The version map of a component, newest first" },
        { "GET", "/api/v1/registries", ACCESS_READ, 0, handle_registries, "All registries" },
        { "GET", "/api/v1/registries/{id}", ACCESS_READ, 0, handle_registry, "A registry" },
        { "GET", "/api/v1/streams", ACCESS_READ, 0, handle_streams, "All streams" },
        { "GET", "/api/v1/events", ACCESS_READ, 0, handle_events, "What happened, oldest first, after a sequence" },
        { "GET",  "/healthz",             ACCESS_OPEN, 0,            handle_healthz, "Does the loop turn and the database answer?" },
        { "GET", "/readyz", ACCESS_OPEN, 0, handle_readyz, "Were the specs read, and does the database answer?" },
        { "GET", "/metrics", ACCESS_READ, 0, handle_metrics, "Figures in Prometheus' text form" },
        { "GET", "/api/v1/releases", ACCESS_READ, 0, handle_releases, "Search releases" },
        { "GET", "/api/v1/releases/{id}", ACCESS_READ, 0, handle_release, "A release with its components" },
        { "GET", "/api/v1/releases/{id}/state", ACCESS_READ, 0, handle_release_state, "Where a release is" },
        { "GET", "/api/v1/releases/{id}/lineage", ACCESS_READ, 0, handle_lineage, "What a release came from, where it went and when" },
        { "GET", "/api/v1/releases/{id}/compare/{otherId}", ACCESS_READ, 0, handle_compare, "What differs between two releases" },
        { "POST", "/api/v1/releases/{id}/promote", ACCESS_WRITE, API_BODY_MAX, handle_promote, "An environment gets the release" },
        { "POST", "/api/v1/releases/{id}/deprecate", ACCESS_WRITE, API_BODY_MAX, handle_deprecate, "The release is promoted nowhere any more" },
        { "POST", "/api/v1/releases/{id}/archive", ACCESS_WRITE, API_BODY_MAX, handle_archive, "The release is done with" },
        { "GET", "/api/v1/components/{id}/releases", ACCESS_READ, 0, handle_component_releases, "The releases a component is in, newest first" },
        { "GET", "/api/v1/environments", ACCESS_READ, 0, handle_environments, "All environments" },
        { "GET", "/api/v1/environments/{id}", ACCESS_READ, 0, handle_environment, "An environment and what it is at" },
        { "GET", "/api/v1/environments/{id}/history", ACCESS_READ, 0, handle_history, "What an environment was at, newest first" },
        { "GET", "/api/v1/environments/{id}/changes", ACCESS_READ, 0, handle_changes, "What changed in an environment between two times" },
        { "POST", "/api/v1/environments/{id}/confirm", ACCESS_WRITE, API_BODY_MAX, handle_confirm, "A deployer says that the release on its way is deployed, or failed" },
        { "POST", "/api/v1/environments/{id}/approve", ACCESS_WRITE, API_BODY_MAX, handle_approve, "A release is approved for an environment" },
        { "POST", "/api/v1/environments/{id}/hold", ACCESS_WRITE, API_BODY_MAX, handle_hold, "Nothing is promoted there until it is resumed" },
        { "POST", "/api/v1/environments/{id}/resume", ACCESS_WRITE, API_BODY_MAX, handle_resume, "The environment follows its stream again" },
        { "POST", "/api/v1/specs/confirm-prune", ACCESS_ADMIN, API_BODY_MAX, handle_confirm_prune, "Removals that the guard holds back happen" },
        { "POST", "/hooks/v1/{registry}", ACCESS_OPEN, API_HOOK_MAX, handle_hook,    "A registry says that something was pushed" },
        { "POST", "/hooks/v1/{registry}/{secret}", ACCESS_OPEN, API_HOOK_MAX, handle_hook, "The same, for senders that can only be told a URL" },
};
/* clang-format on */

static int split_path(Request *request)
{
        const char *p = request->path;

        request->n_segments = 0;
        while (*p == '/') {
                size_t size = strcspn(++p, "/");

                if (request->n_segments >= API_SEGMENTS_MAX)
                        return -1;
                request->segments[request->n_segments] = arena_strndup(&request->arena, p, size);
                if (!request->segments[request->n_segments++])
                        return -1;
                p += size;
        }
        return 0;
}

/* The segment of a pattern that p stands at, and the next one. */
static const char *next_segment(const char *p, size_t *ret_size)
{
        *ret_size = strcspn(p, "/");
        return p + *ret_size + (p[*ret_size] == '/');
}

static bool matches(const Request *request, const char *pattern)
{
        const char *p = pattern + 1;
        size_t i = 0, size;

        while (*p) {
                const char *segment = p;

                p = next_segment(p, &size);
                if (i >= request->n_segments)
                        return false;
                if (segment[0] == '{' ? request->segments[i][0] == '\0'
                                      : strlen(request->segments[i]) != size ||
                                                strncmp(segment, request->segments[i], size) != 0)
                        return false;
                i++;
        }
        return i == request->n_segments;
}

const Route *route_find(Request *request, bool *ret_other_method)
{
        *ret_other_method = false;
        if (split_path(request) < 0)
                return NULL;
        for (size_t i = 0; i < ARRAY_SIZE(routes); i++) {
                if (!matches(request, routes[i].pattern))
                        continue;
                if (streq(routes[i].method, request->method) ||
                    (streq(request->method, "HEAD") && streq(routes[i].method, "GET")))
                        return &routes[i];
                *ret_other_method = true;
        }
        return NULL;
}

const char *request_parameter(const Request *request, const char *name)
{
        const char *p = request->route->pattern + 1;
        size_t size, length = strlen(name);

        for (size_t i = 0; *p; i++) {
                const char *segment = p;

                p = next_segment(p, &size);
                if (segment[0] == '{' && size == length + 2 &&
                    strncmp(segment + 1, name, length) == 0)
                        return request->segments[i];
        }
        return NULL;
}

void request_dispatch(Request *request)
{
        _cleanup_(error_done) Error error = { 0 };
        bool other_method;

        if (!request->route) {
                (void)route_find(request, &other_method);
                if (other_method)
                        request_problem(request, 405, "%s does not take %s", request->path,
                                        request->method);
                else
                        request_problem(request, 404, "there is nothing at %s", request->path);
        } else if (request->too_large)
                request_problem(request, 413, "the body is larger than %zu bytes",
                                request->route->body_max);
        else if (!request_may(request))
                return;
        else if (request->route->handler(request, &error) < 0)
                request_fail(request, &error);
}
