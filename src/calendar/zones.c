#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/escape.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/suggest.h"
#include "base/text.h"
#include "calendar/zone.h"

#define ZONE_DEPTH_MAX 3 /* as in America/Argentina/Salta */

/* The names of all zones, for suggestions. */
typedef struct ZoneNames {
        char *items[ZONE_NAMES_MAX];
        size_t n;
} ZoneNames;

/* True for the form of names such as "Europe/Berlin" and "Etc/GMT+1". A name has no dot, so that it
 * cannot lead out of the folder. */
static bool zone_name_is_valid(const char *name)
{
        size_t n = strlen(name);

        return n > 0 && n <= ZONE_NAME_MAX && name[0] != '/' && name[n - 1] != '/' &&
               !strstr(name, "//") && !strchr(name, '.') &&
               strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                            "_+-/") == n;
}

/* True for zones and their folders, which begin with a capital letter. Other files, and the folders
 * "posix" and "right", do not. */
static bool entry_is_zone(const char *name)
{
        return name[0] >= 'A' && name[0] <= 'Z' && zone_name_is_valid(name);
}

static void names_collect(ZoneNames *names, const char *folder, const char *prefix, int depth)
{
        DIR *dir = opendir(folder);
        const struct dirent *entry;

        while (dir && names->n < ZONE_NAMES_MAX && (entry = readdir(dir))) {
                _cleanup_(freep) char *path = NULL, *name = NULL;

                if (!entry_is_zone(entry->d_name))
                        continue;
                path = text_printf("%s/%s", folder, entry->d_name);
                name = text_printf("%s%s%s", prefix, *prefix ? "/" : "", entry->d_name);
                if (!path || !name)
                        break;
                if (entry->d_type != DT_DIR)
                        names->items[names->n++] = TAKE(name);
                else if (depth < ZONE_DEPTH_MAX)
                        names_collect(names, path, name, depth + 1);
        }
        if (dir)
                (void)closedir(dir);
}

