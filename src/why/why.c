#include "why/why.h"

#include <errno.h>
#include <stdlib.h>

#include "why/steps.h"

#define SLICE (5 * USEC_PER_MSEC)

typedef enum WhyStage {
        STAGE_TAGS,  /* only with a component: applies its rules */
        STAGE_STEPS, /* makes all steps in one turn, so that their facts are of the same moment */
        STAGE_ROWS,  /* only without a component */
        STAGE_END,
} WhyStage;

struct Why {
        WhyInput input;
        WhySources sources;
        WhyStage stage;
        WhyWork work;
        WhyAnswer answer;
        /* references to the models of the component and of the environment; NULL: none yet */
        Model *tags_model, *model;
        size_t charged; /* bytes charged to the quota for data outside of the arena */
        sd_event_source *next;
};

Why *why_cancel(Why *why)
{
        if (!why)
                return NULL;
        sd_event_source_disable_unref(why->next);
        stored_tags_done(&why->work.stored);
        model_unref(why->tags_model);
        model_unref(why->model);
        quota_give(why->input.arena->quota, why->charged);
        free(why);
        return NULL;
}

/* Charges the quota for data outside of the arena, after each stage of a slice. A slice takes
 * milliseconds, so the memory cannot exceed the quota by much. */
static int charge(Why *why, Error *err)
{
        Quota *quota = why->input.arena->quota;
        size_t now = sizeof(*why) + stored_tags_memory(&why->work.stored);

        if (now > why->charged && !quota_take(quota, now - why->charged))
                return error_oom(err);
        if (now < why->charged)
                quota_give(quota, why->charged - now);
        why->charged = now;
        return 0;
}

/* --- stages ----------------------------------------------------------------------------------- */

static int stage_tags(Why *why, usec_t until, Error *err)
{
        WhyWork *work = &why->work;

        return work->component ? stored_tags_step(&work->stored, until, err) : 0;
}

static int read_environment(Why *why, Error *err)
{
        WhyWork *work = &why->work;
        const EnvironmentSpec *spec;
        Uuid id;
        int r;

        why->model = model_ref(work->control->model);
        r = deployer_why(why->sources.deployer, why->input.environment_id, work->arena,
                         &work->environment, err);
        if (r < 0)
                return r;
        spec = work->environment.spec;
        why->answer.environment = spec->object.meta.name;
        why->answer.environment_id = spec->object.id.text;
        if (!spec->stream || spec->release)
                return 0;
        id = object_id(KIND_STREAM, spec->object.meta.tenant, spec->stream);
        r = composer_why(why->sources.composer, id.text, work->arena, &work->stream, err);
        work->has_stream = r > 0;
        return MIN(r, 0);
}

static int stage_steps(Why *why, usec_t until, Error *err)
{
        int r = read_environment(why, err);

        (void)until;
        if (r >= 0 && why->work.component)
                r = why_tag_steps(&why->work, err);
        return r < 0 ? r : why_environment_steps(&why->work, err);
}

static int stage_rows(Why *why, usec_t until, Error *err)
{
        return why->work.component ? 0 : why_component_rows(&why->work, until, err);
}

/* Runs a slice of some milliseconds. Returns 1 if work is left. */
static int step(Why *why, Error *err)
{
        static int (*const stages[STAGE_END])(Why *, usec_t, Error *) = {
                [STAGE_TAGS] = stage_tags, [STAGE_STEPS] = stage_steps, [STAGE_ROWS] = stage_rows
        };
        usec_t until = time_monotonic() + SLICE;

        if (!why->input.is_wanted(why->input.userdata))
                return error_set(err, ERROR_CANCELED, -ECANCELED, "the client disconnected");
        do {
                int r = stages[why->stage](why, until, err);

                if (r >= 0 && charge(why, err) < 0)
                        return -ENOMEM;
                if (r != 0)
                        return r;
                why->stage++;
        } while (why->stage < STAGE_END && time_monotonic() < until);
        return why->stage < STAGE_END;
}

/* Called by a timer that is set to time 0. A defer source would keep other sources from running. */
static int on_next(sd_event_source *source, usec_t usec, void *userdata)
{
        Why *why = userdata;
        _cleanup_(error_done) Error error = { 0 };
        const WhyInput input = why->input;
        int r;

        (void)usec;
        r = step(why, &error);
        if (r > 0)
                return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
        if (r == 0)
                input.write(&why->answer, input.userdata);
        why_cancel(why);
        input.done(r < 0 ? &error : NULL, input.userdata);
        return 0;
}

/* --- the start -------------------------------------------------------------------------------- */

static int begin_component(Why *why, Error *err)
{
        WhyWork *work = &why->work;
        const Object *object = map_get(&work->control->model->by_id, why->input.component_id);

        if (!object)
                return error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no component '%s'",
                                 why->input.component_id);
        why->tags_model = model_ref(work->control->model);
        work->component = (const ComponentSpec *)object;
        why->answer.component = object->meta.name;
        work->wanted_tag = why->input.tag;
        work->stored = (StoredTags){ .store = work->control->store,
                                     .spec = work->component,
                                     .registry = model_component_registry(work->control->model,
                                                                          work->component),
                                     .arena = work->arena };
        return stored_tags_begin(&work->stored, err);
}

int why_start(const WhySources *sources, const WhyInput *input, Why **ret, Error *err)
{
        _cleanup_(why_cancelp) Why *why = calloc(1, sizeof(*why));
        int r;

        if (!why)
                return error_oom(err);
        why->input = *input;
        why->sources = *sources;
        why->work.control = sources->control;
        why->work.arena = input->arena;
        why->work.answer = &why->answer;
        r = input->component_id ? begin_component(why, err) : 0;
        if (r >= 0)
                r = charge(why, err);
        if (r < 0)
                return r;
        r = sd_event_add_time(sources->control->event, &why->next, CLOCK_MONOTONIC, 0, 1, on_next,
                              why);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        *ret = TAKE(why);
        return 0;
}
