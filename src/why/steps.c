#include "why/steps.h"

const char *why_step_type_to_string(WhyStepType type)
{
        static const char *const names[WHY_STEP_TYPE_MAX_] = {
                [WHY_POLL] = "poll",
                [WHY_TAG] = "tag",
                [WHY_RULE] = "rule",
                [WHY_CHANNEL] = "channel",
                [WHY_MOVED] = "moved",
                [WHY_DENY] = "deny",
                [WHY_IMAGE] = "image",
                [WHY_PLATFORM] = "platform",
                [WHY_AGE] = "age",
                [WHY_SIGNATURE] = "signature",
                [WHY_HEAD] = "head",
                [WHY_STREAM] = "stream",
                [WHY_FOLLOWS] = "follows",
                [WHY_RELEASE] = "release",
                [WHY_PROMOTES_FROM] = "promotesFrom",
                [WHY_SOAK] = "soak",
                [WHY_WINDOWS] = "windows",
                [WHY_APPROVALS] = "approvals",
                [WHY_CHECKS] = "checks",
                [WHY_FORMATS] = "formats",
                [WHY_HOLD] = "hold",
                [WHY_DIGESTS] = "digests",
                [WHY_LOCKFILE] = "lockfile",
                [WHY_CONFIRMATION] = "confirmation",
        };

        return names[type];
}

const char *why_state_to_string(WhyState state)
{
        static const char *const names[WHY_STATE_MAX_] = {
                [WHY_OK] = "ok",
                [WHY_WAITS] = "waits",
                [WHY_BLOCKED] = "blocked",
                [WHY_OPEN] = "open",
        };

        return names[state];
}

void why_add(WhyWork *work, WhyStep step)
{
        WhyAnswer *answer = work->answer;
        WhyStep *added = &answer->steps[answer->n_steps++];

        *added = step;
        if (!answer->obstacle && (step.state == WHY_WAITS || step.state == WHY_BLOCKED))
                answer->obstacle = added;
}

bool why_has_obstacle(const WhyWork *work)
{
        return work->answer->obstacle != NULL;
}

const char *why_place(WhyWork *work, const Object *object, Place place)
{
        if (place.line == 0)
                place = object->place;
        if (!place.file)
                place.file = object->place.file;
        return place.file ? arena_printf(work->arena, "%s:%u", place.file, place.line)
                          : arena_printf(work->arena, "the API's object '%s'", object->meta.name);
}

const Want *why_want(const WhyWork *work, const char *component_id)
{
        const Wants *wants = &work->stream.wants;

        for (size_t i = 0; work->has_stream && i < wants->n; i++)
                if (streq(wants->items[i].component->object.id.text, component_id))
                        return &wants->items[i];
        return NULL;
}

const ReleaseComponent *why_released(const WhyWork *work, const char *component_id)
{
        const EnvironmentWhy *environment = &work->environment;

        return environment->has_release
                       ? release_component_find(&environment->release.components, component_id)
                       : NULL;
}
