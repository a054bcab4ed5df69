/* Makes and frees the publisher, and adds the keys of everything that it publishes. */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "publish/output-git.h"
#include "publish/output.h"
#include "store/pages.h"

#define LOCK_FOLDER_MODE   0755
#define RELEASES_PER_PAGE  1000
#define RELEASES_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* --- keys ------------------------------------------------------------------------------------- */

void publisher_start(Publisher *publisher)
{
        queue_add(publisher->control->queue, KEY_LOCKS, "", 0, "relmand started");
}

void publisher_sweep_soon(Publisher *publisher)
{
        publisher->sweep_again = true;
        queue_add(publisher->control->queue, KEY_SWEEP, "", 0, "something was deleted");
}

static void add_environment(const EnvironmentLock *environment, const char *cause)
{
        queue_add(environment->publisher->control->queue, KEY_ENVIRONMENT_LOCK,
                  environment->id.text, 0, cause);
}

/* Adds the keys of the next page of releases. */
static int add_releases(Publisher *publisher, const char *after, Error *err)
{
        const ObjectCursor cursor = { .kind = KIND_RELEASE,
                                      .after = after,
                                      .limit = RELEASES_PER_PAGE };
        Queue *queue = publisher->control->queue;
        _cleanup_(arena_done) Arena arena;
        StoredObjects page;
        int r;

        arena_init(&arena, RELEASES_ARENA_MAX);
        r = store_objects_after(publisher->control->store, &cursor, &arena, &page, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < page.n; i++)
                if (page.items[i].status != RELEASE_DRAFT &&
                    page.items[i].status != RELEASE_ARCHIVED)
                        queue_add(queue, KEY_RELEASE_LOCK, page.items[i].id, 0,
                                  "all lockfiles are compared");
        if (page.n == RELEASES_PER_PAGE)
                queue_add(queue, KEY_LOCKS, page.items[page.n - 1].id, 0, "there are more");
        return 0;
}

usec_t publisher_add_all(Publisher *publisher, const char *after)
{
        const Control *control = publisher->control;
        _cleanup_(error_done) Error error = { 0 };

        if (add_releases(publisher, after, &error) < 0) {
                log_error("lockfiles not compared with the database: %s", error_message(&error));
                return publish_failed(publisher);
        }
        if (after[0])
                return QUEUE_DONE;
        map_foreach (&publisher->environments, entry)
                add_environment(entry->value, "all lockfiles are compared");
        for (size_t i = 0; i < control->model->streams.n; i++)
                queue_add(control->queue, KEY_STREAM_LINKS,
                          control->model->streams.items[i]->object.id.text, 0,
                          "all links are compared");
        publisher_sweep_soon(publisher);
        return QUEUE_DONE;
}

/* --- lifetime --------------------------------------------------------------------------------- */

/* A program that program_run_leave() left running has ended. relmand starts the program of an
 * output again only after that. */
static void on_left_ended(const char *environment_id, void *userdata)
{
        Publisher *publisher = userdata;

        queue_add(publisher->control->queue, KEY_ENVIRONMENT_LOCK, environment_id, 0,
                  "an earlier run of its program has ended");
}

static void on_program_turned(void *userdata)
{
        Publisher *publisher = userdata;

        control_kick(publisher->control);
}

int publisher_init(Publisher *publisher, const Control *control, Error *err)
{
        *publisher = (Publisher){ .control = control,
                                  .programs = { .event = control->event,
                                                .left_ended = on_left_ended,
                                                .turned = on_program_turned,
                                                .userdata = publisher } };
        return branches_init(publisher, err);
}

int publisher_check_folder(const Publisher *publisher, Error *err)
{
        const char *folder = publisher->control->options.locks_path;
        int r;

        r = file_make_folder(folder, LOCK_FOLDER_MODE, err);
        if (r < 0)
                return error_prefix(err, r, "lock folder");
        if (access(folder, W_OK | X_OK) < 0)
                return error_set(
                        err, ERROR_INVALID, -errno,
                        "cannot write lockfiles to '%s': %s; give the user of relmand the right to "
                        "write there, or set locks.path",
                        folder, strerror(errno));
        return 0;
}

bool publisher_is_idle(const Publisher *publisher)
{
        map_foreach (&publisher->environments, entry)
                if (!outputs_are_idle(entry->value))
                        return false;
        return branches_are_idle(publisher);
}

static EnvironmentLock *environment_lock_free(EnvironmentLock *lock)
{
        if (!lock)
                return NULL;
        outputs_done(lock);
        free(lock->files.problem);
        free(lock);
        return NULL;
}

static void drop_gone(Publisher *publisher, const Model *model)
{
        map_foreach (&publisher->environments, entry) {
                EnvironmentLock *gone = entry->value;

                if (model && map_has(&model->by_id, entry->key))
                        continue;
                (void)map_remove(&publisher->environments, gone->id.text);
                environment_lock_free(gone);
                if (model)
                        publisher_sweep_soon(publisher); /* the sweep removes the lockfile */
        }
}

static int adopt(Publisher *publisher, const EnvironmentSpec *spec)
{
        EnvironmentLock *lock = map_get(&publisher->environments, spec->object.id.text);

        if (!lock) {
                lock = calloc(1, sizeof(*lock));
                if (!lock)
                        return -ENOMEM;
                lock->publisher = publisher;
                lock->id = spec->object.id;
                if (outputs_init(lock) < 0 ||
                    map_put(&publisher->environments, lock->id.text, lock, NULL) < 0) {
                        environment_lock_free(lock);
                        return -ENOMEM;
                }
        }
        lock->spec = spec;
        if (!streq(lock->formats,
                   spec->object.digest)) /* the document may list other formats now */
                add_environment(lock, "its document changed");
        memcpy(lock->formats, spec->object.digest, sizeof(lock->formats));
        return 0;
}

int publisher_adopt(Publisher *publisher, const Model *model, Error *err)
{
        drop_gone(publisher, model);
        for (size_t i = 0; i < model->environments.n; i++)
                if (adopt(publisher, model->environments.items[i]) < 0)
                        return error_oom(err);
        if (publisher->sweep_later) /* fewer documents may have errors now, so a sweep may remove
                                       more files */
                publisher_sweep_soon(publisher);
        return 0;
}

void publisher_done(Publisher *publisher)
{
        branches_done(publisher);
        drop_gone(publisher, NULL);
        map_done(&publisher->environments);
        publisher->sweep = sweep_free(publisher->sweep);
        programs_end(&publisher->programs);
}
