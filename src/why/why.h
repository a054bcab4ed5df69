#pragma once

/* Explains why an environment has, or does not have, the newest version. The answer is a chain of
 * steps from the registry to the lockfile, with the first obstacle and the next command. The steps
 * come from the code that evaluates tags, streams and promotions, applied to stored facts. Nothing
 * is changed, and no registry is asked. */

#include "compose/composer.h"
#include "control/control.h"
#include "deploy/deployer.h"

/* The steps of the chain. A step that does not apply is absent. */
typedef enum WhyStepType {
        /* with a component: */
        WHY_POLL,
        WHY_TAG,
        WHY_RULE,
        WHY_CHANNEL,
        WHY_MOVED,
        WHY_DENY,
        WHY_IMAGE,
        WHY_PLATFORM,
        WHY_AGE,
        WHY_SIGNATURE,
        WHY_HEAD,
        /* always: */
        WHY_STREAM,
        WHY_FOLLOWS,
        WHY_RELEASE,
        WHY_PROMOTES_FROM,
        WHY_APPROVALS,
        WHY_CHECKS,
        WHY_SOAK,
        WHY_WINDOWS,
        WHY_FORMATS,
        WHY_HOLD,
        WHY_DIGESTS,
        WHY_LOCKFILE,
        WHY_CONFIRMATION,
        WHY_STEP_TYPE_MAX_,
} WhyStepType;
const char *why_step_type_to_string(WhyStepType type);

typedef enum WhyState {
        WHY_OK,
        WHY_WAITS,   /* an obstacle that ends without an action */
        WHY_BLOCKED, /* an obstacle that needs an action */
        WHY_OPEN,    /* not decided until an earlier obstacle ends */
        WHY_STATE_MAX_,
} WhyState;
const char *why_state_to_string(WhyState state);

typedef struct WhyStep {
        WhyStepType type;
        WhyState state;
        const char *reason;  /* one word in CamelCase; NULL if the state is ok or open */
        const char *message; /* NULL: nothing to report */
        const char *next; /* command to type, or text about what to change; NULL: nothing to do */
} WhyStep;

/* One component of the stream, or of the release if there is no stream. */
typedef struct WhyRow {
        const char *component, *channel; /* channel NULL: the component is not in a stream */
        const char *head;                /* tag; NULL: none */
        const char *released; /* tag or version in the release; NULL: the release does not have the
                                 component */
        WhyState state;
        const char *reason, *message; /* NULL: nothing to report */
} WhyRow;

typedef struct WhyAnswer {
        const char *environment, *environment_id;
        const char *component, *channel; /* NULL: the complete environment */
        const char *tag;                 /* the tag that is shown; NULL: none */
        const char *release;             /* the release that is shown; NULL: none */
        WhyStep steps[WHY_STEP_TYPE_MAX_];
        size_t n_steps;
        const WhyStep *obstacle; /* the first obstacle; NULL: none */
        WhyRow *rows;            /* only if the request names no component */
        size_t n_rows;
} WhyAnswer;

typedef struct WhySources {
        const Control *control;
        Composer *composer;
        Deployer *deployer;
} WhySources;

typedef struct WhyInput {
        const char *environment_id;
        const char *component_id; /* NULL: the complete environment */
        const char *tag;          /* NULL: the newest tag of the component */
        Arena *arena; /* memory of the answer; its quota is also charged for other memory */
        bool (*is_wanted)(void *userdata); /* called before each slice; false ends the work */
        /* Writes the answer, which is valid until this call returns. */
        void (*write)(const WhyAnswer *answer, void *userdata);
        /* Called once at the end, never before why_start() returned. error NULL: the answer was
         * written. */
        void (*done)(const Error *error, void *userdata);
        void *userdata;
} WhyInput;

/* An answer in progress. The work is done in slices of some milliseconds. The input's pointers must
 * stay valid until `done` is called or the work is canceled. */
typedef struct Why Why;
int why_start(const WhySources *sources, const WhyInput *input, Why **ret, Error *err);
Why *why_cancel(Why *why); /* NULL-safe; returns NULL */
DEFINE_FREEP(Why, why_cancel)
