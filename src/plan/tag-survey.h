#pragma once

/* Collects facts about all evaluated tags in one walk, for the end of a pass. Pure. The tags belong
 * to the set, which must not change while the survey is used. */

#include "plan/tag-walk.h"

#define TAG_SURVEY_NAMED 10 /* number of newest versions in named */

typedef struct TagSurvey {
        bool wants_names;  /* set by the caller before the first step: fill `named` */
        TagNewest newest;  /* candidates for heads */
        TagPicks held;     /* tags that would be the head of their channel, but are too young */
        TagPicks blocked;  /* moved tags whose move waits for a permission */
        TagPicks moved;    /* tags that moved in this pass */
        bool has_resolved; /* a version has a digest */
        const TagState *named[TAG_SURVEY_NAMED]; /* the newest versions, newest first */
        size_t n_named;
        /* positions in the set and in held, and the number of tags in held so far */
        size_t next, next_held, n_held;
        bool is_walked;
} TagSurvey;

/* Works until the monotonic time `until`. Returns 1 if there is more to do, 0 at the end, or
 * -ENOMEM. The survey begins as {0}, except for wants_names. */
int tag_survey_step(TagSurvey *survey, const TagSet *set, usec_t until);
void tag_survey_done(TagSurvey *survey);
