/* Removes left-over files: lockfiles and outputs of releases and environments that do not exist any
 * more, links of deleted streams, and temporary files of a killed process. One call handles at most
 * SWEEP_PAGE names.
 *
 *   for each tenant: releases --> environments --> streams --> the next tenant
 *   outputs of the configuration
 *
 * A sweep that could not remove a file is repeated after a growing pause. If a database was lost,
 * rows of releases and environments are missing. So the sweep keeps lockfiles that drafts and
 * streams may need, and the files of objects that a document with an error may declare. */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/text.h"
#include "publish/publish.h"
#include "store/releases.h"

#define SWEEP_PAGE        64
#define SWEEP_ARENA_MAX   ((size_t)16 * 1024 * 1024) /* memory for the names of tenants */
#define PAGE_ARENA_MAX    ((size_t)4 * 1024 * 1024)
#define STEMS_MAX         ((size_t)256 * 1024) /* the names of a page, as JSON */
#define SWEEP_DOUBLES_MAX 20U                  /* how often the pause after failed sweeps doubles */

typedef enum Room {
        ROOM_RELEASES,
        ROOM_ENVIRONMENTS,
        ROOM_STREAMS,
        ROOM_MAX_,
} Room;

static const char *const room_names[ROOM_MAX_] = {
        [ROOM_RELEASES] = LOCK_ROOM_RELEASES,
        [ROOM_ENVIRONMENTS] = LOCK_ROOM_ENVIRONMENTS,
        [ROOM_STREAMS] = LOCK_ROOM_STREAMS,
};

typedef struct TenantName {
        struct TenantName *next;
        char text[];
} TenantName;

struct Sweep {
        TenantName *tenants; /* the remaining tenants, the current one first */
        Room room;
        DIR *dir; /* the open folder; NULL: not open yet */
        char *folder;
        size_t n_outputs; /* number of outputs that were checked */
        size_t n_kept; /* number of objects whose files the sweep kept, because an inactive document
                          may declare them */
        bool failed;   /* something could not be removed */
        Arena arena;
};

/* The names that one call handles. */
typedef struct SweepPage {
        const Publisher *publisher;
        const PublisherSweep *input;
        Sweep *sweep;
        const char *names[SWEEP_PAGE];
        size_t n;
        Map live; /* names of releases that are not archived */
        Arena arena;
} SweepPage;

/* --- one name --------------------------------------------------------------------------------- */

static bool is_active(const SweepPage *page, ObjectKind kind, const char *tenant, const char *name)
{
        Uuid id = object_id(kind, tenant, name);

        return map_has(&page->publisher->control->model->by_id, id.text);
}

/* True if an inactive document may declare the object. The sweep then keeps the files of the
 * object. */
static bool may_be_declared(const SweepPage *page, ObjectKind kind, const char *tenant,
                            const char *name)
{
        const PublisherSweep *input = page->input;
        bool may = input->may_be_declared(input->userdata, kind, tenant, name);

        page->sweep->n_kept += may;
        return may;
}

static int release_stays(const SweepPage *page, const char *tenant, const char *name)
{
        const PublisherSweep *input = page->input;

        return map_has(&page->live, name) || input->is_drafted(input->userdata, tenant, name) ||
               may_be_declared(page, KIND_RELEASE, tenant, name) ||
               may_be_declared(page, KIND_STREAM, tenant, NULL);
}

/* Returns 1 if the sweep keeps the files of the environment. If this database has the history of an
 * inactive environment, the environment was deleted, even if an inactive document declares it. */
static int environment_stays(SweepPage *page, const char *tenant, const char *name, Error *err)
{
        const Page newest = { .limit = 1 };
        Uuid id = object_id(KIND_ENVIRONMENT, tenant, name);
        Deployments history;
        int r;

        if (is_active(page, KIND_ENVIRONMENT, tenant, name))
                return 1;
        r = store_history(page->publisher->control->store, id.text, &newest, &page->arena, &history,
                          err);
        if (r < 0)
                return r;
        return history.n == 0 && may_be_declared(page, KIND_ENVIRONMENT, tenant, name);
}

