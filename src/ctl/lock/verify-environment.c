/* verify ENVIRONMENT FILE: compares a file with what the environment is to have, in any format. The
 * policies of admission also have the release before and allowAlso, so the daemon makes them. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/text.h"
#include "ctl/lock/lock-files.h"
#include "model/enum-names.h"

#define SHOWN_DIGESTS 5 /* of each kind; a message for people */

typedef struct Comparison {
        CtlOptions *options;
        const char *name, *path; /* of the environment, and of the file */
        const char *data;
        size_t size;
} Comparison;

/* --- lockfiles -------------------------------------------------------------------------------- */

/* Returns the format in which the file of the lock has exactly these bytes; -1 if there is none. */
static int find_same(CtlOptions *options, const Lock *lock, const char *data, size_t size)
{
        for (LockFormat format = 0; format < LOCK_FORMAT_MAX_; format++) {
                _cleanup_(error_done) Error unfit = {
                        0
                }; /* if the format cannot express the lock, the file is not in this format */
                LockFiles files;

                if (!lock_format_is_folder(format) &&
                    lock_format_write(lock, format, &options->arena, &files, &unfit) >= 0 &&
                    files.items[0].size == size && memcmp(files.items[0].data, data, size) == 0)
                        return (int)format;
        }
        return -1;
}

static int compare_lockfile(const Comparison *c, Error *err)
{
        _cleanup_(error_done) Error unread = { 0 };
        CtlOptions *options = c->options;
        const char *by_kind = arena_printf(&options->arena, "environment/%s", c->name);
        Lock wanted, found;
        int r, format;

        r = by_kind ? lock_fetch(options, &(LockQuery){ .name = by_kind }, &wanted, err)
                    : error_oom(err);
        if (r < 0)
                return r;
        format = find_same(options, &wanted, c->data, c->size);
        if (format >= 0) {
                printf("%s: good: environment '%s' is to have release '%s' (%s)\n", c->path,
                       c->name, wanted.release.name, lock_format_names[format]);
                return CTL_OK;
        }
        if (lock_read_native(c->path, c->data, c->size, &options->arena, &found, &unread) >= 0)
                printf("%s: is of release '%s'%s%s%s, but environment '%s' is to have release "
                       "'%s'; relmanctl lock %s --to %s\n",
                       c->path, found.release.name, found.environment ? " in environment '" : "",
                       found.environment ? found.environment : "", found.environment ? "'" : "",
                       c->name, wanted.release.name, c->name, c->path);
        else
                printf("%s: is not what environment '%s' is to have, release '%s', in any format; "
                       "relmanctl lock %s --format FORMAT --to %s\n",
                       c->path, c->name, wanted.release.name, c->name, c->path);
        return CTL_FOUND;
}

/* --- admission -------------------------------------------------------------------------------- */

/* Finds the format of admission that the file claims to have. Returns -1 if it has none. */
static int find_admission(const char *data)
{
        static const struct {
                LockFormat format;
                const char *words;
        } marks[] = {
                { LOCK_POLICY_JSON, "\"transports\"" },
                { LOCK_KYVERNO, "policies.kyverno.io/" },
                { LOCK_VAP, "ValidatingAdmissionPolicy" },
        };

        for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
                if (strstr(data, marks[i].words))
                        return (int)marks[i].format;
        return -1;
}

/* Adds the digests of one algorithm in a text. A key of a ConfigMap has a point instead of the
 * colon. */
static int collect(const char *text, const char *algorithm, int n_digits, Arena *arena, Map *ret,
                   Error *err)
{
        for (const char *at = text; (at = strstr(at, algorithm)); at += strlen(algorithm)) {
                const char *hex = at + strlen(algorithm) + 1;
                char *digest;

                if ((hex[-1] != ':' && hex[-1] != '.') ||
                    strspn(hex, "0123456789abcdef") != (size_t)n_digits)
                        continue;
                digest = arena_printf(arena, "%s:%.*s", algorithm, n_digits, hex);
                if (!digest || map_put(ret, digest, digest, NULL) < 0)
                        return error_oom(err);
        }
        return 0;
}

static int collect_digests(const char *text, Arena *arena, Map *ret, Error *err)
{
        int r = collect(text, "sha256", 64, arena, ret, err);

        return r < 0 ? r : collect(text, "sha512", 128, arena, ret, err);
}

/* Prints the digests that are in one text only. Returns how many. */
static size_t print_missing(const Comparison *c, const char *what, const Map *in, const Map *not_in)
{
        size_t n = 0;

        map_foreach (in, entry) {
                if (map_has(not_in, entry->key))
                        continue;
                if (n++ < SHOWN_DIGESTS)
                        printf("%s: %s %s\n", c->path, what, entry->key);
        }
        if (n > SHOWN_DIGESTS)
                printf("%s: %s %zu more digests\n", c->path, what, n - SHOWN_DIGESTS);
        return n;
}

static int explain_admission(const Comparison *c, LockFormat format, const char *wanted, Error *err)
{
        _cleanup_(map_done) Map in_file = { 0 };
        _cleanup_(map_done) Map in_wanted = { 0 };
        size_t n;
        int r = collect_digests(c->data, &c->options->arena, &in_file, err);

        if (r >= 0)
                r = collect_digests(wanted, &c->options->arena, &in_wanted, err);
        if (r < 0)
                return r;
        n = print_missing(c, "does not allow", &in_wanted, &in_file);
        n += print_missing(c, "also has", &in_file, &in_wanted);
        printf("%s: is not what environment '%s' allows (%s)%s; relmanctl lock %s --format %s --to "
               "%s\n",
               c->path, c->name, lock_format_names[format],
               n > 0 ? "" : ": the digests are the same, but other parts differ", c->name,
               lock_format_names[format], c->path);
        return CTL_FOUND;
}

/* Only the same bytes are good: another expression may allow more than the digests it names. */
static int compare_admission(const Comparison *c, LockFormat format, Error *err)
{
        const char *wanted = NULL;
        int r = lock_fetch_admission(c->options, c->name, format, &wanted, err);

        if (r < 0)
                return r;
        if (strlen(wanted) != c->size || memcmp(wanted, c->data, c->size) != 0)
                return explain_admission(c, format, wanted, err);
        printf("%s: good: it allows what environment '%s' allows (%s)\n", c->path, c->name,
               lock_format_names[format]);
        return CTL_OK;
}

int verify_environment(CtlOptions *options, const char *name, const char *path, Error *err)
{
        _cleanup_(freep) char *data = NULL;
        Comparison c = { .options = options, .name = name, .path = path };
        int r = file_read(path, LOCK_FILE_MAX, &data, &c.size, err), format;

        if (r < 0)
                return r;
        c.data = data;
        format = find_admission(data);
        return format < 0 ? compare_lockfile(&c, err)
                          : compare_admission(&c, (LockFormat)format, err);
}
