/* Schemas of answers that the page needs. */

#include "api/describe/schema.h"

/* clang-format off */
static const ApiField session_fields[] = {
        { "principal", "text", "Who the caller is: token:NAME, uid:NUMBER, or proxy:USER." },
        { "person", "text?", "The person behind it, whose approvals count; null: not known yet." },
        { "role", "read|write|admin", "What the caller may do." },
        { "tenant", "text?", "The only tenant that the caller may see; null: all." },
        { "tenants", "text[]", "The tenants that the caller may see." },
        { "method", "token|session|socket|proxy", "How the caller logged in." },
        { "expiresAt", "time?", "When the session ends; null: the caller has no session." },
        { "addresses", "text[]", "The addresses of the page; empty: api.web is false, or api.listen names none." },
        { "csrfToken", "text?", "The value of the header X-CSRF-Token that changes need; null: they need none." },
        { 0 },
};

static const ApiField session_ended_fields[] = {
        { "ended", "bool", "Whether there was a session." },
        { 0 },
};

static const ApiField registry_sample_fields[] = {
        { "at", "time", "The end of the minute." },
        { "requests", "int", "Requests in that minute." },
        { "errors", "int", "Requests that failed." },
        { "latencyMicroseconds", "int?", "The mean time of an answer; null: there was none." },
        { "rateLimitLeft", "int?", "The requests that the rate limit of the registry still allows; null: not known." },
        { 0 },
};

static const ApiField registry_history_fields[] = {
        { "interval", "int", "Seconds between two samples." },
        { "samples", "RegistrySample[]", "At most 61, oldest first, since relmand started. The last one is of the minute that has not ended." },
        { 0 },
};

static const ApiField matrix_badge_fields[] = {
        { "kind", "text", "One word. Of environments: held, soaking, closed, waiting, rejected, check, confirming, failed, deprecated, rollbackNotReady, drift, warning. Of components: failed, stalled, suspended, drift, headMissing, minimumAge, tagMoved, platformMismatch, resolving, warning." },
        { "text", "text?", "For people." },
        { "since", "time?", "Since when." },
        { "until", "time?", "When it ends by itself; null: never, or not known." },
        { 0 },
};

static const ApiField matrix_release_fields[] = {
        { "id", "uuid", "Its id." },
        { "name", "text?", "Its name." },
        { "displayName", "text?", "For people; null: the release was deleted." },
        { "status", "draft|ready|promoting|deployed|deprecated|archived?", "Its status now; null: the release was deleted." },
        { 0 },
};

static const ApiField matrix_environment_fields[] = {
        { "id", "uuid", "Its id." },
        { "tenant", "text", "Its tenant's name." },
        { "name", "text", "Its name." },
        { "displayName", "text", "For people." },
        { "metadata", "map", "Labels." },
        { "stream", "text?", "The stream whose releases it gets." },
        { "follows", "text?", "The environment whose release it gets." },
        { "promotesFrom", "text[]", "The environments in which a release must have been deployed first." },
        { "require", "all|any", "In all of them, or in one." },
        { "phase", "none|promoting|deployed|failed|canceled", "The state of the last promotion; none: there was none." },
        { "release", "MatrixRelease?", "The release that was confirmed last, which runs; null: none." },
        { "since", "time?", "Since when it has this release without interruption." },
        { "by", "text?", "The principal of the last change." },
        { "hold", "Hold?", "A manual override." },
        { "pending", "Pending?", "The release that it is about to get, and its first obstacle." },
        { "gate", "status|failure|removals|source|approvals|checks|soak|windows|digests|lockfile|confirmation?", "The gate that the pending release waits at." },
        { "badges", "MatrixBadge[]", "What is remarkable about all of its cells." },
        { 0 },
};

static const ApiField matrix_image_fields[] = {
        { "version", "text?", "Its version." },
        { "tag", "text?", "Its tag." },
        { "digest", "digest", "Its digest." },
        { 0 },
};

static const ApiField matrix_cell_fields[] = {
        { "image", "int?", "Position in images; null: the release of the environment does not have the component." },
        { "next?", "int?", "Position in images, of the pending release; null: that does not have the component. Absent: the pending release changes nothing here, or there is none." },
        { "drift?", "bool", "true: the tag has another digest now." },
        { 0 },
};

static const ApiField matrix_component_fields[] = {
        { "id", "uuid", "Its id." },
        { "tenant", "text", "Its tenant's name." },
        { "name", "text", "Its name." },
        { "displayName", "text", "For people." },
        { "metadata", "map", "Labels." },
        { "badges", "MatrixBadge[]", "What is remarkable about it." },
        { "cells", "MatrixCell?[]", "One for each environment, in their order; null: the environment neither has nor gets it." },
        { 0 },
};

static const ApiField matrix_fields[] = {
        { "asOf", "time?", "The time that it shows; null: now. In the past hold and pending are null, and badges of conditions are missing." },
        { "environments", "MatrixEnvironment[]", "The columns, by name; the same on each page." },
        { "images", "MatrixImage[]", "The images of this page." },
        { "components", "MatrixComponent[]", "The rows, by name." },
        { 0 },
};

const ApiSchema api_web_schemas[] = {
        { "Session", "Who the caller is.", session_fields, NULL, 0 },
        { "SessionEnded", "The end of a session.", session_ended_fields, NULL, 0 },
        { "RegistrySample", "The requests of a minute.", registry_sample_fields, NULL, 0 },
        { "RegistryHistory", "The requests to a registry in the last hour.", registry_history_fields, NULL, 0 },
        { "Matrix", "What runs where.", matrix_fields, NULL, 0 },
        { "MatrixEnvironment", "A column: an environment.", matrix_environment_fields, NULL, 0 },
        { "MatrixRelease", "The release of an environment.", matrix_release_fields, NULL, 0 },
        { "MatrixComponent", "A row: a component.", matrix_component_fields, NULL, 0 },
        { "MatrixCell", "A component in an environment.", matrix_cell_fields, NULL, 0 },
        { "MatrixImage", "An image of a component.", matrix_image_fields, NULL, 0 },
        { "MatrixBadge", "A remark.", matrix_badge_fields, NULL, 0 },
        { 0 },
};
/* clang-format on */
