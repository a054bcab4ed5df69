/* What the API offers: one table for dispatch, access and the description (openapi.c). */

#include "api/handlers.h"
#include "base/limits.h"

#define PAGED  "page pageSize "
#define SEARCH "status componentId digest version text label since until "

/* clang-format off */
const Route api_routes[] = {
        /* components */
        { .method = "GET", .pattern = "/api/v1/components", .access = ACCESS_READ, .handler = handle_components,
          .tag = "Components", .name = "listComponents", .summary = "All components", .gives = "Component[]" },
        { .method = "POST", .pattern = "/api/v1/components", .access = ACCESS_WRITE, .body_max = API_BODY_MAX, .handler = handle_create_component, .show = show_component, .status = 201,
          .tag = "Components", .name = "createComponent", .summary = "Make a component beside those of specs", .takes = "ComponentInput", .gives = "Component", .errors = "400 409 413 422" },
        { .method = "GET", .pattern = "/api/v1/components/{id}", .access = ACCESS_READ, .handler = handle_component,
          .tag = "Components", .name = "getComponent", .summary = "A component with the heads of its channels", .gives = "Component", .errors = "404" },
        { .method = "PUT", .pattern = "/api/v1/components/{id}", .access = ACCESS_WRITE, .body_max = API_BODY_MAX, .handler = handle_put_component, .show = show_component,
          .tag = "Components", .name = "updateComponent", .summary = "Change what the body names of a component that the API made", .takes = "ComponentUpdate", .gives = "Component", .errors = "400 404 409 412 413" },
        { .method = "DELETE", .pattern = "/api/v1/components/{id}", .access = ACCESS_WRITE, .handler = handle_delete_component,
          .tag = "Components", .name = "deleteComponent", .summary = "Remove a component that the API made", .gives = "Deleted", .errors = "404 409 412" },
        { .method = "POST", .pattern = "/api/v1/components/{id}/sync-versions", .access = ACCESS_WRITE, .body_max = API_BODY_MAX, .handler = handle_sync_versions,
          .tag = "Components", .name = "syncVersions", .summary = "Poll now, and answer when that is done", .takes = "SyncInput", .gives = "SyncResult", .errors = "400 404 409 413 502 503" },
        { .method = "GET", .pattern = "/api/v1/components/{id}/versions", .access = ACCESS_READ, .handler = handle_versions,
          .tag = "Components", .name = "listVersions", .summary = "The version map of a component, newest first", .query = "channel limit", .gives = "VersionMap[]", .errors = "400 404" },
        { .method = "GET", .pattern = "/api/v1/components/{id}/releases", .access = ACCESS_READ, .handler = handle_component_releases,
          .tag = "Components", .name = "getReleaseHistory", .summary = "The releases a component is in, newest first", .query = PAGED, .gives = "Release[]", .errors = "400 404" },

        /* version maps */
        { .method = "GET", .pattern = "/api/v1/version-maps", .access = ACCESS_READ, .handler = handle_version_maps,
          .tag = "Version maps", .name = "listVersionMaps", .summary = "The version map of a component, newest first", .query = "componentId! channel limit", .gives = "VersionMap[]", .errors = "400 404" },
        { .method = "POST", .pattern = "/api/v1/version-maps", .access = ACCESS_WRITE, .body_max = API_BODY_MAX, .handler = handle_create_version_map, .show = show_version_map, .status = 201,
          .tag = "Version maps", .name = "createVersionMap", .summary = "Assign a version to what a tag leads to now", .takes = "VersionMapInput", .gives = "VersionMap", .errors = "400 404 409 413 422 502 503" },
        { .method = "DELETE", .pattern = "/api/v1/version-maps/{id}", .access = ACCESS_WRITE, .handler = handle_delete_version_map,
          .tag = "Version maps", .name = "deleteVersionMap", .summary = "Take back what was assigned so: the rules decide again", .gives = "Deleted", .errors = "404 409" },

        /* releases */
        { .method = "GET", .pattern = "/api/v1/releases", .access = ACCESS_READ, .handler = handle_releases,
          .tag = "Releases", .name = "searchReleases", .summary = "Search releases, newest first", .query = SEARCH PAGED, .gives = "ReleasePage", .errors = "400" },
        { .method = "POST", .pattern = "/api/v1/releases", .access = ACCESS_WRITE, .body_max = API_BODY_MAX, .handler = handle_create_release, .show = show_release, .status = 201,
          .tag = "Releases", .name = "createRelease", .summary = "Make a release: all is resolved there and then, or nothing is made", .takes = "ReleaseInput", .gives = "Release", .errors = "400 409 413 422 503" },
        { .method = "POST", .pattern = "/api/v1/releases/from-latest", .access = ACCESS_WRITE, .body_max = API_BODY_MAX, .handler = handle_from_latest, .show = show_release, .status = 201,
          .tag = "Releases", .name = "createReleaseFromLatest", .summary = "Make a release of the newest versions", .takes = "FromLatestInput", .gives = "Release", .errors = "400 409 413 422 503" },
        { .method = "GET", .pattern = "/api/v1/releases/{id}", .access = ACCESS_READ, .handler = handle_release,
          .tag = "Releases", .name = "getRelease", .summary = "A release with its components", .gives = "Release", .errors = "404" },
        { .method = "PUT", .pattern = "/api/v1/releases/{id}", .access = ACCESS_WRITE, .body_max = API_BODY_MAX, .handler = handle_put_release, .show = show_release,
          .tag = "Releases", .name = "updateRelease", .summary = "Change what is said of a release; its digests never change", .takes = "ReleaseUpdate", .gives = "Release", .errors = "400 404 409 412 413" },
        { .method = "DELETE", .pattern = "/api/v1/releases/{id}", .access = ACCESS_WRITE, .handler = handle_delete_release,
          .tag = "Releases", .name = "deleteRelease", .summary = "Remove a draft, or an archived release", .gives = "Deleted", .errors = "404 409 412" },
        { .method = "GET", .pattern = "/api/v1/releases/{id}/state", .access = ACCESS_READ, .handler = handle_release_state,
          .tag = "Releases", .name = "getReleaseState", .summary = "Where a release is", .gives = "ReleaseState", .errors = "404" },
        { .method = "GET", .pattern = "/api/v1/releases/{id}/lineage", .access = ACCESS_READ, .handler = handle_lineage,
          .tag = "Releases", .name = "getReleaseLineage", .summary = "What a release came from, where it went and when", .gives = "ReleaseLineage", .errors = "404" },
        { .method = "GET", .pattern = "/api/v1/releases/{id}/compare/{otherId}", .access = ACCESS_READ, .handler = handle_compare,
          .tag = "Releases", .name = "compareReleases", .summary = "What differs between two releases", .gives = "ReleaseDiff", .errors = "404" },
        { .method = "POST", .pattern = "/api/v1/releases/{id}/promote", .access = ACCESS_WRITE, .body_max = API_BODY_MAX, .handler = handle_promote, .show = show_release, .status = 202,
          .tag = "Releases", .name = "promoteRelease", .summary = "An environment gets the release, newer or older", .takes = "PromoteInput", .gives = "Release", .errors = "400 404 409 413 422" },
        { .method = "POST", .pattern = "/api/v1/releases/{id}/deprecate", .access = ACCESS_WRITE, .body_max = API_BODY_MAX, .handler = handle_deprecate, .show = show_release,
          .tag = "Releases", .name = "deprecateRelease", .summary = "The release is promoted nowhere any more", .takes = "ReasonInput", .gives = "Release", .errors = "400 404 409 413 422" },
        { .method = "POST", .pattern = "/api/v1/releases/{id}/archive", .access = ACCESS_WRITE, .body_max = API_BODY_MAX, .handler = handle_archive, .show = show_release,
          .tag = "Releases", .name = "archiveRelease", .summary = "The release is done with", .gives = "Release", .errors = "404 409 413 422" },

        /* environments */
        { .method = "GET", .pattern = "/api/v1/environments", .access = ACCESS_READ, .handler = handle_environments,
          .tag = "Environments", .name = "listEnvironments", .summary = "All environments and what they are at", .gives = "Environment[]" },
        { .method = "GET", .pattern = "/api/v1/environments/{id}", .access = ACCESS_READ, .handler = handle_environment,
          .tag = "Environments", .name = "getEnvironment", .summary = "An environment and what it is at", .gives = "Environment", .errors = "404" },
        { .method = "GET", .pattern = "/api/v1/environments/{id}/history", .access = ACCESS_READ, .handler = handle_history,
          .tag = "Environments", .name = "getEnvironmentHistory", .summary = "What an environment was at, newest first", .query = PAGED, .gives = "Deployment[]", .errors = "400 404" },
        { .method = "GET", .pattern = "/api/v1/environments/{id}/changes", .access = ACCESS_READ, .handler = handle_changes,
          .tag = "Environments", .name = "getEnvironmentChanges", .summary = "What changed in an environment between two times", .query = "from to", .gives = "ReleaseDiff", .errors = "400 404" },
        { .method = "POST", .pattern = "/api/v1/environments/{id}/confirm", .access = ACCESS_WRITE, .body_max = API_BODY_MAX, .handler = handle_confirm, .show = show_environment,
          .tag = "Environments", .name = "confirmDeployment", .summary = "A deployer says that the release on its way is deployed, or failed", .takes = "ConfirmInput", .gives = "Environment", .errors = "400 404 409 413 422" },
        { .method = "POST", .pattern = "/api/v1/environments/{id}/approve", .access = ACCESS_WRITE, .body_max = API_BODY_MAX, .handler = handle_approve, .show = show_environment,
          .tag = "Environments", .name = "approveRelease", .summary = "A release is approved for an environment", .takes = "ApproveInput", .gives = "Environment", .errors = "400 404 409 413 422" },
        { .method = "POST", .pattern = "/api/v1/environments/{id}/hold", .access = ACCESS_WRITE, .body_max = API_BODY_MAX, .handler = handle_hold, .show = show_environment,
          .tag = "Environments", .name = "holdEnvironment", .summary = "Nothing is promoted there until it is resumed", .takes = "ReasonInput", .gives = "Environment", .errors = "400 404 409 413 422" },
        { .method = "POST", .pattern = "/api/v1/environments/{id}/resume", .access = ACCESS_WRITE, .body_max = API_BODY_MAX, .handler = handle_resume, .show = show_environment,
          .tag = "Environments", .name = "resumeEnvironment", .summary = "The environment follows its stream again", .gives = "Environment", .errors = "404 413 422" },

        /* the rest */
        { .method = "GET", .pattern = "/api/v1/registries", .access = ACCESS_READ, .handler = handle_registries,
          .tag = "Registries", .name = "listRegistries", .summary = "All registries", .gives = "Registry[]" },
        { .method = "GET", .pattern = "/api/v1/registries/{id}", .access = ACCESS_READ, .handler = handle_registry,
          .tag = "Registries", .name = "getRegistry", .summary = "A registry", .gives = "Registry", .errors = "404" },
        { .method = "GET", .pattern = "/api/v1/streams", .access = ACCESS_READ, .handler = handle_streams,
          .tag = "Streams", .name = "listStreams", .summary = "All streams", .gives = "Stream[]" },
        { .method = "GET", .pattern = "/api/v1/streams/{id}", .access = ACCESS_READ, .handler = handle_stream,
          .tag = "Streams", .name = "getStream", .summary = "A stream", .gives = "Stream", .errors = "404" },
        { .method = "GET", .pattern = "/api/v1/events", .access = ACCESS_READ, .handler = handle_events,
          .tag = "Events", .name = "listEvents", .summary = "What happened, oldest first, after a sequence; as a stream of server-sent events where the client accepts that", .query = "after limit", .gives = "EventPage", .errors = "400 503" },
        { .method = "GET", .pattern = "/api/v1/audit", .access = ACCESS_ADMIN, .handler = handle_audit,
          .tag = "Events", .name = "listAudit", .summary = "Who asked for what, when and from where, oldest first, after a sequence", .query = "after limit", .gives = "AuditPage", .errors = "400" },
        { .method = "POST", .pattern = "/api/v1/specs/confirm-prune", .access = ACCESS_ADMIN, .body_max = API_BODY_MAX, .handler = handle_confirm_prune,
          .tag = "Specs", .name = "confirmPrune", .summary = "Removals that the guard holds back happen", .gives = "Pruned", .errors = "413" },
        { .method = "GET", .pattern = "/api/v1/status", .access = ACCESS_READ, .handler = handle_status,
          .tag = "Service", .name = "getStatus", .summary = "How all is, and what is not well", .gives = "Status" },
        { .method = "GET", .pattern = "/api/v1/openapi.json", .access = ACCESS_OPEN, .handler = handle_openapi,
          .tag = "Service", .name = "getOpenApi", .summary = "This description", .gives = "object" },

        { .method = "GET", .pattern = "/healthz", .access = ACCESS_OPEN, .handler = handle_healthz,
          .tag = "Service", .name = "getHealth", .summary = "Does the loop turn and the database answer?", .gives = "Health" },
        { .method = "GET", .pattern = "/readyz", .access = ACCESS_OPEN, .handler = handle_readyz,
          .tag = "Service", .name = "getReadiness", .summary = "Were the specs read, and does the database answer?", .gives = "Health", .errors = "503" },
        { .method = "GET", .pattern = "/metrics", .access = ACCESS_READ, .handler = handle_metrics,
          .tag = "Service", .name = "getMetrics", .summary = "Figures in Prometheus' text form" },
        { .method = "POST", .pattern = "/hooks/v1/{registry}", .access = ACCESS_OPEN, .body_max = API_HOOK_MAX, .handler = handle_hook, .status = 202,
          .tag = "Hooks", .name = "pushHook", .summary = "A registry says that something was pushed", .takes = "object", .gives = "Looked", .errors = "413" },
        { .method = "POST", .pattern = "/hooks/v1/{registry}/{secret}", .access = ACCESS_OPEN, .body_max = API_HOOK_MAX, .handler = handle_hook, .status = 202,
          .tag = "Hooks", .name = "pushHookWithSecret", .summary = "The same, for senders that can only be told a URL", .takes = "object", .gives = "Looked", .errors = "413" },
        { 0 },
};
/* clang-format on */
