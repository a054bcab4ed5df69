#include "api/entity.h"

#include <errno.h>

#include "api/page-rows.h"
#include "model/environment.h"
#include "model/schema/encode.h"
#include "model/selection.h"
#include "model/source.h"

/* maximum number of approvals in an answer about an environment, the newest ones */
#define APPROVALS_SHOWN 50

const char *environment_name(const Request *request, const char *id)
{
        const Object *object = map_get(&reconciler_model(request->api->reconciler)->by_id, id);

        return object ? object->meta.name : NULL;
}

static const char *place_text(Request *request, const Object *object)
{
        return object->place.file ? arena_printf(&request->arena, "%s:%u", object->place.file,
                                                 object->place.line)
                                  : NULL;
}

int entity_object(Request *request, Json *json, const Object *object, Error *err)
{
        Uuid tenant = known_tenant_id(request, object->meta.tenant);
        usec_t created_at, updated_at;
        int r;

        r = known_times(request, object, &created_at, &updated_at, err);
        if (r < 0)
                return r;
        json_text(json, "id", object->id.text);
        json_text(json, "tenantId", tenant.text);
        json_text(json, "tenant", object->meta.tenant);
        json_text(json, "name", object->meta.name);
        json_text(json, "displayName", object_display_name(object));
        json_pairs(json, "metadata", &object->meta.labels);
        json_text(json, "managedBy", managed_by_to_string(object->managed_by));
        json_some(json, "declaredAt", place_text(request, object));
        json_time(json, "createdAt", created_at);
        json_time(json, "updatedAt", updated_at);
        return 0;
}

int entity_conditions(Request *request, Json *json, ObjectKind kind, const char *id, Error *err)
{
        Conditions conditions;
        int r;

        r = known_conditions(request, kind, id, &conditions, err);
        if (r < 0)
                return r;
        json_begin(json, "conditions", '[');
        for (size_t i = 0; i < conditions.n; i++) {
                const Condition *condition = &conditions.items[i];

                json_begin(json, NULL, '{');
                json_text(json, "type", condition_type_to_string(condition->type));
                json_text(json, "status", condition_status_to_string(condition->status));
                json_text(json, "reason", condition->reason);
                json_text(json, "message", condition->message);
                json_time(json, "since", condition->since);
                json_end(json, '}');
        }
        json_end(json, ']');
        return 0;
}

/* --- releases --------------------------------------------------------------------------------- */

static void write_source_ref(Json *json, const SourceRef *ref)
{
        json_begin(json, "sourceRef", '{');
        json_some(json, "scmIntegrationId", ref->scm_integration_id);
        json_some(json, "commitSha", ref->commit_sha);
        json_some(json, "branch", ref->branch);
        json_some(json, "ciIntegrationId", ref->ci_integration_id);
        json_some(json, "buildId", ref->build_id);
        json_some(json, "pipelineUrl", ref->pipeline_url);
        json_end(json, '}');
}

static int write_environments(Request *request, Json *json, const char *release_id, Error *err)
{
        Deployments deployments;
        Strings places;
        int r;

        if (request->rows) {
                r = known_places(request, release_id, &places, err);
                if (r >= 0)
                        json_texts(json, "deployedEnvironments", &places);
                return r;
        }
        r = store_deployments_of(reconciler_store(request->api->reconciler), release_id,
                                 &request->arena, &deployments, err);
        if (r < 0)
                return r;
        json_begin(json, "deployedEnvironments", '[');
        for (size_t i = 0; i < deployments.n; i++)
                if (str_equal(deployments.items[i].deployed_release_id, release_id))
                        json_text(json, NULL, deployments.items[i].environment_id);
        json_end(json, ']');
        return 0;
}

static void write_unchanged(Json *json, const ReleaseComponent *component)
{
        json_begin(json, NULL, '{');
        json_text(json, "componentId", component->component_id);
        json_text(json, "componentName", component->component_name);
        json_text(json, "version", component->semver);
        json_text(json, "tag", component->tag);
        json_text(json, "digest", component->digest);
        json_end(json, '}');
}

