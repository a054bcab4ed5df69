/* GET /api/v1/environments/{id}/why: the chain from the registry to the lockfile. */

#include <errno.h>

#include "api/lookup.h"
#include "model/schema/json-writer.h"
#include "why/why.h"

/* An answer in progress, in the arena of the request. */
typedef struct WhyRequest {
        Request *request;
        Json json;
} WhyRequest;

static void write_step(Json *json, const WhyStep *step)
{
        json_begin(json, NULL, '{');
        json_text(json, "step", why_step_type_to_string(step->type));
        json_text(json, "state", why_state_to_string(step->state));
        json_text(json, "reason", step->reason);
        json_text(json, "message", step->message);
        json_text(json, "next", step->next);
        json_end(json, '}');
}

static void write_row(Json *json, const WhyRow *row)
{
        json_begin(json, NULL, '{');
        json_text(json, "component", row->component);
        json_text(json, "channel", row->channel);
        json_text(json, "head", row->head);
        json_text(json, "released", row->released);
        json_text(json, "state", why_state_to_string(row->state));
        json_text(json, "reason", row->reason);
        json_text(json, "message", row->message);
        json_end(json, '}');
}

static void on_write(const WhyAnswer *answer, void *userdata)
{
        WhyRequest *work = userdata;
        Json *json = &work->json;
        const WhyStep *obstacle = answer->obstacle;

        json_begin(json, NULL, '{');
        json_text(json, "environmentId", answer->environment_id);
        json_text(json, "environment", answer->environment);
        json_text(json, "component", answer->component);
        json_text(json, "channel", answer->channel);
        json_text(json, "tag", answer->tag);
        json_text(json, "release", answer->release);
        json_text(json, "obstacle", obstacle ? why_step_type_to_string(obstacle->type) : NULL);
        json_text(json, "next", obstacle ? obstacle->next : NULL);
        json_begin(json, "steps", '[');
        for (size_t i = 0; i < answer->n_steps; i++)
                write_step(json, &answer->steps[i]);
        json_end(json, ']');
        json_begin(json, "components", '[');
        for (size_t i = 0; i < answer->n_rows; i++)
                write_row(json, &answer->rows[i]);
        json_end(json, ']');
        json_end(json, '}');
}

static bool on_still_needed(void *userdata)
{
        const WhyRequest *work = userdata;

        return connection_is_open(work->request->connection);
}

static void on_done(const Error *error, void *userdata)
{
        Request *request = ((WhyRequest *)userdata)->request;

        if (error && error->code == -ECANCELED)
                /* the client disconnected, so nobody reads the answer */
                request_problem(request, 503, "%s", error_message(error));
        else if (error)
                request_fail(request, error);
        request_resume(request);
}

static void on_cancel(void *why)
{
        (void)why_cancel(why); /* returns NULL */
}

/* Suspends the request until the chain is complete. */
int handle_why(Request *request, Error *err)
{
        const Object *environment =
                find_object(request, KIND_ENVIRONMENT, request_parameter(request, "id"), err);
        const char *name = request_query(request, "component");
        WhyRequest *work = arena_alloc(&request->arena, sizeof(*work));
        const Object *component = NULL;
        WhyInput input;
        Why *why;
        int r;

        if (!environment)
                return -ENOENT;
        if (!work)
                return error_oom(err);
        if (name)
                component = find_object(request, KIND_COMPONENT, name, err);
        if (name && !component)
                return -ENOENT;
        if (request_query(request, "tag") && !component)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "parameter tag: it needs parameter component");
        *work = (WhyRequest){ .request = request, .json = { .out = &request->answer.body } };
        input = (WhyInput){ .environment_id = arena_strdup(&request->arena, environment->id.text),
                            .component_id = component ? component->id.text : NULL,
                            .tag = request_query(request, "tag"),
                            .arena = &request->arena,
                            .is_wanted = on_still_needed,
                            .write = on_write,
                            .done = on_done,
                            .userdata = work };
        if (!input.environment_id)
                return error_oom(err);
        r = reconciler_why(request->api->reconciler, &input, &why, err);
        if (r < 0)
                return r;
        request_suspend(request, on_cancel, why);
        return 0;
}
