#include "plan/tag-survey.h"

#include <errno.h>
#include <stdlib.h>

static void name_newest(TagSurvey *survey, const TagState *state)
{
        size_t at = survey->n_named;

        if (!tag_state_is_candidate(state))
                return;
        while (at > 0 && tag_state_compare(state, survey->named[at - 1]) > 0)
                at--;
        if (at == TAG_SURVEY_NAMED)
                return;
        survey->n_named = MIN(survey->n_named + 1, (size_t)TAG_SURVEY_NAMED);
        memmove(&survey->named[at + 1], &survey->named[at],
                (survey->n_named - 1 - at) * sizeof(*survey->named));
        survey->named[at] = state;
}

static int survey_visit(TagState *state, void *userdata)
{
        TagSurvey *survey = userdata;
        bool gone = tag_state_is_gone(state);

        if (survey->wants_names)
                name_newest(survey, state);
        survey->has_resolved = survey->has_resolved || (state->eligible && state->digest);
        if (tag_newest_visit(&survey->newest, state) < 0 ||
            (state->held_until > 0 && state->eligible && !gone &&
             tag_picks_add(&survey->held, state) < 0) ||
            (!gone && tag_state_moved_to(state) && tag_picks_add(&survey->blocked, state) < 0) ||
            (state->moved && tag_picks_add(&survey->moved, state) < 0))
                return -ENOMEM;
        return 0;
}

/* Keeps only those held tags that are newer than the head of their channel. Returns 1 if there is
 * more to do. */
static int compare_held(TagSurvey *survey, usec_t until)
{
        TagPicks *held = &survey->held;

        while (survey->next_held < held->n) {
                TagState *state = held->items[survey->next_held++];
                const TagState *head = map_get(&survey->newest.channels, state->channel);

                if (!head || tag_state_compare(state, head) > 0)
                        held->items[survey->n_held++] = state;
                if (time_is_up(survey->next_held, until))
                        return 1;
        }
        held->n = survey->next_held = survey->n_held;
        return 0;
}

int tag_survey_step(TagSurvey *survey, const TagSet *set, usec_t until)
{
        int r;

        if (!survey->is_walked) {
                survey->newest.may_head = tag_state_is_candidate;
                r = tag_walk(set, &survey->next, survey_visit, survey, until);
                if (r != 0)
                        return r;
                survey->is_walked = true;
        }
        return compare_held(survey, until);
}

void tag_survey_done(TagSurvey *survey)
{
        tag_newest_done(&survey->newest);
        free(survey->held.items);
        free(survey->blocked.items);
        free(survey->moved.items);
        *survey = (TagSurvey){ 0 };
}
