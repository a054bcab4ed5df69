#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "store/sqlite/connection.h"
#include "store/sqlite/quarantine.h"
#include "store/sqlite/schema.h"
#include "store/store.h"

/* --- opening ---------------------------------------------------------------------------------- */

static int take_lock(Store *store, Error *err)
{
        _cleanup_(freep) char *path = NULL;
        int r;

        if (streq(store->path, ":memory:"))
                return 0;
        path = text_printf("%s.lock", store->path);
        if (!path)
                return error_oom(err);
        if (access(path, F_OK) >= 0 && access(store->path, F_OK) < 0 && errno == ENOENT) {
                store->notice = text_printf(
                        "there is no database '%s', although relmand has run with it before; a new "
                        "one is made: what specs, registries and lockfiles do not tell is lost; if "
                        "it was moved, stop relmand, put it back, or restore a backup ('relmanctl "
                        "restore'), and start relmand",
                        store->path);
                if (!store->notice)
                        return error_oom(err);
        }
        r = file_lock(path, &store->lock_fd, err);
        return r < 0 ? error_prefix(err, r, "database '%s'", store->path) : 0;
}

/* --- damage ----------------------------------------------------------------------------------- */

/* Whether the file's header says that it is ours: what state.path names by mistake is not touched.
 */
static bool is_ours(const char *path)
{
        _cleanup_(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        unsigned char id[4];

        return fd >= 0 && pread(fd, id, sizeof(id), APPLICATION_ID_OFFSET) == sizeof(id) &&
               ((uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3]) ==
                       APPLICATION_ID;
}

/* Its second names are durable before its first ones go. */
static int set_aside(Store *store, const StoreOptions *options, Error *damage, Error *err)
{
        _cleanup_(freep) char *kept = NULL;
        int r;

        connection_close(store);
        r = aside_keep(store->path, "damaged", options->now, &kept, err);
        if (r >= 0)
                r = file_remove(store->path, err);
        if (r >= 0)
                r = aside_drop_journal(store->path, err);
        if (r < 0)
                return error_prefix(err, r, "%s", error_message(damage));
        store->notice = text_printf(
                "%s; it is kept as '%s' and built anew: what specs, registries and lockfiles do not tell is lost "
                "(objects made over the API, approvals, holds, histories, events, audit)",
                error_message(damage), kept);
        if (!store->notice)
                return error_oom(err);
        return 0;
}

/* SQLite tells of what the disk would not give as of a malformed database. What can be read whole,
 * and is found damaged again, is damaged. */
static int read_through(const char *path, const char *suffix, Error *err)
{
        _cleanup_(freep) char *name = text_printf("%s%s", path, suffix);
        _cleanup_(close_fd) int fd = name ? open(name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;
        char block[64 * 1024];
        ssize_t n;

        if (!name)
                return error_oom(err);
        if (fd < 0)
                return errno == ENOENT ? 0
                                       : error_set(err, ERROR_INTERNAL, -EIO,
                                                   "cannot read '%s': %s", name, strerror(errno));
        do
                n = read(fd, block, sizeof(block));
        while (n > 0);
        return n == 0 ? 0
                      : error_set(err, ERROR_INTERNAL, -EIO,
                                  "cannot read '%s': %s; see the disk's own messages (dmesg)", name,
                                  strerror(errno));
}

static int look_again(Store *store, const StoreOptions *options, Error *damage, Error *err)
{
        int r;

        connection_close(store);
        r = read_through(store->path, "", err);
        if (r >= 0)
                r = read_through(store->path, "-wal", err);
        if (r < 0)
                return r;
        error_done(damage);
        r = connection_open(store, options, damage);
        if (r < 0 && r != -EBADMSG)
                error_move(err, damage);
        return r;
}

static int open_or_rebuild(Store *store, const StoreOptions *options, Error *err)
{
        _cleanup_(error_done) Error damage = { 0 };
        int r;

        r = connection_open(store, options, &damage);
        if (r >= 0)
                return r;
        if (r != -EBADMSG || !options->may_rebuild || !is_ours(store->path)) {
                error_move(err, &damage);
                return r;
        }
        r = look_again(store, options, &damage, err);
        if (r != -EBADMSG)
                return r;
        r = set_aside(store, options, &damage, err);
        return r < 0 ? r : connection_open(store, options, err);
}

int store_open(const StoreOptions *options, Store **ret, Error *err)
{
        _cleanup_(store_closep) Store *store = calloc(1, sizeof(*store));
        int r;

        if (!store)
                return error_oom(err);
        store->lock_fd = -1;
        store->watch = options->watch;
        store->path = strdup(options->path);
        if (!store->path)
                return error_oom(err);
        r = options->read_only ? 0 : take_lock(store, err);
        if (r >= 0 && !options->read_only)
                aside_drop_copies(store->path);
        if (r >= 0)
                r = open_or_rebuild(store, options, err);
        if (r < 0)
                return r;
        *ret = TAKE(store);
        return 0;
}

const char *store_notice(const Store *store)
{
        return store->notice;
}

Store *store_close(Store *store)
{
        if (!store)
                return NULL;
        connection_close(store);
        close_fd(&store->lock_fd);
        error_done(&store->lost);
        free(store->notice);
        free(store->path);
        free(store);
        return NULL;
}

int store_probe(Store *store, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = connection_check_place(store, err);
        if (r < 0)
                return r;
        r = stmt_get(store, STMT_PROBE, &stmt, err);
        if (r >= 0)
                r = stmt_step(&stmt, err);
        return MIN(r, 0);
}

int store_is_lost(const Store *store, Error *err)
{
        if (store->lost.kind == ERROR_NONE)
                return 0;
        return error_set(err, store->lost.kind, store->lost.code, "%s",
                         error_message(&store->lost));
}

const StoreTrouble *store_trouble(const Store *store)
{
        return &store->trouble;
}

void store_stats(const Store *store, StoreStats *ret)
{
        *ret = store->stats;
}
