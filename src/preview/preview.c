#include "preview/preview.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "preview/preview-internal.h"

#define SLICE (5 * USEC_PER_MSEC)

const char *preview_action_to_string(PreviewAction action)
{
        static const char *const names[PREVIEW_ACTION_MAX_] = {
                [PREVIEW_CREATED] = "created",   [PREVIEW_UPDATED] = "updated",
                [PREVIEW_DELETED] = "deleted",   [PREVIEW_ARCHIVED] = "archived",
                [PREVIEW_RESTORED] = "restored", [PREVIEW_REFUSED] = "refused",
        };

        return names[action];
}

/* Frees data that only the prediction needs, except its texts. */
static void prediction_done(Previewer *previewer)
{
        preview_stored_done(previewer);
        references_done(&previewer->references);
        previewer->references = (References){ 0 };
        previewer->model = model_unref(previewer->model);
        map_done(&previewer->changed);
        map_done(&previewer->components);
        map_done(&previewer->streams);
        free(previewer->objects);
        previewer->objects = NULL;
        previewer->objects_capacity = 0;
}

static int end_prediction(Previewer *previewer, usec_t until, Error *err)
{
        (void)until, (void)err;
        prediction_done(previewer);
        return 0;
}

static int write_answer(Previewer *previewer, usec_t until, Error *err)
{
        return previewer->input.write(previewer->preview, until, previewer->input.userdata, err);
}

static const PreviewStep stages[] = {
        preview_read_documents,
        preview_make_model,
        preview_check_references,
        preview_read_stored,
        preview_index_stored,
        preview_plan,
        preview_index_components,
        preview_heads,
        preview_warn_channels,
        preview_releases,
        preview_streams,
        preview_environments,
        preview_head_sources,
        preview_release_sources,
        end_prediction,
        preview_detach,
        write_answer,
};

/* The stages of a replay. Its result refers to the documents, so they stay until it is written. */
static const PreviewStep replay_stages[] = {
        preview_read_documents,
        preview_make_model,
        preview_check_references,
        preview_read_stored,
        preview_index_stored,
        preview_plan,
        preview_index_components,
        preview_replay_streams,
        preview_replay_tags,
        preview_replay_releases,
        preview_replay_run,
        preview_replay_compare,
        write_answer,
};

/* --- memory ----------------------------------------------------------------------------------- */

/* Returns the bytes that the preview takes outside of the arena. */
static size_t memory_of(const Previewer *previewer)
{
        return sizeof(*previewer) + previewer->objects_capacity * sizeof(Object *) +
               (previewer->model ? model_memory(previewer->model) : 0) +
               previewer->references.arena.used + map_memory(&previewer->references.brokens) +
               previewer->stored_capacity * sizeof(StoredObject) +
               map_memory(&previewer->stored_by_id) + spec_plan_memory(&previewer->plan) +
               previewer->results_capacity * sizeof(PreviewObject) +
               map_memory(&previewer->documents) + map_memory(&previewer->changed) +
               map_memory(&previewer->components) +
               previewer->heads_capacity * sizeof(PreviewHead) + map_memory(&previewer->streams) +
               preview_heads_memory(previewer) + preview_versions_memory(previewer) +
               preview_replay_memory(previewer);
}

/* Charges memory_of() to the quota of the arena after each step. One step of some milliseconds
 * cannot exceed the quota by much. */
static int charge(Previewer *previewer, Error *err)
{
        Quota *quota = previewer->input.arena->quota;
        size_t now = memory_of(previewer);

        if (now > previewer->charged && !quota_take(quota, now - previewer->charged))
                return error_oom(err);
        if (now < previewer->charged)
                quota_give(quota, previewer->charged - now);
        previewer->charged = now;
        return 0;
}

/* --- all -------------------------------------------------------------------------------------- */

Previewer *preview_cancel(Previewer *previewer)
{
        if (!previewer)
                return NULL;
        preview_heads_done(previewer);
        preview_releases_done(previewer);
        preview_versions_done(previewer);
        preview_replay_done(previewer);
        sd_event_source_disable_unref(previewer->next);
        prediction_done(previewer);
        arena_done(&previewer->work);
        model_unref(previewer->current);
        if (previewer->preview) {
                free(previewer->preview->objects);
                free(previewer->preview->heads);
        }
        quota_give(previewer->input.arena->quota, previewer->charged);
        free(previewer);
        return NULL;
}

/* Runs for some milliseconds. Returns 1 if there is more to do, 0 at the end. */
static int step(Previewer *previewer, Error *err)
{
        usec_t until = time_monotonic() + SLICE;
        bool replays = previewer->input.replay_since > 0;
        const PreviewStep *steps = replays ? replay_stages : stages;
        size_t n = replays ? ARRAY_SIZE(replay_stages) : ARRAY_SIZE(stages);
        int r;

        if (!previewer->input.is_wanted(previewer->input.userdata))
                return error_set(err, ERROR_CANCELED, -ECANCELED, "the client disconnected");
        do {
                r = steps[previewer->stage](previewer, until, err);
                if (r >= 0 && charge(previewer, err) < 0)
                        return -ENOMEM;
                if (r != 0)
                        return r;
                previewer->stage++;
                previewer->at = 0;
        } while (previewer->stage < n && time_monotonic() < until);
        return previewer->stage < n;
}

/* Runs on a timer that is set to time 0. An enabled defer source would run before all other
 * sources, so that these would wait until the end. */
static int on_next(sd_event_source *source, usec_t usec, void *userdata)
{
        Previewer *previewer = userdata;
        _cleanup_(error_done) Error error = { 0 };
        PreviewInput input = previewer->input;
        int r;

        (void)usec;
        r = step(previewer, &error);
        if (r > 0)
                return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        preview_cancel(previewer);
        input.done(r < 0 ? &error : NULL, input.userdata);
        return 0;
}

int preview_start(const Control *control, const PreviewInput *input, Previewer **ret, Error *err)
{
        _cleanup_(preview_cancelp) Previewer *previewer = calloc(1, sizeof(*previewer));
        int r;

        if (!previewer)
                return error_oom(err);
        previewer->input = *input;
        previewer->control = control;
        previewer->arena = &previewer->work;
        arena_init(&previewer->work, API_REQUEST_MAX);
        previewer->work.quota = input->arena->quota;
        arena_init(&previewer->stored_arena, API_REQUEST_MAX);
        previewer->stored_arena.quota = input->arena->quota;
        arena_init(&previewer->documents_arena, API_REQUEST_MAX);
        previewer->documents_arena.quota = input->arena->quota;
        /* unlike the tree, this model has the objects that the API made */
        previewer->current = model_ref(control->model);
        previewer->preview = arena_alloc(input->arena, sizeof(*previewer->preview));
        if (!previewer->preview)
                return error_oom(err);
        r = charge(previewer, err);
        if (r < 0)
                return r;
        r = sd_event_add_time(control->event, &previewer->next, CLOCK_MONOTONIC, 0, 1, on_next,
                              previewer);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        *ret = TAKE(previewer);
        return 0;
}
