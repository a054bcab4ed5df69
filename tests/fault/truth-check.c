#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/macros.h"
#include "lock/lock.h"
#include "truth-internal.h"

/* Returns the newest image with this hash; NULL if the database never had such content. */
static const Image *find_image(const Truth *truth, uint64_t hash)
{
        for (size_t i = truth->n_images; i > 0; i--)
                if (truth->images[i - 1].hash == hash)
                        return &truth->images[i - 1];
        return NULL;
}

static int check_database(Truth *truth, const State *state, size_t *ret_image)
{
        const Image *image;
        uint64_t hash;
        char why[200];

        if (image_read(&truth->reader, state, DATABASE, &hash) < 0)
                return truth_wrong(truth, DATABASE, truth->reader.why);
        image = find_image(truth, hash);
        if (!image) {
                Image unknown = { 0 };
                int r = image_learn(&truth->reader, &unknown);

                image_done(&unknown);
                return truth_wrong(truth, DATABASE,
                                   r < 0 ? truth->reader.why
                                         : "is whole, but was never committed so");
        }
        *ret_image = (size_t)(image - truth->images);
        if (*ret_image >= truth->needed[state->disk->at])
                return 0;
        (void)snprintf(why, sizeof(why),
                       "has lost what was acknowledged: it is as after transaction %zu, not %zu",
                       *ret_image, truth->needed[state->disk->at]);
        return truth_wrong(truth, DATABASE, why);
}

static int check_copies(Truth *truth, const State *state, size_t image)
{
        for (size_t i = 0; i < truth->n_copies; i++) {
                Copy *copy = &truth->copies[i];
                uint64_t hash;

                if (image < copy->needed_from)
                        continue;
                if (image_read(&truth->reader, state, copy->name, &hash) < 0)
                        return truth_wrong(truth, copy->name, truth->reader.why);
                if (hash != copy->hash)
                        return truth_wrong(truth, copy->name,
                                           hash ? "is another copy" : "is missing or empty");
        }
        return 0;
}

static const Report *last_report(const Truth *truth, const State *state)
{
        size_t i = truth->n_reports;

        while (i > 0 && truth->reports[i - 1].op > state->disk->at)
                i--;
        return i > 0 ? &truth->reports[i - 1] : NULL;
}

/* Returns the index of the oldest content that the file may have in the state. */
static size_t oldest_of(const Truth *truth, const State *state, const Path *path)
{
        const Report *report = last_report(truth, state);
        size_t number = (size_t)(path - truth->paths);

        return report && number < report->n ? report->contents[number] : 0;
}

static int check_file(Truth *truth, const State *state, const char *name, size_t node)
{
        Path *path = truth_find_path(truth, name);

        if (!path)
                return truth_wrong(truth, name, "was never there");
        path->found = truth_content_hash(truth, state, node);
        for (size_t i = oldest_of(truth, state, path); i < path->n; i++)
                if (path->contents[i].hash == path->found)
                        return 0;
        for (size_t i = 0; i < path->n; i++)
                if (path->contents[i].hash == path->found)
                        return truth_wrong(truth, name, "is older than what was reported");
        return truth_wrong(truth, name,
                           "is torn: these bytes, with this mode, were never at this name");
}

static bool may_be_missing(const Truth *truth, const State *state, const Path *path)
{
        const Report *report = last_report(truth, state);

        if (!report || (size_t)(path - truth->paths) >= report->n)
                return true;
        for (size_t i = oldest_of(truth, state, path); i < path->n; i++)
                if (!path->contents[i].hash && path->contents[i].since <= state->disk->at)
                        return true;
        return false;
}

static uint64_t release_at(const Path *path)
{
        for (size_t i = path->n; i > 0; i--)
                if (path->contents[i - 1].hash == path->found)
                        return path->contents[i - 1].release;
        return 0;
}

/* True if the database had the release in this image or an earlier image. A lockfile is written
 * after the row of its release, so the database must have the row. */
static bool is_known(const Truth *truth, uint64_t release, size_t image)
{
        for (size_t i = image + 1; i > 0; i--) {
                const Numbers *releases = &truth->images[i - 1].releases;

                for (size_t j = 1; j < releases->n; j += 2)
                        if (releases->items[j] == release)
                                return true;
        }
        return false;
}

static int check_wants(Truth *truth, const Image *image)
{
        for (size_t i = 0; i < image->wants.n; i++) {
                char name[PATH_MAX];
                const Path *path;

                (void)snprintf(name, sizeof(name), "%s" LOCK_SUFFIX, image->wants.items[i].path);
                path = truth_find_path(truth, name);
                if (!path || !path->found)
                        return truth_wrong(
                                truth, name,
                                "is missing, and the database says that it was published");
                if (release_at(path) != image->wants.items[i].release)
                        return truth_wrong(truth, name,
                                           "is not of the release that the database says it is of");
        }
        return 0;
}

static int check_locks(Truth *truth, const State *state, size_t image)
{
        int r;

        for (size_t i = 0; i < truth->n_paths; i++)
                truth->paths[i].found = 0;
        r = truth_walk_locks(truth, state, check_file);
        for (size_t i = 0; i < truth->n_paths && r >= 0; i++) {
                const Path *path = &truth->paths[i];
                uint64_t release = path->found ? release_at(path) : 0;

                if (!path->found && !may_be_missing(truth, state, path))
                        r = truth_wrong(truth, path->name, "is missing, and was reported");
                else if (truth->has_locks && release && !is_known(truth, release, image))
                        r = truth_wrong(truth, path->name,
                                        "is of a release that the database does not have");
        }
        return r < 0 || !truth->has_locks ? r : check_wants(truth, &truth->images[image]);
}

int truth_check(Truth *truth, const State *state)
{
        size_t image = 0;
        int r = check_database(truth, state, &image);

        if (r >= 0)
                r = check_copies(truth, state, image);
        return r < 0 ? r : check_locks(truth, state, image);
}