void entity_source_change(Json *json, const ComponentSource *from, const ComponentSource *to)
{
        char link[SOURCE_LINK_MAX];

        if (!from->revision && !to->revision)
                return;
        json_begin(json, "source", '{');
        json_text(json, "repository", to->repository);
        json_text(json, "fromRevision", from->revision);
        json_text(json, "toRevision", to->revision);
        json_text(json, "link", source_compare_link(from, to, link));
        json_end(json, '}');
}

static void write_changed(Json *json, const ComponentDiff *diff)
{
        json_begin(json, NULL, '{');
        json_text(json, "componentId", diff->to->component_id);
        json_text(json, "componentName", diff->to->component_name);
        json_text(json, "fromVersion", diff->from->semver);
        json_text(json, "toVersion", diff->to->semver);
        json_text(json, "fromTag", diff->from->tag);
        json_text(json, "toTag", diff->to->tag);
        json_text(json, "fromDigest", diff->from->digest);
        json_text(json, "toDigest", diff->to->digest);
        json_text(json, "direction", diff_direction_to_string(diff->direction));
        entity_source_change(json, &diff->from->source, &diff->to->source);
        json_end(json, '}');
}

void entity_diff(Json *json, const char *name, const Release *a, const Release *b,
                 const ReleaseDiff *diff)
{
        json_begin(json, name, '{');
        json_text(json, "releaseA", a ? a->id.text : NULL);
        json_text(json, "releaseB", b ? b->id.text : NULL);
        json_text(json, "releaseAName", a ? a->name : NULL);
        json_text(json, "releaseBName", b ? b->name : NULL);
        for (DiffType type = 0; type < DIFF_TYPE_MAX_; type++) {
                json_begin(json, diff_type_to_string(type), '[');
                for (size_t i = 0; i < diff->n; i++) {
                        const ComponentDiff *item = &diff->items[i];

                        if (item->type != type)
                                continue;
                        if (type == DIFF_CHANGED)
                                write_changed(json, item);
                        else
                                write_unchanged(json, item->to ? item->to : item->from);
                }
                json_end(json, ']');
        }
        json_end(json, '}');
}

static void write_promoted(Json *json, const Promoted *promoted)
{
        json_begin(json, "promotion", '{');
        json_text(json, "environment", promoted->environment);
        json_bool(json, "dryRun", promoted->dry_run);
        json_some(json, "refusal", promoted->refusal);
        json_some(json, "unchecked", promoted->unchecked);
        entity_diff(json, "changes", promoted->before, promoted->after, promoted->diff);
        json_end(json, '}');
}

int entity_release(Request *request, Json *json, const char *name, const Release *release,
                   Error *err)
{
        Uuid tenant = tenant_id(release->tenant), user = { 0 };
        int r;

        if (release->created_by)
                user = user_id(release->tenant, release->created_by);

        json_begin(json, name, '{');
        json_text(json, "id", release->id.text);
        json_text(json, "tenantId", tenant.text);
        json_text(json, "tenant", release->tenant);
        json_text(json, "name", release->name);
        json_text(json, "displayName", release->display_name);
        json_text(json, "status", release_status_to_string(release->status));
        r = entity_components(request, json, &release->components, err);
        write_source_ref(json, &release->source_ref);
        json_time(json, "createdAt", release->created_at);
        json_time(json, "updatedAt", release->updated_at);
        json_text(json, "createdBy", release->created_by ? user.text : NULL);
        json_text(json, "createdByName", release->created_by);
        json_pairs(json, "metadata", &release->metadata);
        json_text(json, "managedBy", managed_by_to_string(release->managed_by));
        json_some(json, "declaredAt", release->declared_at);
        json_some(json, "streamId", release->stream_id);
        json_text(json, "specDigest", release->spec_digest);
        if (request->promoted)
                write_promoted(json, request->promoted);
        if (r >= 0)
                r = write_environments(request, json, release->id.text, err);
        if (r >= 0)
                r = entity_conditions(request, json, KIND_RELEASE, release->id.text, err);
        json_end(json, '}');
        return r;
}

