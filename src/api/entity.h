#pragma once

/* Writes entities as JSON, with the field names of the API. */

#include "api/handlers.h"
#include "model/schema/json-writer.h"
#include "reconcile/catalog.h"

/* Writes the members of every entity: id, tenantId, name, displayName, metadata, managedBy,
 * declaredAt, createdAt, updatedAt; and its conditions. */
int entity_object(Request *request, Json *json, const Object *object, Error *err);
int entity_conditions(Request *request, Json *json, ObjectKind kind, const char *id, Error *err);

/* release-components.c: writes the member components of a release. For a release that is not in a
 * list, reads what the images say of themselves, with one query for many components. */
int entity_components(Request *request, Json *json, const ReleaseComponents *components,
                      Error *err);
/* Writes a release. For a release that is not in a list, runs a query for its environments and
 * another for its conditions. */
int entity_release(Request *request, Json *json, const char *name, const Release *release,
                   Error *err);
/* Returns an ETag that changes with every member that a PUT can change. */
const char *release_etag(Request *request, const Release *release);
int entity_environment(Request *request, Json *json, const EnvironmentSpec *environment,
                       Error *err);
void entity_event(Json *json, const Event *event); /* event-stream.c */
/* Writes the list of windows, as the member windows. */
void entity_windows(Json *json, const WindowSpecs *windows);
/* Writes the members of a hold. */
void entity_hold(Json *json, const Hold *hold);
/* Writes the members with the reason why an environment waits. */
void entity_pending(Json *json, const Pending *pending);
/* Writes the approvals, or the rejections, as a list in the member `member`. */
void entity_verdicts(Json *json, const char *member, const Approvals *approvals, bool is_rejection);
/* Writes one deployment of the history. */
void entity_deployment(Request *request, Json *json, const Deployment *deployment);
/* Writes the differences between two releases. name: see json_begin(). a and b may be NULL. */
void entity_diff(Json *json, const char *name, const Release *a, const Release *b,
                 const ReleaseDiff *diff);
/* Write the source of a component, or its revisions before and after a change, as the member
 * source. Write nothing if none is known. */
void entity_source(Json *json, const ComponentSource *source);
void entity_source_change(Json *json, const ComponentSource *from, const ComponentSource *to);
/* Returns the name of an environment; NULL if no document declares it any more. */
const char *environment_name(const Request *request, const char *id);
