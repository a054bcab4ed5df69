#include "plan/tag-walk.h"

#include <errno.h>

#include "base/vec.h"

int tag_walk(const TagSet *set, size_t *next, TagVisit visit, void *userdata, usec_t until)
{
        while (*next < set->n) {
                int r = visit(&set->items[(*next)++], userdata);

                if (r != 0)
                        return r;
                if (time_is_up(*next, until))
                        return 1;
        }
        return 0;
}

int tag_picks_add(TagPicks *picks, TagState *state)
{
        if (vec_reserve(&picks->items, &picks->capacity, picks->n + 1, sizeof(*picks->items)) < 0)
                return -ENOMEM;
        picks->items[picks->n++] = state;
        return 0;
}

int tag_newest_visit(TagNewest *newest, TagState *state)
{
        TagState *old;

        if (!newest->may_head(state))
                return 0;
        old = newest->last && newest->last->channel == state->channel
                      ? newest->last
                      : map_get(&newest->channels, state->channel);
        newest->last = old;
        if (old && tag_state_compare(state, old) < 0)
                return 0;
        newest->last = state;
        return map_put(&newest->channels, state->channel, state, NULL) < 0 ? -ENOMEM : 0;
}

void tag_newest_done(TagNewest *newest)
{
        map_done(&newest->channels);
        *newest = (TagNewest){ 0 };
}