/* Returns 1 if the sweep keeps the file. */
static int name_stays(SweepPage *page, const char *name, Error *err)
{
        const char *tenant = page->sweep->tenants->text;

        switch (page->sweep->room) {
        case ROOM_RELEASES: return release_stays(page, tenant, name);
        case ROOM_ENVIRONMENTS: return environment_stays(page, tenant, name, err);
        case ROOM_STREAMS:
                return is_active(page, KIND_STREAM, tenant, name) ||
                       may_be_declared(page, KIND_STREAM, tenant, name);
        case ROOM_MAX_: break;
        }
        return 1;
}

/* Returns the name without the suffix of the file. Returns NULL if the name has another suffix, or
 * memory ran out. */
static const char *stem_in(SweepPage *page, const char *name, StemFile file)
{
        const char *suffix = stem_file_suffix(file);

        return text_ends_with(name, suffix)
                       ? arena_printf(&page->arena, "%.*s", (int)(strlen(name) - strlen(suffix)),
                                      name)
                       : NULL;
}

static int sweep_lock(SweepPage *page, const char *name, Error *err)
{
        const char *folder = page->sweep->folder;

        for (StemFile file = 0; file < STEM_FILE_MAX_; file++) {
                const char *stem = stem_in(page, name, file);
                const char *path = stem ? arena_printf(&page->arena, "%s/%s", folder, stem) : NULL;
                int r;

                if (page->arena.failed)
                        return error_oom(err);
                if (!path)
                        continue;
                r = name_stays(page, stem, err);
                if (r > 0) {
                        publish_sweep_at(path, file);
                        continue;
                }
                if (r == 0)
                        r = publish_remove_at(path, file, err);
                if (r < 0)
                        return r;
                if (r > 0)
                        log_notice("removed '%s/%s': no live release has it", folder, name);
        }
        return 0;
}

static int sweep_links(SweepPage *page, const char *name, Error *err)
{
        const char *path;
        int r = name_stays(page, name, err);

        if (r != 0)
                return MIN(r, 0);
        path = arena_printf(&page->arena, "%s/%s", page->sweep->folder, name);
        return path ? publish_remove_links(path, err) : error_oom(err);
}

/* --- a page of names -------------------------------------------------------------------------- */

/* Finds the names of live releases, with one SQL statement for all names. Skips names that are not
 * valid for a release. */
static int find_live(SweepPage *page, Error *err)
{
        _cleanup_(buffer_done) Buffer stems;
        NamedReleases found;
        int r;

        buffer_init(&stems, STEMS_MAX);
        (void)buffer_putc(&stems, '[');
        for (size_t i = 0; i < page->n; i++)
                for (StemFile file = 0; file < STEM_FILE_MAX_; file++) {
                        const char *stem = stem_in(page, page->names[i], file);

                        if (stem && name_is_valid(stem))
                                (void)buffer_printf(&stems, "%s\"%s\"", stems.size > 1 ? "," : "",
                                                    stem);
                }
        (void)buffer_putc(&stems, ']');
        if (stems.failed || page->arena.failed)
                return error_oom(err);
        r = store_named_releases(page->publisher->control->store, page->sweep->tenants->text,
                                 stems.data, &page->arena, &found, err);
        for (size_t i = 0; r >= 0 && i < found.n; i++)
                if (map_put(&page->live, found.items[i].name, page, NULL) < 0)
                        r = error_oom(err);
        return r;
}

static void sweep_failed(Sweep *sweep, const Error *error)
{
        sweep->failed = true;
        log_error("left-over lockfiles in '%s' not removed: %s",
                  sweep->folder ? sweep->folder : sweep->tenants->text, error_message(error));
}

static void sweep_page(SweepPage *page)
{
        Sweep *sweep = page->sweep;
        _cleanup_(error_done) Error error = { 0 };

        if (sweep->room == ROOM_RELEASES && page->n > 0 && find_live(page, &error) < 0) {
                sweep_failed(sweep, &error);
                return;
        }
        for (size_t i = 0; i < page->n; i++) {
                error_done(&error);
                if ((sweep->room == ROOM_STREAMS ? sweep_links(page, page->names[i], &error)
                                                 : sweep_lock(page, page->names[i], &error)) < 0)
                        sweep_failed(sweep, &error);
        }
}