static int compare_names(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Returns the zone whose city is spelled most like the text: "Europe/Berlin" for "Berlin". NULL if
 * there is none. */
static const char *names_by_city(const ZoneNames *names, const char *city)
{
        const char *cities[ZONE_NAMES_MAX], *nearest;

        for (size_t i = 0; i < names->n; i++) {
                const char *slash = strrchr(names->items[i], '/');

                cities[i] = slash ? slash + 1 : names->items[i];
        }
        nearest = suggest_nearest(city, cities, names->n);
        for (size_t i = 0; nearest && i < names->n; i++)
                if (cities[i] == nearest)
                        return names->items[i];
        return NULL;
}

/* Sets the error for an unknown zone. *n counts these errors; only the first ZONE_SUGGESTIONS_MAX
 * get a suggestion. */
static int zone_unknown(const char *folder, const char *name, size_t *n, Error *err)
{
        ZoneNames *names = calloc(1, sizeof(*names));
        const char *nearest = NULL;
        char shown[ZONE_NAME_MAX + 4];
        int r;

        if (!names)
                return error_oom(err);
        if ((*n)++ < ZONE_SUGGESTIONS_MAX)
                names_collect(names, folder, "", 1);
        if (names->n > 0) {
                qsort(names->items, names->n, sizeof(*names->items), compare_names);
                nearest = suggest_nearest(name, (const char *const *)names->items, names->n);
                if (!nearest && !strchr(name, '/'))
                        nearest = names_by_city(names, name);
        }
        (void)escape_text(name, strlen(name), shown, sizeof(shown));
        r = error_set(err, ERROR_INVALID, -ENOENT, "unknown zone '%s'; %s%s%s", shown,
                      nearest ? "did you mean '" : "write its IANA name, such as Europe/Berlin",
                      nearest ? nearest : "", nearest ? "'?" : "");
        for (size_t i = 0; i < names->n; i++)
                free(names->items[i]);
        free(names);
        return r;
}

/* Makes the zone UTC, which needs no database. */
static int zone_load_utc(Zone *ret)
{
        ret->shifts = calloc(1, sizeof(*ret->shifts));
        if (!ret->shifts)
                return -ENOMEM;
        ret->shifts[0].at = INT64_MIN;
        ret->n = 1;
        return 0;
}

static int zone_load_file(const char *folder, const char *name, Zone *ret, size_t *n_suggestions,
                          Error *err)
{
        _cleanup_(freep) char *path = text_printf("%s/%s", folder, name);
        _cleanup_(freep) char *data = NULL;
        _cleanup_(error_done) Error error = { 0 };
        size_t size;
        int r;

        if (!path)
                return error_oom(err);
        r = file_read(path, ZONE_FILE_MAX, &data, &size, &error);
        /* -EINVAL: the name is that of a folder, such as "Europe" */
        if (r == -ENOENT || r == -ENOTDIR || r == -EINVAL)
                return zone_unknown(folder, name, n_suggestions, err);
        if (r < 0) {
                error_move(err, &error);
                return error_prefix(err, r, "zone '%s'", name);
        }
        r = zone_read(data, size, ret, err);
        return r < 0 ? error_prefix(err, r, "zone '%s': '%s'", name, path) : 0;
}

static int zone_load_counted(const char *folder, const char *name, size_t *n_suggestions,
                             Zone **ret, Error *err)
{
        _cleanup_(zone_freep) Zone *zone = NULL;
        int r;

        if (!zone_name_is_valid(name))
                return zone_unknown(folder, name, n_suggestions, err);
        zone = calloc(1, sizeof(*zone));
        if (!zone)
                return error_oom(err);
        r = streq(name, ZONE_UTC) ? zone_load_utc(zone)
                                  : zone_load_file(folder, name, zone, n_suggestions, err);
        if (r == 0)
                zone->name = strdup(name);
        if (r == -ENOMEM || (r == 0 && !zone->name))
                return err && err->kind != ERROR_NONE ? r : error_oom(err);
        if (r < 0)
                return r;
        *ret = TAKE(zone);
        return 0;
}

int zone_load(const char *folder, const char *name, Zone **ret, Error *err)
{
        size_t n_suggestions = 0;

        return zone_load_counted(folder, name, &n_suggestions, ret, err);
}

/* Reads the properties of the file of a zone. *ret is {0} if there is no file. */
static void zone_stat(const char *folder, const char *name, struct stat *ret)
{
        char path[PATH_MAX];
        int n = snprintf(path, sizeof(path), "%s/%s", folder, name);

        if (streq(name, ZONE_UTC) || n < 0 || (size_t)n >= sizeof(path) || stat(path, ret) < 0)
                *ret = (struct stat){ 0 };
}

/* True if the file of a zone changed. False if the file does not exist, because a package update
 * may be replacing it. */
static bool zone_has_changed(const Zone *zone, const struct stat *now)
{
        const struct stat *then = &zone->stat;

        return now->st_ino != 0 &&
               (now->st_dev != then->st_dev || now->st_ino != then->st_ino ||
                now->st_size != then->st_size || now->st_mtim.tv_sec != then->st_mtim.tv_sec ||
                now->st_mtim.tv_nsec != then->st_mtim.tv_nsec ||
                now->st_ctim.tv_sec != then->st_ctim.tv_sec ||
                now->st_ctim.tv_nsec != then->st_ctim.tv_nsec);
}

int zones_get(Zones *zones, const char *name, const Zone **ret, Error *err)
{
        Zone *zone = map_get(&zones->by_name, name), *loaded;
        _cleanup_(error_done) Error error = { 0 };
        struct stat now = { 0 };
        int r;

        if (zone_name_is_valid(name))
                zone_stat(zones->folder, name, &now);
        if (zone && !zone_has_changed(zone, &now)) {
                *ret = zone;
                return 0;
        }
        r = zone_load_counted(zones->folder, name, &zones->n_suggestions, &loaded, &error);
        if (r < 0 && zone) {
                *ret = zone;
                return 0;
        }
        if (r < 0) {
                error_move(err, &error);
                return r;
        }
        loaded->stat = now;
        if (map_put(&zones->by_name, loaded->name, loaded, NULL) < 0) {
                zone_free(loaded);
                return error_oom(err);
        }
        loaded->replaced = zone;
        *ret = loaded;
        return 0;
}

void zones_done(Zones *zones)
{
        map_foreach (&zones->by_name, entry)
                zone_free(entry->value);
        map_done(&zones->by_name);
}