/* --- environments ----------------------------------------------------------------------------- */

void entity_deployment(Request *request, Json *json, const Deployment *deployment)
{
        json_begin(json, NULL, '{');
        json_int(json, "sequence", deployment->sequence);
        json_text(json, "environmentId", deployment->environment_id);
        json_text(json, "environment", environment_name(request, deployment->environment_id));
        json_text(json, "releaseId", deployment->release_id);
        json_text(json, "release", deployment->release_name);
        json_text(json, "status", deployment_status_to_string(deployment->status));
        json_time(json, "at", deployment->at);
        json_text(json, "by", deployment->by);
        json_text(json, "promotionId", deployment->promotion_id);
        json_text(json, "evidenceRef", deployment->evidence_ref);
        json_some(json, "reason", deployment->reason);
        json_end(json, '}');
}

static int write_state(Request *request, Json *json, const char *id, Error *err)
{
        Deployment deployment;
        int r;

        r = known_deployment(request, id, &deployment, err);
        if (r <= 0) {
                json_raw(json, "state", "null");
                return r;
        }
        json_begin(json, "state", '{');
        json_text(json, "releaseId", deployment.release_id);
        json_text(json, "release", deployment.release_name);
        json_text(json, "status", deployment_status_to_string(deployment.status));
        json_time(json, "deployedAt", deployment.at);
        json_text(json, "deployedBy", deployment.by);
        json_text(json, "promotionId", deployment.promotion_id);
        json_text(json, "evidenceRef", deployment.evidence_ref);
        json_text(json, "deployedReleaseId", deployment.deployed_release_id);
        if (request->as_of > 0)
                json_text(json, "deployedRelease", deployment.deployed_release_name);
        json_some(json, "reason", deployment.reason);
        json_end(json, '}');
        return 0;
}

void entity_hold(Json *json, const Hold *hold)
{
        json_text(json, "releaseId", hold->release_id);
        json_time(json, "since", hold->since);
        json_text(json, "by", hold->by);
        json_text(json, "reason", hold->reason);
}

static int write_hold(Request *request, Json *json, const char *id, Error *err)
{
        Hold hold;
        int r;

        r = known_hold(request, id, &hold, err);
        if (r <= 0 || hold.is_retry) {
                json_raw(json, "hold", "null");
                return MIN(r, 0);
        }
        json_begin(json, "hold", '{');
        entity_hold(json, &hold);
        json_end(json, '}');
        return 0;
}

void entity_verdicts(Json *json, const char *member, const Approvals *approvals, bool is_rejection)
{
        json_begin(json, member, '[');
        for (size_t i = 0; i < approvals->n; i++) {
                const Approval *approval = &approvals->items[i];

                if (approval->is_rejection != is_rejection)
                        continue;
                json_begin(json, NULL, '{');
                json_text(json, "releaseId", approval->release_id);
                json_text(json, "person", approval->person);
                json_text(json, "by", approval->by);
                json_time(json, "at", approval->at);
                json_text(json, "message", approval->message);
                json_end(json, '}');
        }
        json_end(json, ']');
}

/* Writes nothing if the environment requires no approvals. */
static int write_approvals(Request *request, Json *json, const EnvironmentSpec *environment,
                           Error *err)
{
        Approvals approvals = { 0 };
        int r = 0;

        if (approvals_needed(&environment->approvals) > 0)
                r = store_environment_approvals(reconciler_store(request->api->reconciler),
                                                environment->object.id.text, APPROVALS_SHOWN,
                                                &request->arena, &approvals, err);
        entity_verdicts(json, "approvedBy", &approvals, false);
        entity_verdicts(json, "rejectedBy", &approvals, true);
        return r;
}

