#pragma once

/* The versions of a component, a page after the other: there may be a million. */

#include "base/limits.h"
#include "store/store.h"

/* Where a page ended; {.limit = most rows of a page} before the first. */
typedef struct VersionCursor {
        size_t limit;
        char tag[TAG_MAX + 1];
        int64_t row;
} VersionCursor;

/* By tag, from the cursor on, which is moved behind them. */
int store_versions_after(Store *store, const char *component_id, VersionCursor *cursor,
                         Arena *arena, VersionMaps *ret, Error *err);
