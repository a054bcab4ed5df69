/* POST /api/v1/specs/plan: what a tree of specs would change. */

#include "api/entity.h"
#include "preview/preview.h"

static void write_objects(Json *json, const Preview *preview)
{
        json_begin(json, "objects", '[');
        for (size_t i = 0; i < preview->n_objects; i++) {
                const PreviewObject *object = &preview->objects[i];

                json_begin(json, NULL, '{');
                json_text(json, "kind", object_kind_to_string(object->kind));
                json_text(json, "tenant", object->tenant);
                json_text(json, "name", object->name);
                json_text(json, "action", preview_action_to_string(object->action));
                json_some(json, "message", object->message);
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
        json_end(json, ']');
}

static void write_heads(Json *json, const Preview *preview)
{
        json_begin(json, "channels", '[');
        for (size_t i = 0; i < preview->n_heads; i++) {
                const PreviewHead *head = &preview->heads[i];

                json_begin(json, NULL, '{');
                json_text(json, "tenant", head->tenant);
                json_text(json, "component", head->component);
                json_text(json, "channel", head->channel);
                json_text(json, "fromTag", head->from);
                json_text(json, "fromDigest", head->from_digest);
                json_text(json, "toTag", head->to);
                json_text(json, "toDigest", head->to_digest);
                json_end(json, '}');
        }
        json_end(json, ']');
}

static void write_releases(Json *json, const Preview *preview)
{
        json_begin(json, "releases", '[');
        for (size_t i = 0; i < preview->n_releases; i++) {
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
                        json_text(json, "problem",
                                  part->picked.digest ? NULL : part->picked.reason);
                        json_end(json, '}');
                }
                json_end(json, ']');
                json_end(json, '}');
        }
        json_end(json, ']');
}

static void write_environments(Json *json, const Preview *preview)
{
        json_begin(json, "environments", '[');
        for (size_t i = 0; i < preview->n_environments; i++) {
                const PreviewEnvironment *environment = &preview->environments[i];

                json_begin(json, NULL, '{');
                json_text(json, "tenant", environment->tenant);
                json_text(json, "name", environment->name);
                json_text(json, "fromRelease", environment->from);
                json_text(json, "toRelease", environment->to);
                json_text(json, "stream", environment->stream);
                json_end(json, '}');
        }
        json_end(json, ']');
}

static void on_preview(const Preview *preview, const Error *error, void *userdata)
{
        Request *request = userdata;
        Json json = { .out = &request->answer.body };

        if (error)
                request_fail(request, error);
        else {
                json_begin(&json, NULL, '{');
                json_int(&json, "held", (int64_t)preview->n_held);
                write_objects(&json, preview);
                write_heads(&json, preview);
                write_releases(&json, preview);
                write_environments(&json, preview);
                json_end(&json, '}');
        }
        request_resume(request);
}

static void plan_cancel(void *previewer)
{
        (void)preview_cancel(previewer); /* NULL */
}

/* Answers when it is made: the connection sleeps meanwhile. */
int handle_plan(Request *request, Error *err)
{
        static const char *const names[] = { "documents", NULL };
        static const Node none = { .type = NODE_SEQUENCE };
        const Node *body, *documents;
        Previewer *previewer;
        PreviewInput input;
        int r;

        r = request_documents(request, names, TEXT_LINES, &body, err);
        if (r < 0)
                return r;
        documents = node_get(body, "documents");
        input = (PreviewInput){ .documents = documents ? documents : &none,
                                .tenant = request->tenant ? request->tenant
                                                          : request_query(request, "tenant"),
                                .arena = &request->arena,
                                .diags = &request->diags,
                                .done = on_preview,
                                .userdata = request };
        r = reconciler_preview(request->api->reconciler, &input, &previewer, err);
        if (r < 0)
                return request_bad_document(request, r, err);
        request_suspend(request, plan_cancel, previewer);
        return 0;
}
