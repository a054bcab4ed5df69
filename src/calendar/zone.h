#pragma once

/* Time zones by their IANA name ("Europe/Berlin"), read from the system's zone database (RFC 9636).
 * The environment variable TZ and the C library's zone are not used: setenv() is unsafe while
 * another thread, such as curl's resolver, reads the environment. A zone is constant once loaded.
 * zones_get() loads a new one when the file changes. */

#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/map.h"

#define ZONE_FOLDER "/usr/share/zoneinfo"
#define ZONE_UTC    "UTC" /* always there, also without a database */

/* From that instant (seconds since 1970 UTC) on, local time is UTC + offset. */
typedef struct ZoneShift {
        int64_t at;
        int64_t offset;
} ZoneShift;

typedef struct Zone {
        char *name;
        ZoneShift *shifts; /* by time; the first is that of INT64_MIN. The last are of 2199 */
        size_t n;
        struct stat stat;      /* of its file, in Zones */
        struct Zone *replaced; /* owned: what Zones returned before the file changed */
} Zone;

/* Reads one zone. ERROR_INVALID with a suggestion if the database has none of that name. */
int zone_load(const char *folder, const char *name, Zone **ret, Error *err);
Zone *zone_free(Zone *zone);
DEFINE_FREEP(Zone, zone_free)

/* Reads a zone from the bytes of its file. -EINVAL if they are not valid. */
int zone_read(const void *data, size_t size, Zone *ret, Error *err);
void zone_done(Zone *zone);

/* Returns what a local clock shows at an instant. */
int64_t zone_local(const Zone *zone, int64_t instant);

/* Returns the first instant at which the clock shows local or later. A time that occurs twice is
 * its first occurrence. A time that is skipped is the instant at which the clock is put forward. */
int64_t zone_instant(const Zone *zone, int64_t local);

/* Returns the latest time that the clock has shown up to an instant: zone_instant(x) <= instant for
 * this x and all before it. It is more than zone_local() after the clock was set back. */
int64_t zone_reached(const Zone *zone, int64_t instant);

/* Returns the first instant after the given one at which the offset changes; INT64_MAX: never. */
int64_t zone_next_shift(const Zone *zone, int64_t instant);

/* Zones by name. {.folder = ZONE_FOLDER} is an empty set. */
typedef struct Zones {
        const char *folder;
        Map by_name;
        size_t n_suggestions; /* made for unknown names: at most ZONE_SUGGESTIONS_MAX */
} Zones;

/* Loads the zone, or loads it again if its file changed. If that fails, returns the old zone.
 * A zone stays valid until zones_done(). */
int zones_get(Zones *zones, const char *name, const Zone **ret, Error *err);
void zones_done(Zones *zones);
