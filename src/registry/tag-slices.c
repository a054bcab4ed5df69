#include "registry/tag-slices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SLICE (5 * USEC_PER_MSEC)

void tag_slices_done(TagSlices *slices)
{
        slices->next = sd_event_source_disable_unref(slices->next);
        free(slices->text);
        slices->text = NULL;
        slices->size = 0;
}

/* Adds the next slice. The timer has time 0, so this runs in the next turn of the event loop. */
static int on_next(sd_event_source *source, usec_t usec, void *userdata)
{
        TagSlices *slices = userdata;
        const JsonSpan tags = { slices->text, slices->size };
        _cleanup_(error_done) Error error = { 0 };
        int r;

        (void)usec;
        r = tags_add_missing(slices->collector, tags, &slices->cursor, time_monotonic() + SLICE,
                             &error);
        if (r > 0)
                r = sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) < 0 ? error_oom(&error)
                                                                              : 1;
        if (r <= 0)
                tag_slices_done(slices);
        slices->done(r, &error, slices->userdata);
        return 0;
}

int tag_slices_start(TagSlices *slices, JsonSpan tags, Error *err)
{
        int r;

        slices->cursor = (JsonCursor){ 0 };
        r = tags_add_missing(slices->collector, tags, &slices->cursor, time_monotonic() + SLICE,
                             err);
        if (r <= 0)
                return r;
        slices->text = malloc(tags.size);
        if (!slices->text)
                return error_oom(err);
        memcpy(slices->text, tags.data, tags.size);
        slices->size = tags.size;
        r = sd_event_add_time(slices->event, &slices->next, CLOCK_MONOTONIC, 0, 1, on_next, slices);
        return r < 0 ? error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r)) : 1;
}
