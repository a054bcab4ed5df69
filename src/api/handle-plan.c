/* POST /api/v1/specs/plan: predicts the changes of a tree of specs.
 * POST /api/v1/specs/replay: finds the releases that the tree would have made in the past. */

#include <errno.h>
#include <stddef.h>

#include "api/entity.h"
#include "api/http/parameters.h"
#include "api/plan-body.h"
#include "base/limits.h"
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

/* --- replay ----------------------------------------------------------------------------------- */

static void write_pick(Json *json, const char *name, const ReplayPick *pick)
{
        if (!pick->digest && !pick->tag)
                return;
        json_begin(json, name, '{');
        json_text(json, "tag", pick->tag);
        json_text(json, "semver", pick->version);
        json_text(json, "digest", pick->digest);
        if (pick->is_unchecked)
                json_bool(json, "unchecked", true);
        json_end(json, '}');
}

static void write_replayed(Json *json, const ReplayEntry *entry)
{
        json_begin(json, NULL, '{');
        json_text(json, "tenant", entry->stream->tenant);
        json_text(json, "stream", entry->stream->name);
        json_text(json, "result", replay_result_to_string(entry->result));
        json_time(json, "at", entry->at);
        json_text(json, "release", entry->release);
        json_time(json, "madeAt", entry->made_at);
        json_begin(json, "components", '[');
        for (size_t i = 0; i < entry->n_differences; i++) {
                const ReplayDifference *difference = &entry->differences[i];

                json_begin(json, NULL, '{');
                json_text(json, "componentName", difference->component);
                write_pick(json, "made", &difference->made);
                write_pick(json, "replayed", &difference->replayed);
                json_end(json, '}');
        }
        json_end(json, ']');
        json_end(json, '}');
}

/* Writes the limits of the record of a component, if there are any within the replay. */
static void write_record(Json *json, const Replay *replay, const ReplayComponent *component)
{
        bool is_late = component->since > replay->since;

        if (!is_late && component->n_unknown == 0 && component->n_undated == 0)
                return;
        json_begin(json, NULL, '{');
        json_text(json, "tenant", component->spec->object.meta.tenant);
        json_text(json, "componentName", component->spec->object.meta.name);
        json_time(json, "recordedSince", component->since == USEC_INFINITY ? 0 : component->since);
        json_int(json, "unknownTags", (int64_t)component->n_unknown);
        json_int(json, "undatedDigests", (int64_t)component->n_undated);
        json_end(json, '}');
}

static void begin_replay(PlanWork *work, const Replay *replay)
{
        Json *json = &work->json;
        int64_t counts[REPLAY_RESULT_MAX_] = { 0 };

        work->has_begun = true;
        for (size_t i = 0; i < replay->n_entries; i++)
                counts[replay->entries[i].result]++;
        json_begin(json, NULL, '{');
        json_time(json, "since", replay->since);
        json_time(json, "until", replay->until);
        for (size_t i = 0; i < REPLAY_RESULT_MAX_; i++)
                json_int(json, replay_result_to_string((ReplayResult)i), counts[i]);
        json_begin(json, "releases", '[');
}

/* Writes elements until the monotonic time `until`. Returns 1 if elements are left. */
static int on_write_replay(const Preview *preview, usec_t until, void *userdata, Error *err)
{
        PlanWork *work = userdata;
        const Replay *replay = preview->replay;
        size_t n = replay->n_entries;

        (void)err; /* unused: request_reply() reports a failure of the buffer */
        if (!work->has_begun)
                begin_replay(work, replay);
        while (work->at < n + replay->n_components) {
                size_t at = work->at++;

                if (at == n)
                        json_end(&work->json, ']');
                if (at == n)
                        json_begin(&work->json, "records", '[');
                if (at < n)
                        write_replayed(&work->json, &replay->entries[at]);
                else
                        write_record(&work->json, replay, replay->components[at - n]);
                if (time_monotonic() >= until)
                        return !work->json.out->failed;
        }
        if (replay->n_components == 0) {
                json_end(&work->json, ']');
                json_begin(&work->json, "records", '[');
        }
        json_end(&work->json, ']');
        json_end(&work->json, '}');
        return 0;
}

/* --- both ------------------------------------------------------------------------------------- */

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

/* Suspends the request until the plan is complete. since: see PreviewInput.replay_since. */
static int begin_plan(Request *request, usec_t since, Error *err)
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
                                .write = since > 0 ? on_write_replay : on_write,
                                .done = on_done,
                                .userdata = work,
                                .tenant = request->tenant ? request->tenant
                                                          : request_query(request, "tenant"),
                                .replay_since = since,
                                .arena = &request->arena,
                                .diags = &request->diags };
        r = reconciler_preview(request->api->reconciler, &input, &work->previewer, err);
        if (r < 0)
                return r;
        request_suspend(request, plan_cancel, work);
        return 0;
}

int handle_plan(Request *request, Error *err)
{
        return begin_plan(request, 0, err);
}

int handle_plan_replay(Request *request, Error *err)
{
        usec_t now = time_wall(), since;
        int r = request_time(request, "since", &since, err);

        if (r < 0)
                return r;
        if (since == 0 || since >= now || now - since > REPLAY_DAYS_MAX * USEC_PER_DAY)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "since: a time in the past, at most %d days ago", REPLAY_DAYS_MAX);
        return begin_plan(request, since, err);
}