static void write_approval_rules(Json *json, const ApprovalRules *rules)
{
        char after[DURATION_TEXT_SIZE];

        json_int(json, "approvals", approvals_needed(rules));
        json_begin(json, "approvalRules", '{');
        json_int(json, "count", rules->count);
        json_texts(json, "from", &rules->from);
        json_texts(json, "required", &rules->required);
        json_text(json, "expireAfter",
                  rules->expire_after > 0 ? duration_format(rules->expire_after, after) : NULL);
        json_bool(json, "excludeAuthor", rules->exclude_author);
        json_end(json, '}');
}

static void write_check_list(Json *json, const char *member, const CheckSpecs *specs)
{
        char timeout[DURATION_TEXT_SIZE];

        json_begin(json, member, '[');
        for (size_t i = 0; i < specs->n; i++) {
                json_begin(json, NULL, '{');
                json_text(json, "name", specs->items[i].name);
                json_text(json, "timeout", duration_format(specs->items[i].timeout, timeout));
                json_text(json, "run", specs->items[i].run);
                json_texts(json, "from", &specs->items[i].from);
                json_end(json, '}');
        }
        json_end(json, ']');
}

static void write_check_rules(Json *json, const CheckRules *rules)
{
        json_begin(json, "checks", '{');
        write_check_list(json, "before", &rules->before);
        write_check_list(json, "after", &rules->after);
        json_end(json, '}');
}

static void write_approved(Json *json, const char *person, const Approved *approved)
{
        json_begin(json, "approval", '{');
        json_text(json, "person", person);
        json_int(json, "given", (int64_t)approved->n_given);
        json_int(json, "required", approved->n_wanted);
        json_bool(json, "alreadyCounted", approved->was_counted);
        json_text(json, "waitsFor", approved->waits_for[0] ? approved->waits_for : NULL);
        json_end(json, '}');
}

void entity_pending(Json *json, const Pending *pending)
{
        int64_t given = (int64_t)pending->approved_by.n;

        json_text(json, "releaseId", pending->release_id);
        json_text(json, "release", pending->release);
        json_text(json, "reason", pending->reason);
        json_text(json, "message", pending->message);
        json_text(json, "waitsFor", pending->waits_for);
        json_bool(json, "needsAction", pending->needs_action);
        json_time(json, "opensAt", pending->opens_at);
        json_text(json, "next", pending->next);
        if (pending->n_required == 0)
                return;
        json_begin(json, "approvals", '{');
        json_int(json, "required", pending->n_required);
        json_int(json, "given", given);
        json_int(json, "missing", pending->n_missing);
        json_texts(json, "persons", &pending->approved_by);
        json_end(json, '}');
}

static int write_pending(Request *request, Json *json, const char *id, Error *err)
{
        Pending pending;
        int r;

        r = known_pending(request, id, &pending, err);
        if (r <= 0) {
                json_raw(json, "pending", "null");
                return r;
        }
        json_begin(json, "pending", '{');
        entity_pending(json, &pending);
        json_end(json, '}');
        return 0;
}

void entity_windows(Json *json, const WindowSpecs *windows)
{
        char text[DURATION_TEXT_SIZE];

        json_begin(json, "windows", '[');
        for (size_t i = 0; i < windows->n; i++) {
                const WindowSpec *window = &windows->items[i];

                json_begin(json, NULL, '{');
                json_some(json, "allow", window->allow);
                json_some(json, "deny", window->deny);
                json_some(json, "for",
                          window->duration > 0 ? duration_format(window->duration, text) : NULL);
                json_text(json, "zone", window->zone);
                json_some(json, "name", window->name);
                json_some(json, "reason", window->reason);
                json_end(json, '}');
        }
        json_end(json, ']');
}

