#pragma once

/* Windows in which promotions are allowed or denied, and kind Calendar, which holds them for
 * several environments. */

#include "base/time.h"
#include "model/object.h"

/* A time in which promotions are allowed, or denied; see calendar/window.h. */
typedef struct WindowSpec {
        Place place;              /* must be first */
        const char *allow, *deny; /* exactly one of the two is set */
        const char *zone;
        usec_t duration;    /* length of the window; 0: not given */
        const char *name;   /* NULL: none */
        const char *reason; /* NULL: none */
        Place calendar_place, zone_place, duration_place;
} WindowSpec;

typedef struct WindowSpecs {
        WindowSpec *items;
        size_t n;
} WindowSpecs;

/* The labels that an environment of the tenant must have, all of them. */
typedef struct EnvironmentSelector {
        Pairs match_labels;
} EnvironmentSelector;

/* Kind Calendar: windows of several environments. */
typedef struct CalendarSpec {
        Object object;                    /* must be first */
        EnvironmentSelector environments; /* without labels: all environments of the tenant */
        WindowSpecs windows;
        Place environments_place, windows_place;
} CalendarSpec;

typedef struct CalendarSpecs {
        const CalendarSpec **items;
        size_t n;
} CalendarSpecs;
