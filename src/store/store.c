#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "store/aside.h"
#include "store/migrations.h"
#include "store/schema.h"
#include "store/seal.h"

#define BUSY_MSEC 5000

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
        r = file_lock(path, &store->lock_fd, err);
        return r < 0 ? error_prefix(err, r, "database '%s'", store->path) : 0;
}

/* One connection writes and checkpoints; readers never do (a fault in SQLite's WAL up to 3.51.2
 * needs two). */
static int prepare_writing(Store *store, Error *err)
{
        int r = store_exec(store, "PRAGMA journal_mode = WAL", err);

        if (r >= 0)
                r = store_exec(store, "PRAGMA synchronous = FULL", err);
        /* what a statement needs to undo itself alone; as a file it is written page by page */
        return r < 0 ? r : store_exec(store, "PRAGMA temp_store = MEMORY", err);
}

/* One thread, and nobody asks how much memory there is: then SQLite needs no locks. Refused once it
 * is in use, which is fine. */
static void set_up_library(void)
{
        (void)sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
        (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

static int bring_up_to_date(Store *store, usec_t now, Error *err)
{
        _cleanup_(freep) char *backup = NULL;
        int r;

        r = schema_upgrade(store, now, &backup, err);
        if (r >= 0)
                r = store_exec(store, "PRAGMA foreign_keys = ON", err);
        if (r >= 0)
                r = seal_check_all(store, store_n_migrations, err);
        if (r < 0 || !backup)
                return r;
        free(store->notice);
        store->notice = text_printf(
                "database '%s' has the schema of this program now; as it was before it is kept as '%s'",
                store->path, backup);
        if (!store->notice)
                return error_oom(err);
        return 0;
}

static int check_readable(Store *store, Error *err)
{
        unsigned version = 0;
        bool is_empty = false;
        int r;

        r = schema_version(store, &version, &is_empty, err);
        if (r >= 0 && version != store_n_migrations)
                r = error_set(
                        err, ERROR_INVALID, -EPROTONOSUPPORT,
                        "database '%s' has schema %u, this program needs %u; let relmand open it once to "
                        "upgrade it",
                        store->path, version, store_n_migrations);
        return r;
}

/* Now: when memory runs out in the middle of a transaction, the end of it must be at hand. */
static int prepare_transactions(Store *store, Error *err)
{
        static const StmtId ids[] = { STMT_BEGIN, STMT_COMMIT, STMT_ROLLBACK };
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(ids) && r >= 0; i++) {
                _cleanup_(stmt_done) Stmt stmt = { 0 };

                r = stmt_get(store, ids[i], &stmt, err);
        }
        return r;
}

/* Nothing is written before it is known to be ours, whole and not newer. */
static int open_database(Store *store, const StoreOptions *options, Error *err)
{
        int flags = options->read_only ? SQLITE_OPEN_READONLY
                                       : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
        unsigned version = 0;
        bool is_empty = false;
        int code, r;

        set_up_library();
        code = sqlite3_open_v2(store->path, &store->db, flags | SQLITE_OPEN_NOMUTEX, NULL);

        if (code != SQLITE_OK)
                return store_error(store, code, err);
        (void)sqlite3_busy_timeout(store->db, BUSY_MSEC);
        (void)sqlite3_extended_result_codes(store->db, 1);
        if (options->read_only)
                (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        r = schema_check(store, CHECK_QUICK, err);
        if (options->read_only)
                return r < 0 ? r : check_readable(store, err);
        if (r >= 0)
                r = schema_version(store, &version, &is_empty, err);
        if (r >= 0)
                r = prepare_writing(store, err);
        if (r >= 0)
                r = prepare_transactions(store, err);
        return r < 0 ? r : bring_up_to_date(store, options->now, err);
}

/* SQLite closes nothing while a statement is left. */
static void close_database(Store *store)
{
        for (size_t i = 0; i < STMT_MAX_; i++) {
                (void)sqlite3_finalize(store->statements[i]); /* repeats what step said */
                store->statements[i] = NULL;
        }
        (void)sqlite3_close(store->db); /* checkpoints; what was committed is safe either way */
        store->db = NULL;
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

        close_database(store);
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

        close_database(store);
        r = read_through(store->path, "", err);
        if (r >= 0)
                r = read_through(store->path, "-wal", err);
        if (r < 0)
                return r;
        error_done(damage);
        r = open_database(store, options, damage);
        if (r < 0 && r != -EBADMSG)
                error_move(err, damage);
        return r;
}

static int open_or_rebuild(Store *store, const StoreOptions *options, Error *err)
{
        _cleanup_(error_done) Error damage = { 0 };
        int r;

        r = open_database(store, options, &damage);
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
        return r < 0 ? r : open_database(store, options, err);
}

int store_open(const StoreOptions *options, Store **ret, Error *err)
{
        _cleanup_(store_closep) Store *store = calloc(1, sizeof(*store));
        int r;

        if (!store)
                return error_oom(err);
        store->lock_fd = -1;
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
        close_database(store);
        close_fd(&store->lock_fd);
        free(store->notice);
        free(store->path);
        free(store);
        return NULL;
}

int store_probe(Store *store, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r;

        r = stmt_get(store, STMT_PROBE, &stmt, err);
        if (r >= 0)
                r = stmt_step(&stmt, err);
        return MIN(r, 0);
}

const StoreTrouble *store_trouble(const Store *store)
{
        return &store->trouble;
}

void store_stats(const Store *store, StoreStats *ret)
{
        *ret = store->stats;
}
