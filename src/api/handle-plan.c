/* POST /api/v1/specs/plan: predicts the changes of a tree of specs. */

#include <errno.h>
#include <stddef.h>

#include "api/entity.h"
#include "api/plan-body.h"
#include "preview/preview.h"

static void write_object(Json *json, const Preview *preview, size_t i)
{
        const PreviewObject *object = &preview->objects[i];

        json_begin(json, NULL, '{');
        json_text(json, "kind", object_kind_to_string(object->kind));
        json_text(json, "tenant", object->tenant);
        json_text(json, "name", object->name);
        json_text(json, "action", preview_action_to_string(object->action));
        json_some(json, "message", object->message);
        if (object->environments)
                json_texts(json, "environments", object->environments);
        json_begin(json, "changes", '[');
        for (size_t j = 0; j < object->changes.n; j++) {
                const DocumentChange *change = &object->changes.items[j];

                json_begin(json, NULL, '{');
                json_text(json, "path", change->path);
                json_text(json, "from", change->from);
                json_text(json, "to", change->to);
                json_end(json, '}');
        }
        json_end(json, ']');
        json_end(json, '}');
}

static void write_head(Json *json, const Preview *preview, size_t i)
{
        const PreviewHead *head = &preview->heads[i];

        json_begin(json, NULL, '{');
        json_text(json, "tenant", head->tenant);
        json_text(json, "component", head->component);
        json_text(json, "channel", head->channel);
        json_text(json, "fromTag", head->from);
        json_text(json, "fromDigest", head->from_digest);
        json_text(json, "toTag", head->to);
        json_text(json, "toDigest", head->to_digest);
        entity_source_change(json, &head->from_source, &head->to_source);
        json_end(json, '}');
}

static void write_release(Json *json, const Preview *preview, size_t i)
{
        const PreviewRelease *release = &preview->releases[i];

        json_begin(json, NULL, '{');
        json_text(json, "tenant", release->tenant);
        json_text(json, "name", release->name);
        json_text(json, "status", release->problem ? "draft" : "ready");
        json_text(json, "problem", release->problem);
        json_begin(json, "components", '[');
        for (size_t j = 0; j < release->n_parts; j++) {
                const PreviewPart *part = &release->parts[j];

                json_begin(json, NULL, '{');
                json_text(json, "componentName", part->component);
                json_text(json, "semver", part->picked.semver);
                json_text(json, "tag", part->picked.tag);
                json_text(json, "digest", part->picked.digest);
                json_text(json, "problem", part->picked.reason);
                entity_source(json, &part->source);
                json_end(json, '}');
        }
        json_end(json, ']');
        json_end(json, '}');
}

static void write_environment(Json *json, const Preview *preview, size_t i)
{
        const PreviewEnvironment *environment = &preview->environments[i];

        json_begin(json, NULL, '{');
        json_text(json, "tenant", environment->tenant);
        json_text(json, "name", environment->name);
        json_text(json, "fromRelease", environment->from);
        json_text(json, "toRelease", environment->to);
        json_text(json, "stream", environment->stream);
        json_text(json, "waitsFor", environment->waits_for);
        json_text(json, "problem", environment->problem);
        json_end(json, '}');
}

static void write_warning(Json *json, const Preview *preview, size_t i)
{
        const PreviewWarning *warning = &preview->warnings[i];

        json_begin(json, NULL, '{');
        json_text(json, "kind", object_kind_to_string(warning->kind));
        json_text(json, "tenant", warning->tenant);
        json_text(json, "name", warning->name);
        json_text(json, "message", warning->message);
        json_end(json, '}');
}

/* One list of the answer. */
typedef struct Section {
        const char *name;
        size_t n_offset; /* offset of the list's count in the preview */
        void (*write)(Json *json, const Preview *preview, size_t i);
} Section;

static const Section sections[] = {
        { "objects", offsetof(Preview, n_objects), write_object },
        { "channels", offsetof(Preview, n_heads), write_head },
        { "releases", offsetof(Preview, n_releases), write_release },
        { "environments", offsetof(Preview, n_environments), write_environment },
        { "warnings", offsetof(Preview, n_warnings), write_warning },
};

/* A plan in progress, in the arena of the request. */
typedef struct PlanWork {
        Request *request;
        Previewer *previewer;
        PlanBody body;
        bool is_body_wrong;
        Json json;
        bool has_begun;
        size_t section, at; /* position in the list that is written */
} PlanWork;

/* Writes elements of a list until the monotonic time `until`. Returns 1 if elements are left. */
static int write_section(PlanWork *work, const Section *section, const Preview *preview,
                         usec_t until)
{
        size_t n;

        memcpy(&n, (const char *)preview + section->n_offset, sizeof(n));
        if (work->at == 0)
                json_begin(&work->json, section->name, '[');
        while (work->at < n) {
                section->write(&work->json, preview, work->at++);
                if (work->at < n && time_monotonic() >= until)
                        return 1;
        }
        json_end(&work->json, ']');
        work->at = 0;
        return 0;
}

static int on_write(const Preview *preview, usec_t until, void *userdata, Error *err)
{
        PlanWork *work = userdata;

        (void)err; /* unused: request_reply() reports a failure of the buffer */
        if (!work->has_begun) {
                work->has_begun = true;
                json_begin(&work->json, NULL, '{');
                json_int(&work->json, "held", (int64_t)preview->n_held);
                json_int(&work->json, "skipped", (int64_t)preview->n_skipped);
        }
        for (; work->section < ARRAY_SIZE(sections); work->section++)
                if (write_section(work, &sections[work->section], preview, until) > 0)
                        return !work->json.out->failed;
        json_end(&work->json, '}');
        return 0;
}

static int on_next_document(void *userdata, const Node **ret, Error *err)
{
        PlanWork *work = userdata;
        int r = plan_body_next(&work->body, ret, err);

        work->is_body_wrong = r < 0;
        if (r == 0)
                buffer_done(&work->request->body); /* frees memory for the rest of the plan */
        return r;
}

static bool on_still_needed(void *userdata)
{
        const PlanWork *work = userdata;

        return connection_is_open(work->request->connection);
}

static void on_done(const Error *error, void *userdata)
{
        PlanWork *work = userdata;
        Request *request = work->request;

        if (error && error->code == -ECANCELED)
                /* the client disconnected, so nobody reads the answer */
                request_problem(request, 503, "%s", error_message(error));
        else if (error) {
                if (!work->is_body_wrong)
                        (void)request_bad_document(request, error->code, error);
                request_fail(request, error);
        }
        plan_body_done(&work->body);
        request_resume(request);
}

static void plan_cancel(void *userdata)
{
        PlanWork *work = userdata;

        work->previewer = preview_cancel(work->previewer);
        plan_body_done(&work->body);
}

/* Suspends the request until the plan is complete. */
int handle_plan(Request *request, Error *err)
{
        PlanWork *work = arena_alloc(&request->arena, sizeof(*work));
        PreviewInput input;
        int r;

        if (!work)
                return error_oom(err);
        work->request = request;
        work->json.out = &request->answer.body;
        plan_body_init(&work->body, request);
        input = (PreviewInput){ .next_document = on_next_document,
                                .is_wanted = on_still_needed,
                                .write = on_write,
                                .done = on_done,
                                .userdata = work,
                                .tenant = request->tenant ? request->tenant
                                                          : request_query(request, "tenant"),
                                .arena = &request->arena,
                                .diags = &request->diags };
        r = reconciler_preview(request->api->reconciler, &input, &work->previewer, err);
        if (r < 0)
                return r;
        request_suspend(request, plan_cancel, work);
        return 0;
}
