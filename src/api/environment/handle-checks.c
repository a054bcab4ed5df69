/* /api/v1/environments/{id}/checks: the checks of a release in an environment. GET lists them with
 * their results, POST reports a result or runs a check. */

#include <errno.h>

#include "api/entity.h"
#include "api/http/access.h"
#include "api/lookup.h"
#include "base/limits.h"
#include "release/checks.h"
#include "store/checks.h"
#include "store/releases.h"

/* --- reading ---------------------------------------------------------------------------------- */

/* The content of the answer. */
typedef struct Shown {
        const EnvironmentSpec *environment;
        const char *release_id, *release; /* NULL: there is no release */
        CheckResults results;
} Shown;

/* Finds the release that is being promoted. If there is none, finds the next release, or the
 * deployed one. Checks the deployment first, because catalog_next_release() may return a release
 * that a hold keeps out while another is being promoted. */
static int shown_next(Request *request, Shown *ret, Error *err)
{
        const char *id = ret->environment->object.id.text;
        Deployment deployment;
        NextRelease next;
        int r;

        r = store_deployment(reconciler_store(request->api->reconciler), id, &request->arena,
                             &deployment, err);
        if (r > 0 && deployment.status == DEPLOYMENT_PROMOTING) {
                ret->release_id = deployment.release_id;
                ret->release = deployment.release_name;
                return 0;
        }
        if (r >= 0)
                r = catalog_next_release(request->api->reconciler, id, &request->arena, &next, err);
        ret->release_id = r > 0 ? next.id : NULL;
        ret->release = r > 0 ? next.name : NULL;
        return MIN(r, 0);
}

/* Finds the release that the request names. If it names none, calls shown_next(). */
static int shown_release(Request *request, Shown *ret, Error *err)
{
        const char *name = request_query(request, "release");
        Release release;
        int r;

        if (!name)
                return shown_next(request, ret, err);
        r = find_release(request, name, &release, err);
        if (r < 0)
                return r;
        ret->release_id = arena_strdup(&request->arena, release.id.text);
        ret->release = release.name;
        return ret->release_id ? 0 : error_oom(err);
}

/* Returns the id of the release's last promotion, whose after checks are shown; "-": none. */
static const char *last_promotion(const CheckResults *results)
{
        for (size_t i = 0; i < results->n; i++)
                if (results->items[i].promotion_id[0])
                        return results->items[i].promotion_id;
        return "-";
}

static const char *state_of(CheckPhase phase, const CheckResult *result)
{
        switch (phase) {
        case CHECK_PHASE_OPEN: return result->status == CHECK_CANCELED ? "canceled" : "open";
        case CHECK_PHASE_RUNNING: return "running";
        case CHECK_PHASE_PASSED: return "passed";
        case CHECK_PHASE_FAILED:
        case CHECK_PHASE_LATE: break;
        }
        return "failed";
}

static void write_check(Json *json, const char *when, const CheckInput *input,
                        const CheckSpec *check)
{
        static const CheckResult none = { 0 };
        const CheckResult *result;
        CheckPhase phase = check_phase(input, check, &result);
        char timeout[DURATION_TEXT_SIZE];

        if (!result)
                result = &none;
        json_begin(json, NULL, '{');
        json_text(json, "check", check->name);
        json_text(json, "when", when);
        json_text(json, "state", state_of(phase, result));
        json_text(json, "timeout", duration_format(check->timeout, timeout));
        json_text(json, "run", check->run);
        json_texts(json, "from", &check->from);
        json_text(json, "promotionId",
                  result->promotion_id && result->promotion_id[0] ? result->promotion_id : NULL);
        json_time(json, "startedAt", result->started_at);
        json_time(json, "endsAt",
                  phase == CHECK_PHASE_RUNNING ? result->started_at + check->timeout : 0);
        json_time(json, "reportedAt", result->reported_at);
        json_text(json, "by", result->by);
        json_text(json, "person", result->person);
        json_text(json, "evidenceRef", result->evidence_ref);
        json_text(json, "message", result->message);
        json_text(json, "output", result->output);
        json_end(json, '}');
}

static void write_checks(Json *json, const char *when, const CheckInput *input)
{
        for (size_t i = 0; i < input->specs->n; i++)
                write_check(json, when, input, &input->specs->items[i]);
}

