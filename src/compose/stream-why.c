#include "compose/stream-why.h"

#include "compose/streams.h"
#include "store/pages.h"

static int why_wants(const StreamState *stream, Arena *arena, StreamWhy *ret, Error *err)
{
        const Model *model = stream->composer->control->model;
        const WantsInput input = { model->components.items, model->components.n, NULL };
        _cleanup_(error_done) Error wrong = { 0 };
        ReleaseSpec *spec = arena_alloc(arena, sizeof(*spec));
        int r;

        if (!spec || stream_follow(stream->spec, arena, spec) < 0)
                return error_oom(err);
        r = release_wants(spec, &input, arena, &ret->wants, &wrong);
        if (r < 0 && wrong.kind == ERROR_INVALID) { /* the condition of the stream has the reason */
                ret->wants = (Wants){ 0 };
                return 0;
        }
        if (r < 0)
                error_move(err, &wrong);
        return r;
}

/* Reads the stored condition of the stream. */
static int why_condition(const StreamState *stream, Arena *arena, StreamWhy *ret, Error *err)
{
        const char *ids = arena_printf(arena, "[\"%s\"]", stream->id.text);
        ObjectConditions conditions;
        int r;

        if (!ids)
                return error_oom(err);
        r = store_page_conditions(stream->composer->control->store, KIND_STREAM, ids, arena,
                                  &conditions, err);
        for (size_t i = 0; r >= 0 && i < conditions.n; i++) {
                const Condition *condition = &conditions.items[i].condition;

                if (condition->type != CONDITION_READY)
                        continue;
                ret->stage = condition->status == CONDITION_TRUE ? STREAM_CURRENT : STREAM_STOPPED;
                ret->reason = condition->reason;
                ret->message = condition->message;
        }
        return MIN(r, 0);
}

static int why_stage(StreamState *stream, Arena *arena, StreamWhy *ret, Error *err)
{
        const Control *control = stream->composer->control;
        const char *awaited = stream_awaits(stream);
        const Object *component = awaited ? map_get(&control->model->by_id, awaited) : NULL;
        usec_t now = time_monotonic();

        ret->stage = STREAM_POLLS;
        if (stream->draft) {
                ret->stage = STREAM_MAKES;
                ret->draft = arena_strdup(arena, stream->draft->spec->object.meta.name);
                return ret->draft ? 0 : error_oom(err);
        }
        ret->message = awaited ? arena_printf(arena, "component '%s' was not polled yet",
                                              component ? component->meta.name : awaited)
                               : "it is evaluated next";
        if (!ret->message)
                return error_oom(err);
        if (awaited || queue_at(control->queue, KEY_STREAM, stream->id.text) <= now)
                return 0;
        if (stream->settle_at < USEC_INFINITY) {
                ret->stage = STREAM_SETTLES;
                ret->until = time_wall() + (stream->settle_at > now ? stream->settle_at - now : 0);
                return 0;
        }
        return why_condition(stream, arena, ret, err);
}

int composer_why(Composer *composer, const char *stream_id, Arena *arena, StreamWhy *ret,
                 Error *err)
{
        StreamState *stream = map_get(&composer->streams, stream_id);
        int r;

        *ret = (StreamWhy){ 0 };
        if (!stream)
                return 0;
        ret->spec = stream->spec;
        r = why_stage(stream, arena, ret, err);
        if (r >= 0)
                r = why_wants(stream, arena, ret, err);
        if (r >= 0)
                r = store_stream_newest(composer->control->store, stream_id, arena, &ret->newest,
                                        err);
        ret->has_newest = r > 0;
        return r < 0 ? r : 1;
}
