#pragma once

/* Collects in one walk what the end of a pass needs to know of all evaluated tags. Pure. The tags
 * belong to the set, which must not change while the survey is used. */

#include "plan/tag-walk.h"

#define TAG_SURVEY_NAMED 10 /* number of newest versions in named */

typedef struct TagSurvey {
        bool wants_names; /* set by the caller before the first step: fill the list named */
        TagNewest newest; /* candidates for heads */
        TagPicks held;    /* tags that would be the head of their channel if they were old enough */
        TagPicks blocked; /* tags that moved, and whose move waits for a permission */
        TagPicks moved;   /* tags that moved in this pass */
        bool has_resolved;                       /* a version has a digest */
        const TagState *named[TAG_SURVEY_NAMED]; /* the newest versions, newest first */
        size_t n_named;
        /* positions in the set and in held, and the number of tags in held so far */
        size_t next, next_held, n_held;
        bool is_walked;
} TagSurvey;

/* Works until the monotonic time until; returns 1 if there is more to do. A survey begins as {0},
 * but for wants_names. -ENOMEM. */
int tag_survey_step(TagSurvey *survey, const TagSet *set, usec_t until);
void tag_survey_done(TagSurvey *survey);
