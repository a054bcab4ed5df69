#pragma once

/* Declarations that the files of this folder share. */

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
        bool is_version;       /* the rules give the tag a version, which may be denied */
        const char *denied;    /* why the version is denied; NULL: it is not denied */
        const char *digest;    /* digest of the tag; NULL: not known */
        /* for the environment: */
        EnvironmentWhy environment;
        StreamWhy stream;
        bool has_stream; /* the environment follows a stream that exists */
} WhyWork;

/* Appends a step. Borrows its texts, which are in the arena or the model, or are constants. */
void why_add(WhyWork *work, WhyStep step);
bool why_has_obstacle(const WhyWork *work);
/* Returns "FILE:LINE" of a place in an object, or of the object if the place has no line. Returns
 * "the API's object 'NAME'" for an object without a file, and NULL if memory ran out. */
const char *why_place(WhyWork *work, const Object *object, Place place);
/* Returns the entry of the environment's stream for a component; NULL: the stream has no such
 * component. */
const Want *why_want(const WhyWork *work, const char *component_id);
const ReleaseComponent *why_released(const WhyWork *work, const char *component_id);

/* tag-steps.c: the steps from the poll to the head. The evaluation of work->stored must be
 * complete. */
int why_tag_steps(WhyWork *work, Error *err);
/* environment-steps.c: the steps from the stream to the confirmation. */
int why_environment_steps(WhyWork *work, Error *err);
/* component-rows.c: reads the facts of many components with two statements. Works until the
 * monotonic time `until`. Returns 1 if rows are left, 0 at the end. */
int why_component_rows(WhyWork *work, usec_t until, Error *err);