static void write_calendars(Json *json, const Model *model, const EnvironmentSpec *environment)
{
        const CalendarSpecs calendars = model_calendars(model, environment);

        json_begin(json, "calendars", '[');
        for (size_t i = 0; i < calendars.n; i++)
                json_text(json, NULL, calendars.items[i]->object.meta.name);
        json_end(json, ']');
}

static void write_sources(Json *json, const Model *model, const EnvironmentSpec *environment)
{
        const PromotesFrom *from = &environment->promotes_from;
        const Strings *sources = model_sources(model, environment);
        char soak[DURATION_TEXT_SIZE];

        if (sources->n == 1 && from->match_labels.n == 0)
                json_text(json, "promotesFrom", sources->items[0]);
        else if (sources->n > 1 || from->match_labels.n > 0) {
                json_texts(json, "sources", sources);
                if (from->match_labels.n > 0)
                        json_pairs(json, "sourceLabels", &from->match_labels);
                json_text(json, "require", require_mode_to_string(from->require));
        }
        if (environment->soak > 0)
                json_text(json, "soak", duration_format(environment->soak, soak));
}

/* Writes the members that relmand knows for the present only. */
static int write_present(Request *request, Json *json, const EnvironmentSpec *environment,
                         Error *err)
{
        const char *id = environment->object.id.text;
        int r = write_hold(request, json, id, err);

        if (r >= 0)
                r = write_pending(request, json, id, err);
        if (r >= 0 && !request->rows) /* lists omit approvals: there may be many */
                r = write_approvals(request, json, environment, err);
        if (request->approved)
                write_approved(json, request->person, request->approved);
        return r < 0 ? r : entity_conditions(request, json, KIND_ENVIRONMENT, id, err);
}

/* Writes the members of an environment as of an earlier time. Members without a stored history are
 * empty. */
static void write_past(Request *request, Json *json, const Object *object)
{
        json_time(json, "asOf", request->as_of);
        json_bool(json, "removed", !environment_name(request, object->id.text));
        json_raw(json, "hold", "null");
        json_raw(json, "pending", "null");
        json_begin(json, "conditions", '[');
        json_end(json, ']');
}

static void write_failure_rules(Json *json, const EnvironmentSpec *environment)
{
        char age[DURATION_TEXT_SIZE];

        json_text(json, "onFailure", failure_mode_to_string(environment->on_failure));
        if (environment->rollback_max_age > 0)
                json_text(json, "rollbackMaxAge",
                          duration_format(environment->rollback_max_age, age));
        json_int(json, "rollbackReleases", environment->rollback_releases);
}

int entity_environment(Request *request, Json *json, const EnvironmentSpec *environment, Error *err)
{
        const Model *model = reconciler_model(request->api->reconciler);
        const Object *object = &environment->object;
        const char *lock = NULL;
        int r = 0;

        if (request->as_of == 0)
                r = catalog_environment_lock(request->api->reconciler, environment, &request->arena,
                                             &lock, err);
        if (r < 0)
                return r;
        json_begin(json, NULL, '{');
        r = entity_object(request, json, object, err);
        json_some(json, "release", environment->release);
        json_some(json, "stream", environment->stream);
        json_some(json, "follows", environment->follows);
        write_sources(json, model, environment);
        entity_windows(json, &environment->windows);
        write_calendars(json, model, environment);
        json_text(json, "confirm", confirm_mode_to_string(environment->confirm));
        write_approval_rules(json, &environment->approvals);
        json_texts(json, "promoters", &environment->promoters);
        write_check_rules(json, &environment->checks);
        write_failure_rules(json, environment);
        json_text(json, "lock", lock);
        if (r >= 0)
                r = write_state(request, json, object->id.text, err);
        if (request->as_of > 0)
                write_past(request, json, object);
        else if (r >= 0)
                r = write_present(request, json, environment, err);
        json_end(json, '}');
        return r;
}
