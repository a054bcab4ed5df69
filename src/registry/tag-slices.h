#pragma once

/* Adds the tags of one page to a collector in slices of some milliseconds, because a page may have
 * almost a million tags. The first slice reads the answer itself. If there is more to do, relman
 * copies the rest of the page, because the answer is freed. */

#include <systemd/sd-event.h>

#include "registry/tag-collector.h"

typedef struct TagSlices {
        sd_event *event;
        TagCollector *collector;
        /* Called after each later slice: r is 1 if there is more to do, 0 after the last one, or
         * the code of err. It may free the TagSlices. */
        void (*done)(int r, Error *err, void *userdata);
        void *userdata;

        sd_event_source *next;
        char *text; /* copy of the list of the page */
        size_t size;
        JsonCursor cursor;
} TagSlices;

/* Cancels the slices that remain; done is not called. Safe on a TagSlices of zeros. */
void tag_slices_done(TagSlices *slices);

/* Adds tags of the list. Returns 0 if all were added, or 1 if done will be called. */
int tag_slices_start(TagSlices *slices, JsonSpan tags, Error *err);