/* Returns 1 if there may be more names. */
static int read_names(SweepPage *page, Error *err)
{
        DIR *dir = page->sweep->dir;

        while (page->n < SWEEP_PAGE) {
                struct dirent *entry;

                errno = 0;
                entry = readdir(dir);
                if (!entry)
                        return errno == 0 ? 0
                                          : error_set(err, ERROR_INTERNAL, -errno,
                                                      "cannot read: %s", strerror(errno));
                if (entry->d_name[0] == '.')
                        continue;
                page->names[page->n] = arena_strdup(&page->arena, entry->d_name);
                if (!page->names[page->n++])
                        return error_oom(err);
        }
        return 1;
}

/* --- folders ---------------------------------------------------------------------------------- */

static void room_close(Sweep *sweep)
{
        if (sweep->dir)
                (void)closedir(sweep->dir); /* read only */
        sweep->dir = NULL;
        free(sweep->folder);
        sweep->folder = NULL;
        if (++sweep->room < ROOM_MAX_)
                return;
        sweep->room = 0;
        sweep->tenants = sweep->tenants->next;
}

/* Opens a folder of the current tenant. Returns 1 if there is one. */
static int room_open(const Publisher *publisher, Sweep *sweep, Error *err)
{
        const char *tenant = sweep->tenants->text;

        sweep->folder = text_printf("%s/%s/%s", publisher->control->options.locks_path, tenant,
                                    room_names[sweep->room]);
        if (!sweep->folder)
                return error_oom(err);
        sweep->dir = opendir(sweep->folder);
        if (sweep->dir)
                return 1;
        return errno == ENOENT || errno == ENOTDIR ||
                               errno == EACCES /* relmand did not create such a folder */
                       ? 0
                       : error_set(err, ERROR_INTERNAL, -errno, "cannot read: %s", strerror(errno));
}

/* True while a lockfile may belong to a release that a stream has not made yet. Called for each
 * page, because a load of specs may add a stream between two pages. */
static bool room_must_wait(Publisher *publisher, const PublisherSweep *input, const Sweep *sweep)
{
        bool must = sweep->room == ROOM_RELEASES &&
                    input->awaits_release(input->userdata, sweep->tenants->text);

        publisher->sweep_later = publisher->sweep_later || must;
        return must;
}

static void room_step(Publisher *publisher, const PublisherSweep *input, Sweep *sweep)
{
        SweepPage page = { .publisher = publisher, .input = input, .sweep = sweep };
        _cleanup_(error_done) Error error = { 0 };
        int r = 1;

        if (room_must_wait(publisher, input, sweep))
                r = 0;
        else if (!sweep->dir)
                r = room_open(publisher, sweep, &error);

        arena_init(&page.arena, PAGE_ARENA_MAX);
        if (r > 0) {
                r = read_names(&page, &error);
                if (r >= 0)
                        sweep_page(&page);
                if (r == 0 && sweep->room != ROOM_STREAMS)
                        r = file_sweep(sweep->folder, &error);
        }
        if (r < 0)
                sweep_failed(sweep, &error);
        if (r <= 0)
                room_close(sweep);
        map_done(&page.live);
        arena_done(&page.arena);
}

/* --- outputs ---------------------------------------------------------------------------------- */

static int sweep_output(SweepPage *page, const OutputSpec *output, Error *err)
{
        Meta owner;
        int r;

        if (!output->path)
                return 0;
        if (output_owner(output, &page->arena, &owner) < 0)
                return error_oom(err);
        r = environment_stays(page, owner.tenant, owner.name, err);
        return r != 0 ? MIN(r, 0) : output_sweep(output, &owner, err);
}