static void write_shown(Json *json, const Shown *shown)
{
        const CheckRules *rules = &shown->environment->checks;
        CheckInput input = { .specs = &rules->before,
                             .results = &shown->results,
                             .promotion_id = "",
                             .now = time_wall() };

        json_begin(json, NULL, '{');
        json_text(json, "environmentId", shown->environment->object.id.text);
        json_text(json, "environment", shown->environment->object.meta.name);
        json_text(json, "releaseId", shown->release_id);
        json_text(json, "release", shown->release);
        json_begin(json, "checks", '[');
        write_checks(json, "before", &input);
        input.specs = &rules->after;
        input.promotion_id = last_promotion(&shown->results);
        write_checks(json, "after", &input);
        json_end(json, ']');
        json_end(json, '}');
}

int handle_checks(Request *request, Error *err)
{
        Shown shown = { .environment = (const EnvironmentSpec *)find_object(
                                request, KIND_ENVIRONMENT, request_parameter(request, "id"), err) };
        Json json = { .out = &request->answer.body };
        int r;

        if (!shown.environment)
                return -ENOENT;
        r = shown_release(request, &shown, err);
        if (r >= 0 && shown.release_id)
                r = store_checks_output(reconciler_store(request->api->reconciler),
                                        shown.environment->object.id.text, shown.release_id,
                                        &request->arena, &shown.results, err);
        if (r >= 0)
                write_shown(&json, &shown);
        return MIN(r, 0);
}

/* --- reports ---------------------------------------------------------------------------------- */

static int bad_member(Request *request, const char *pointer, const char *message, Error *err)
{
        request->pointer = pointer;
        return error_set(err, ERROR_INVALID, -EINVAL, "body: %s", message);
}

static int read_status(Request *request, const Node *body, CheckStatus *ret, Error *err)
{
        const char *text;
        int r;

        r = body_text(request, body, "status", true, &text, err);
        if (r < 0)
                return r;
        if (check_status_from_string(text, ret) >= 0 && *ret != CHECK_CANCELED)
                return 0;
        return bad_member(request, "/status", "status is passed, failed or running", err);
}

/* True for an HTTP or HTTPS URL without user and password. Everybody who reads the result would see
 * them. */
static bool is_evidence(const char *text)
{
        const char *rest = strstr(text, "://");
        bool is_http = strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;

        return is_http && rest[3] && rest[3] != '/' && !strpbrk(text, " \"<>\\^`{|}") &&
               !memchr(rest + 3, '@', strcspn(rest + 3, "/"));
}

static int read_evidence(Request *request, const Node *body, const char **ret, Error *err)
{
        int r = body_text(request, body, "evidenceRef", false, ret, err);

        if (r < 0 || !*ret)
                return r;
        if (strlen(*ret) > CHECK_EVIDENCE_MAX)
                return bad_member(request, "/evidenceRef", "evidenceRef is longer than 500 bytes",
                                  err);
        return is_evidence(*ret) ? 0
                                 : bad_member(request, "/evidenceRef",
                                              "evidenceRef is a URL such as "
                                              "https://ci.example.com/runs/17, without a password",
                                              err);
}

int handle_report_check(Request *request, Error *err)
{
        static const char *const names[] = { "releaseId",   "check",   "status", "promotionId",
                                             "evidenceRef", "message", NULL };
        const Object *environment =
                find_object(request, KIND_ENVIRONMENT, request_parameter(request, "id"), err);
        CheckCommand command = { .actor = &request->actor, .arena = &request->arena };
        const Node *body;
        int r;

        if (!environment)
                return -ENOENT;
        r = request_body(request, names, &body, err);
        if (r >= 0)
                r = find_body_release(request, body, true, &command.release_id, err);
        if (r >= 0)
                r = body_text(request, body, "check", true, &command.name, err);
        if (r >= 0)
                r = read_status(request, body, &command.status, err);
        if (r >= 0)
                r = body_promotion(request, body, &command.promotion_id, err);
        if (r >= 0)
                r = read_evidence(request, body, &command.evidence_ref, err);
        if (r >= 0)
                r = body_message(request, body, &command.message, err);
        if (r >= 0 && command.status == CHECK_RUNNING &&
            (command.promotion_id || command.evidence_ref || command.message))
                r = bad_member(request, "/status",
                               "promotionId, evidenceRef and message belong to a result", err);
        if (r >= 0)
                r = request_person(request, err);
        if (r >= 0)
                r = deployer_report_check(reconciler_deployer(request->api->reconciler),
                                          environment->id.text, &command, err);
        return r < 0 ? r : request_show_stored(request, environment->id.text);
}
