/* Writes the matrix as JSON. */

#include "api/entity.h"
#include "api/matrix/matrix.h"
#include "model/selection.h"

/* --- badges ----------------------------------------------------------------------------------- */

typedef struct Badge {
        const char *kind, *text;
        usec_t since, until; /* wall; 0: not known */
} Badge;

static void write_badge(Json *json, const Badge *badge)
{
        json_begin(json, NULL, '{');
        json_text(json, "kind", badge->kind);
        json_text(json, "text", badge->text);
        json_time(json, "since", badge->since);
        json_time(json, "until", badge->until);
        json_end(json, '}');
}

/* Reasons why a promotion waits, with the gate that is closed and the badge of the environment. */
typedef struct ReasonOf {
        const char *reason, *gate, *badge; /* badge NULL: none */
} ReasonOf;

static const ReasonOf reasons[] = {
        { "ApprovalsMissing", "approvals", "waiting" },
        { "CheckFailed", "checks", "check" },
        { "CheckMissing", "checks", "check" },
        { "CheckRunning", "checks", "check" },
        { "Checking", "digests", NULL },
        { "DeploymentFailed", "failure", "failed" },
        { "DigestGone", "digests", "failed" },
        { "LockNotWritten", "lockfile", "failed" },
        { "NeverOpens", "windows", "closed" },
        { "NoSource", "source", NULL },
        { "NotInSource", "source", NULL },
        { "NotSoaked", "soak", "soaking" },
        { "Promoting", "confirmation", "confirming" },
        { "PromotionCanceled", "failure", NULL },
        { "Rejected", "approvals", "rejected" },
        { "ReleaseNotPromotable", "status", NULL },
        { "ReleaseNotReady", "status", NULL },
        { "RemovesComponents", "removals", NULL },
        { "Soaking", "soak", "soaking" },
        { "Unreachable", "digests", "failed" },
        { "WindowClosed", "windows", "closed" },
        { "WindowsUnreadable", "windows", "failed" },
};

static const ReasonOf *reason_of(const MatrixEnvironment *environment)
{
        static const ReasonOf none = { NULL, NULL, NULL };

        for (size_t i = 0; environment->is_pending && i < ARRAY_SIZE(reasons); i++)
                if (str_equal(environment->pending.reason, reasons[i].reason))
                        return &reasons[i];
        return &none;
}

/* Badges of conditions. "Ready" is the only condition that is good if it is true. */
static const char *const condition_badges[CONDITION_TYPE_MAX_] = {
        [CONDITION_READY] = "failed",
        [CONDITION_STALLED] = "stalled",
        [CONDITION_DRIFT] = "drift",
        [CONDITION_HEAD_MISSING] = "headMissing",
        [CONDITION_HELD] = "minimumAge",
        [CONDITION_TAG_MOVED] = "tagMoved",
        [CONDITION_RESOLVING] = "resolving",
        [CONDITION_PLATFORM_MISMATCH] = "platformMismatch",
        [CONDITION_NO_ROLLBACK] = "rollbackNotReady",
        [CONDITION_WARNING] = "warning",
};

static void write_condition(Json *json, const Condition *condition)
{
        ConditionStatus bad = condition->type == CONDITION_READY ? CONDITION_FALSE : CONDITION_TRUE;

        if (condition->status == bad)
                write_badge(json, &(Badge){ .kind = condition_badges[condition->type],
                                            .text = condition->message,
                                            .since = condition->since });
}

/* --- environments ----------------------------------------------------------------------------- */

static const char *phase_of(const MatrixEnvironment *environment)
{
        return environment->has_deployment
                       ? deployment_status_to_string(environment->deployment.status)
                       : "none";
}

static void write_environment_badges(Json *json, const MatrixEnvironment *environment,
                                     const Release *release)
{
        const ReasonOf *reason = reason_of(environment);
        const Pending *pending = &environment->pending;

        json_begin(json, "badges", '[');
        /* without something to follow, a hold is only the promotion by a person */
        if (environment->has_hold && environment_follows(environment->spec))
                write_badge(json, &(Badge){ .kind = "held",
                                            .text = environment->hold.reason,
                                            .since = environment->hold.since });
        if (reason->badge && (!streq(reason->badge, "confirming") || pending->needs_action))
                write_badge(json, &(Badge){ .kind = reason->badge,
                                            .text = pending->waits_for,
                                            .until = pending->opens_at });
        if (environment->has_deployment && environment->deployment.status == DEPLOYMENT_FAILED)
                write_badge(json, &(Badge){ .kind = "failed",
                                            .text = environment->deployment.reason,
                                            .since = environment->deployment.at });
        if (release && release->status == RELEASE_DEPRECATED)
                write_badge(json, &(Badge){ .kind = "deprecated", .text = release->name });
        for (size_t i = 0; i < environment->conditions.n; i++)
                /* the state and what it waits for say more than Ready, and the hold is shown */
                if (environment->conditions.items[i].type != CONDITION_READY &&
                    environment->conditions.items[i].type != CONDITION_HELD)
                        write_condition(json, &environment->conditions.items[i]);
        json_end(json, ']');
}

