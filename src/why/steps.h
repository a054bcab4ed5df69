#pragma once

/* Shared declarations of the answer's parts. */

#include "compose/stream-why.h"
#include "deploy/environment-why.h"
#include "plan/stored-tags.h"
#include "why/why.h"

typedef struct WhyWork {
        const Control *control;
        Arena *arena;
        WhyAnswer *answer;
        /* for a component: */
        const ComponentSpec *component;
        const char *wanted_tag; /* NULL: the newest */
        StoredTags stored;
        const TagState *state; /* the tag that is shown; NULL: none */
        bool is_version;       /* the rules make it a version, perhaps a denied one */
        const char *denied;    /* why that version is denied; NULL: it is not */
        const char *digest;    /* digest of the tag; NULL: not known */
        /* for the environment: */
        EnvironmentWhy environment;
        StreamWhy stream;
        bool has_stream; /* the environment follows a stream that exists */
} WhyWork;

/* Appends a step. Its texts are in the arena, the model or constants. */
void why_add(WhyWork *work, WhyStep step);
bool why_has_obstacle(const WhyWork *work);
/* Returns "FILE:LINE" of an object or of a place in it; never NULL unless memory ran out. */
const char *why_place(WhyWork *work, const Object *object, Place place);
/* Returns the request of the environment's stream for a component; NULL: the stream does not
 * contain it. */
const Want *why_want(const WhyWork *work, const char *component_id);
const ReleaseComponent *why_released(const WhyWork *work, const char *component_id);

/* tag-steps.c: the steps from the poll to the head. work->stored is complete. */
int why_tag_steps(WhyWork *work, Error *err);
/* environment-steps.c: the steps from the stream to the confirmation. */
int why_environment_steps(WhyWork *work, Error *err);
/* component-rows.c: reads the facts of many components with two statements. Works until the
 * monotonic time until, and returns 1 if there is more to do, 0 at the end. */
int why_component_rows(WhyWork *work, usec_t until, Error *err);
