#include "plan/tag-load.h"

#include "base/limits.h"

#define PAGE 500 /* number of rows that are read at once, which takes a few milliseconds */

static int load_page(TagSet *set, const TagSetInput *input, TagSource source, Arena *arena,
                     Error *err)
{
        _cleanup_(arena_done) Arena page_arena;
        const TagFilter filter = {
                .after = set->n > 0 ? set->items[set->n - 1].tag : "",
                .limit = PAGE,
        };
        TagRecords page;
        int r;

        arena_init(&page_arena, SYNC_PAGE_MAX);
        r = store_tags_after(source.store, source.component_id, &filter, &page_arena, &page, err);
        if (r >= 0)
                r = tag_set_add_known(set, input, &page, arena, err);
        return r < 0 ? r : page.n == PAGE;
}

int tag_set_load(TagSet *set, const TagSetInput *input, TagSource source, usec_t until,
                 Arena *arena, Error *err)
{
        int r;

        do
                r = load_page(set, input, source, arena, err);
        while (r > 0 && time_monotonic() < until);
        return r;
}