static void write_release(Json *json, const MatrixEnvironment *environment, const Release *release)
{
        const Deployment *deployment = &environment->deployment;

        if (environment->release == MATRIX_NONE) {
                json_raw(json, "release", "null");
                return;
        }
        json_begin(json, "release", '{');
        json_text(json, "id", deployment->deployed_release_id);
        json_text(json, "name", release ? release->name : deployment->deployed_release_name);
        json_text(json, "displayName", release ? release->display_name : NULL);
        json_text(json, "status", release ? release_status_to_string(release->status) : NULL);
        json_end(json, '}');
}

static void write_present(Json *json, const MatrixEnvironment *environment)
{
        if (environment->has_hold) {
                json_begin(json, "hold", '{');
                entity_hold(json, &environment->hold);
                json_end(json, '}');
        } else
                json_raw(json, "hold", "null");
        if (environment->is_pending) {
                json_begin(json, "pending", '{');
                entity_pending(json, &environment->pending);
                json_end(json, '}');
        } else
                json_raw(json, "pending", "null");
        json_text(json, "gate", reason_of(environment)->gate);
}

static void write_object(Json *json, const Object *object)
{
        json_text(json, "id", object->id.text);
        json_text(json, "tenant", object->meta.tenant);
        json_text(json, "name", object->meta.name);
        json_text(json, "displayName", object_display_name(object));
        json_pairs(json, "metadata", &object->meta.labels);
}

static void write_environment(Request *request, const Matrix *matrix, Json *json,
                              const MatrixEnvironment *environment)
{
        const Model *model = reconciler_model(request->api->reconciler);
        const Release *release = matrix_release(matrix, environment->release);
        const EnvironmentSpec *spec = environment->spec;

        json_begin(json, NULL, '{');
        write_object(json, &spec->object);
        json_text(json, "stream", spec->stream);
        json_text(json, "follows", spec->follows);
        json_texts(json, "promotesFrom", model_sources(model, spec));
        json_text(json, "require", require_mode_to_string(spec->promotes_from.require));
        json_text(json, "phase", phase_of(environment));
        write_release(json, environment, release);
        json_time(json, "since", environment->since);
        json_text(json, "by", environment->has_deployment ? environment->deployment.by : NULL);
        write_present(json, environment);
        write_environment_badges(json, environment, release);
        json_end(json, '}');
}

/* --- components ------------------------------------------------------------------------------- */

static void write_cell(const Matrix *matrix, Json *json, size_t component,
                       const MatrixEnvironment *environment)
{
        int image = matrix_image(matrix, component, environment->release);
        int next = matrix_image(matrix, component, environment->is_next);

        if (image == MATRIX_NONE && next == MATRIX_NONE) {
                json_raw(json, NULL, "null");
                return;
        }
        json_begin(json, NULL, '{');
        if (image == MATRIX_NONE)
                json_raw(json, "image", "null");
        else
                json_int(json, "image", image);
        if (environment->is_next != MATRIX_NONE && next == MATRIX_NONE)
                json_raw(json, "next", "null"); /* the next release lacks the component */
        else if (environment->is_next != MATRIX_NONE && next != image)
                json_int(json, "next", next);
        if (image != MATRIX_NONE && matrix->drifts.n > 0 &&
            matrix_has_drift(matrix, component, &matrix->images[image]))
                json_bool(json, "drift", true);
        json_end(json, '}');
}

/* Writes a component. Its conditions are the next ones from *at on. */
static void write_component(const Matrix *matrix, Json *json, size_t component, size_t *at)
{
        const ComponentSpec *spec = matrix->components[component];

        json_begin(json, NULL, '{');
        write_object(json, &spec->object);
        json_begin(json, "badges", '[');
        if (spec->suspend)
                write_badge(json, &(Badge){ .kind = "suspended" });
        for (; *at < matrix->conditions.n &&
               streq(matrix->conditions.items[*at].id, spec->object.id.text);
             (*at)++)
                write_condition(json, &matrix->conditions.items[*at].condition);
        json_end(json, ']');
        json_begin(json, "cells", '[');
        for (size_t i = 0; i < matrix->n_environments; i++)
                write_cell(matrix, json, component, &matrix->environments[i]);
        json_end(json, ']');
        json_end(json, '}');
}

static void write_some(Json *json, const char *name, const char *text)
{
        json_text(json, name, text[0] ? text : NULL);
}

void matrix_write(Request *request, const Matrix *matrix, Json *json)
{
        size_t at = 0;

        json_begin(json, NULL, '{');
        json_time(json, "asOf", request->as_of);
        json_begin(json, "environments", '[');
        for (size_t i = 0; i < matrix->n_environments; i++)
                write_environment(request, matrix, json, &matrix->environments[i]);
        json_end(json, ']');
        json_begin(json, "images", '[');
        for (size_t i = 0; i < matrix->n_images; i++) {
                json_begin(json, NULL, '{');
                write_some(json, "version", matrix->images[i].semver);
                write_some(json, "tag", matrix->images[i].tag);
                json_text(json, "digest", matrix->images[i].digest);
                json_end(json, '}');
        }
        json_end(json, ']');
        json_begin(json, "components", '[');
        for (size_t i = 0; i < matrix->n_components; i++)
                write_component(matrix, json, i, &at);
        json_end(json, ']');
        json_end(json, '}');
}