/* Checks some outputs of the configuration. Returns true if there are more. */
static bool outputs_step(const Publisher *publisher, const PublisherSweep *input, Sweep *sweep)
{
        const OutputSpecs *outputs = publisher->control->options.outputs;
        size_t end = outputs ? MIN(outputs->n, sweep->n_outputs + SWEEP_PAGE) : 0;
        SweepPage page = { .publisher = publisher, .input = input, .sweep = sweep };

        arena_init(&page.arena, PAGE_ARENA_MAX);
        for (; sweep->n_outputs < end; sweep->n_outputs++) {
                _cleanup_(error_done) Error error = { 0 };

                if (sweep_output(&page, &outputs->items[sweep->n_outputs], &error) >= 0)
                        continue;
                sweep->failed = true;
                log_error("%s", error_message(&error));
        }
        arena_done(&page.arena);
        return outputs && end < outputs->n;
}

/* --- a sweep ---------------------------------------------------------------------------------- */

Sweep *sweep_free(Sweep *sweep)
{
        if (!sweep)
                return NULL;
        if (sweep->dir)
                (void)closedir(sweep->dir); /* read only */
        free(sweep->folder);
        arena_done(&sweep->arena);
        free(sweep);
        return NULL;
}

static int read_tenants(const Publisher *publisher, Sweep *sweep, Error *err)
{
        const char *folder = publisher->control->options.locks_path;
        DIR *dir = opendir(folder);
        int r = 0;

        if (!dir)
                return errno == ENOENT ? 0
                                       : error_set(err, ERROR_INTERNAL, -errno,
                                                   "cannot read '%s': %s", folder, strerror(errno));
        for (struct dirent *entry = readdir(dir); entry && r >= 0; entry = readdir(dir)) {
                size_t size = strlen(entry->d_name) + 1;
                TenantName *tenant = entry->d_name[0] == '.'
                                             ? NULL
                                             : arena_alloc(&sweep->arena, sizeof(*tenant) + size);

                if (sweep->arena.failed)
                        r = error_oom(err);
                if (!tenant)
                        continue;
                memcpy(tenant->text, entry->d_name, size);
                tenant->next = sweep->tenants;
                sweep->tenants = tenant;
        }
        (void)closedir(dir); /* read only */
        return r;
}

static int sweep_new(Publisher *publisher, Error *err)
{
        Sweep *sweep = calloc(1, sizeof(*sweep));
        int r;

        if (!sweep)
                return error_oom(err);
        arena_init(&sweep->arena, SWEEP_ARENA_MAX);
        publisher->sweep_again = publisher->sweep_later = false;
        r = read_tenants(publisher, sweep, err);
        publisher->sweep = r < 0 ? sweep_free(sweep) : sweep;
        return r;
}

/* Returns when the next sweep begins after a failed one. The queue counts failures in a row, but
 * each page of a sweep is a success, so sweeps have their own count. */
static usec_t sweep_try_again(Publisher *publisher)
{
        const unsigned doubled = MIN(publisher->n_sweeps_failed, SWEEP_DOUBLES_MAX);

        publisher->n_sweeps_failed++;
        if (publish_failed(publisher) == QUEUE_DONE)
                return QUEUE_DONE;
        return time_monotonic() + MIN(PUBLISH_RETRY_MIN << doubled, PUBLISH_RETRY_MAX);
}

static usec_t sweep_end(Publisher *publisher)
{
        const bool failed = publisher->sweep->failed;
        const size_t n_kept = publisher->sweep->n_kept;

        publisher->sweep = sweep_free(publisher->sweep);
        if (n_kept > 0) {
                publisher->sweep_later = true;
                log_info("left-over lockfiles stay: documents with errors may declare their "
                         "objects");
        }
        if (failed)
                return sweep_try_again(publisher);
        publisher->n_sweeps_failed = 0;
        return publisher->sweep_again ? time_monotonic() : QUEUE_DONE;
}

usec_t publisher_reconcile_sweep(Publisher *publisher, const PublisherSweep *input)
{
        _cleanup_(error_done) Error error = { 0 };
        bool more = true;

        if (!publisher->sweep && sweep_new(publisher, &error) < 0) {
                log_error("left-over lockfiles not removed: %s", error_message(&error));
                return sweep_try_again(publisher);
        }
        if (publisher->sweep->tenants)
                room_step(publisher, input, publisher->sweep);
        else
                more = outputs_step(publisher, input, publisher->sweep);
        return more ? time_monotonic() /* keys that are due already come first */
                    : sweep_end(publisher);
}
