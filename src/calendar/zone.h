#pragma once

/* Time zones by their IANA name ("Europe/Berlin"), read from the system's zone database (RFC 9636).
 * relman does not use the environment variable TZ and the C library's zone: setenv() is unsafe
 * while another thread, such as curl's resolver, reads the environment. A loaded zone does not
 * change. If its file changes, zones_get() loads a new one. */

#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/map.h"

#define ZONE_FOLDER "/usr/share/zoneinfo"
#define ZONE_UTC    "UTC" /* can be loaded without a database */

/* A change of a local clock. From the instant `at` on, in seconds since 1970 UTC, local time is UTC
 * + offset. */
typedef struct ZoneShift {
        int64_t at;
        int64_t offset;
} ZoneShift;

typedef struct Zone {
        char *name;
        /* sorted by time; the first is at INT64_MIN, the last in CIVIL_YEAR_MAX */
        ZoneShift *shifts;
        size_t n;
        struct stat stat;      /* properties of its file; set by zones_get() */
        struct Zone *replaced; /* the zone of this name before the file changed; owned */
} Zone;

/* Loads a zone from a folder. ERROR_INVALID, with a suggestion, if the folder has no zone of that
 * name. */
int zone_load(const char *folder, const char *name, Zone **ret, Error *err);
Zone *zone_free(Zone *zone);
DEFINE_FREEP(Zone, zone_free)

/* Reads a zone from the bytes of its file. ERROR_INVALID if they are not valid. */
int zone_read(const void *data, size_t size, Zone *ret, Error *err);
void zone_done(Zone *zone);

/* Returns the local time that the clock of a zone shows at an instant. */
int64_t zone_local(const Zone *zone, int64_t instant);

/* Returns the first instant at which the clock shows `local` or a later time. If the time occurs
 * twice, this is its first occurrence. If the clock skips the time, it is the instant at which the
 * clock is set forward. */
int64_t zone_instant(const Zone *zone, int64_t local);

/* Returns the latest local time that the clock has shown up to an instant. After the clock was set
 * back, this is later than zone_local() for some time. zone_instant() of the result, and of every
 * earlier time, is not after instant. */
int64_t zone_reached(const Zone *zone, int64_t instant);

/* Returns the first instant after the given one at which the offset changes; INT64_MAX if it never
 * changes again. */
int64_t zone_next_shift(const Zone *zone, int64_t instant);

/* The loaded zones by name. Begin with {.folder = ZONE_FOLDER}. */
typedef struct Zones {
        const char *folder;
        Map by_name;
        /* number of unknown names so far; the first ZONE_SUGGESTIONS_MAX get a suggestion */
        size_t n_suggestions;
} Zones;

/* Sets *ret to a zone. Loads the zone at the first use, and again if its file changed. If the
 * second load fails, *ret is the old zone. A zone stays valid until zones_done(). */
int zones_get(Zones *zones, const char *name, const Zone **ret, Error *err);
void zones_done(Zones *zones);
