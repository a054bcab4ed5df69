#pragma once

/* "Why was this tag not chosen" and "why is this the head": every tag with its decision. Pure. */

#include "model/component.h"
#include "version/policy.h"

typedef struct ExplainedTag {
        const char *tag;
        Classification is;
} ExplainedTag;

typedef struct ExplainedHead {
        const char *channel;
        const ExplainedTag *head;
        const ExplainedTag *next; /* the one it is chosen over; NULL if it is alone */
        size_t n_versions;        /* tags in this channel */
        const char *reason;       /* why it is the head: for people */
} ExplainedHead;

typedef struct Explanation {
        const char *component;
        ExplainedTag *tags; /* eligible newest first, then the others in input order */
        size_t n_tags;
        size_t n_eligible;
        ExplainedHead *heads; /* by channel name */
        size_t n_heads;
        const ExplainedTag *selected; /* by channel and range; NULL if nothing satisfies them */
        const char *selected_reason;  /* why nothing was selected; NULL if something was */
        const char
                *gave_up; /* the patterns are too slow: nothing here counts; NULL if they are not */
} Explanation;

/* channel NULL: the default channel (a range without a channel looks in all channels). range NULL:
 * none. */
typedef struct ExplainOptions {
        const char *channel;
        const char *range;
        bool include_prerelease;
} ExplainOptions;

int explain_tags(const ComponentSpec *spec, const Strings *tags, const ExplainOptions *options,
                 Arena *arena, Explanation *ret, Error *err);
