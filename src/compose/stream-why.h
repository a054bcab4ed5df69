#pragma once

/* Reports which stage a stream has reached with the heads of its components, from the state after
 * its last evaluation. Changes nothing. */

#include "compose/composer.h"
#include "release/compose.h"
#include "store/releases.h"

typedef enum StreamStage {
        STREAM_CURRENT, /* the newest release has the heads */
        STREAM_POLLS,   /* a component must be polled first, or the evaluation is due */
        STREAM_SETTLES, /* the heads must not change until the settle time is over */
        STREAM_MAKES,   /* a release of the heads is being resolved */
        STREAM_STOPPED, /* the stream cannot make a release of the heads */
        STREAM_STAGE_MAX_,
} StreamStage;

typedef struct StreamWhy {
        const StreamSpec *spec;
        StreamStage stage;
        const char *reason;  /* with STREAM_STOPPED: the reason of the condition Ready */
        const char *message; /* with STREAM_POLLS and STREAM_STOPPED: a message */
        usec_t until;        /* with STREAM_SETTLES: wall-clock time */
        const char *draft;   /* with STREAM_MAKES: the name of the release */
        Wants wants;         /* the components with their channels; empty if a name is wrong */
        Release newest;      /* newest release of the stream, in any status */
        bool has_newest;
} StreamWhy;

/* Returns 1, or 0 if there is no such stream. Texts in *ret are in the arena or the model. */
int composer_why(Composer *composer, const char *stream_id, Arena *arena, StreamWhy *ret,
                 Error *err);
