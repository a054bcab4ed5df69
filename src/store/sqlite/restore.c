#include "store/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/limits.h"
#include "base/text.h"
#include "store/sqlite/quarantine.h"
#include "store/sqlite/schema.h"

/* The steps of a restore:
 * - Copy FILE to PATH.restore.tmp and check the copy.
 * - Give the old database the second name PATH.replaced-TIME, and write its -wal into it.
 * - Continue the event numbers in the copy, and sync the copy.
 * - Remove the first names of the old journals, rename the copy to PATH, and sync the folder. */

/* Number of event numbers that are skipped if the last number of the replaced database cannot be
 * read. More events than this are not expected between a backup and its restore. */
#define EVENT_GAP 1000000

#define COPY_SLICE ((size_t)1024 * 1024 * 1024)

#define LAST_EVENT "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'events'"

typedef struct Restore {
        const RestoreOptions *options;
        char *temporary;
        int lock_fd;
        /* owner of the old database, or of the folder; becomes the owner of the new database */
        struct stat owner;
        bool has_old;
        bool is_replaced; /* PATH is the new database; the old one has only its second name */
        Restored result;
} Restore;

/* After a failure, restores the first names of the old database and removes the second names. */
static void undo(Restore *restore)
{
        if (!restore->result.kept || restore->is_replaced ||
            quarantine_undo(restore->options->path, restore->result.kept) < 0)
                return;
        free(restore->result.kept);
        restore->result.kept = NULL;
}

static void restore_done(Restore *restore)
{
        if (restore->temporary && restore->lock_fd >= 0) {
                (void)unlink(restore->temporary); /* after success the copy has been renamed */
                (void)quarantine_drop_journal(restore->temporary, NULL);
        }
        undo(restore);
        free(restore->temporary);
        close_fd(&restore->lock_fd);
        restored_done(&restore->result);
}

/* Closes a connection of open_connection(). */
static void close_connection(SqliteStore *store)
{
        (void)sqlite3_close(store->db); /* no statement is open */
        free(store->path);
}

/* Opens the database at path. Messages name it `name`. */
static int open_connection(SqliteStore *store, const char *name, const char *path, Error *err)
{
        int code;

        store->path = strdup(name);
        if (!store->path)
                return error_oom(err);
        code = sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE, NULL);
        return code == SQLITE_OK ? schema_distrust(store, err) : sqlite_error(store, code, err);
}

static int failed(const char *what, const char *path, Error *err)
{
        return error_set(err, ERROR_INTERNAL, -errno, "cannot %s '%s': %s", what, path,
                         strerror(errno));
}

static const char *name_of(const RestoreOptions *options)
{
        return options->name ? options->name : options->from;
}

/* --- the copy --------------------------------------------------------------------------------- */

static int check_source(const RestoreOptions *options, Error *err)
{
        struct stat from, to;

        if (stat(options->from, &from) < 0)
                return error_set(err, ERROR_NOT_FOUND, -errno, "cannot read '%s': %s",
                                 options->from, strerror(errno));
        if (!S_ISREG(from.st_mode))
                return error_set(err, ERROR_INVALID, -EINVAL, "'%s' is no file; name a backup",
                                 options->from);
        if (stat(options->path, &to) >= 0 && to.st_dev == from.st_dev && to.st_ino == from.st_ino)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "'%s' is the database itself; name a backup of it", options->from);
        return 0;
}

/* Copies one file of the backup: the database (suffix "") or its log ("-wal"). The log may be
 * missing. */
static int copy_file(const Restore *restore, const char *suffix, Error *err)
{
        _cleanup_(freep) char *from = NULL, *to = NULL;
        _cleanup_(close_fd) int in = -1, out = -1;
        ssize_t n;

        from = text_printf("%s%s", restore->options->from, suffix);
        to = text_printf("%s%s", restore->temporary, suffix);
        if (!from || !to)
                return error_oom(err);
        (void)unlink(to); /* left by a killed process; open() reports other failures */
        in = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (in < 0)
                return errno == ENOENT && suffix[0] ? 0 : failed("read", from, err);
        out = open(to, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (out < 0)
                return failed("make", to, err);
        do
                n = sendfile(out, in, NULL, COPY_SLICE);
        while (n > 0);
        return n < 0 ? failed("write", to, err) : 0;
}

/* Copies the backup, with its -wal if there is one, to the temporary file. Only this copy is
 * checked and installed. */
static int copy(Restore *restore, Error *err)
{
        int r = copy_file(restore, "", err);

        return r < 0 ? r : copy_file(restore, "-wal", err);
}

static int check_copy(Restore *restore, SqliteStore *copy, Error *err)
{
        bool is_empty = false;
        int r;

        copy->is_backup = true;
        r = open_connection(copy, name_of(restore->options), restore->temporary, err);
        if (r >= 0)
                r = schema_version(copy, &restore->result.schema, &is_empty, err);
        if (r >= 0 && is_empty)
                r = error_set(err, ERROR_INVALID, -EINVAL, "'%s' holds nothing; name a backup",
                              name_of(restore->options));
        if (r >= 0)
                r = schema_compare(copy, restore->result.schema, err);
        if (r >= 0)
                r = schema_check(copy, CHECK_WHOLE, err);
        if (r >= 0)
                r = schema_check_numbers(copy, err);
        return r < 0 ? r : seal_check_all(copy, restore->result.schema, err);
}

/* --- the old database ------------------------------------------------------------------------- */

/* Writes the journal of the old database into it, so that the kept database is complete without the
 * journal. A damaged database keeps its journal under a second name. */
static void settle_old(Restore *restore)
{
        _cleanup_(close_connection) SqliteStore old = { .lock_fd = -1 };
        unsigned version = 0;
        bool is_empty = false;
        int r;

        r = open_connection(&old, restore->options->path, restore->options->path, NULL);
        if (r >= 0)
                r = schema_version(&old, &version, &is_empty, NULL);
        if (r < 0)
                return;
        (void)sqlite_number(&old, LAST_EVENT, &restore->result.lost_events, NULL);
        /* if this fails, the journal is kept under its second name */
        (void)sqlite_exec(&old, "PRAGMA wal_checkpoint(TRUNCATE)", NULL);
}

static int keep_old(Restore *restore, Error *err)
{
        const RestoreOptions *options = restore->options;
        int r;

        r = quarantine_keep(options->path, "replaced", options->now, &restore->result.kept, err);
        if (r < 0)
                return r;
        settle_old(restore);
        return quarantine_drop_empty_journal(restore->result.kept, err);
}

/* Makes the event numbers in the copy continue after those of the old database, because receivers
 * and followers identify events by number. */
static int number_on(Restore *restore, SqliteStore *copy, Error *err)
{
        Restored *result = &restore->result;
        int64_t reached = result->lost_events;
        char sql[256];
        int r;

        r = sqlite_exec(copy, "PRAGMA journal_mode = DELETE", err);
        if (r >= 0)
                r = sqlite_number(copy, LAST_EVENT, &result->last_event, err);
        if (r < 0)
                return r;
        /* the old database could not be read, or its number is invalid */
        if (reached < 0 || reached > SEQUENCE_MAX) {
                result->lost_events = -1;
                reached = result->last_event + EVENT_GAP;
        }
        reached = MAX(reached, result->last_event);
        result->lost_events = result->lost_events < 0 ? -1 : reached - result->last_event;
        result->next_event = reached + 1;
        (void)snprintf(sql, sizeof(sql),
                       "BEGIN IMMEDIATE; DELETE FROM sqlite_sequence WHERE name = 'events'; "
                       "INSERT INTO sqlite_sequence (name, seq) VALUES ('events', %lld); COMMIT",
                       (long long)reached);
        return sqlite_exec(copy, sql, err);
}

/* --- replacement ------------------------------------------------------------------------------ */

/* Sets the owner of the new database and of the lock file, and syncs the database. root may run a
 * restore, but the user of the daemon must own both files. */
static int hand_over(const Restore *restore, Error *err)
{
        _cleanup_(close_fd) int fd = open(restore->temporary, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

        if (fd < 0)
                return failed("open", restore->temporary, err);
        if (geteuid() == 0 &&
            (fchown(fd, restore->owner.st_uid, restore->owner.st_gid) < 0 ||
             fchown(restore->lock_fd, restore->owner.st_uid, restore->owner.st_gid) < 0))
                return failed("give away", restore->temporary, err);
        return fsync(fd) < 0 ? failed("sync", restore->temporary, err) : 0;
}

static int exchange(Restore *restore, Error *err)
{
        const RestoreOptions *options = restore->options;
        int r;

        r = hand_over(restore, err);
        if (r < 0)
                return r;
        r = quarantine_drop_journal(options->path, err);
        if (r >= 0 && rename(restore->temporary, options->path) < 0)
                r = failed("write", options->path, err);
        restore->is_replaced = r >= 0;
        if (r >= 0)
                r = file_sync_folder(options->path, err);
        if (r < 0)
                undo(restore);
        if (r < 0 && restore->result.kept)
                r = error_prefix(err, r, "what was there is kept as '%s'", restore->result.kept);
        return r;
}

static int find_owner(Restore *restore, Error *err)
{
        const char *path = restore->options->path, *slash = strrchr(path, '/');
        _cleanup_(freep) char *folder =
                slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");

        if (!folder)
                return error_oom(err);
        restore->has_old = stat(path, &restore->owner) >= 0;
        if (!restore->has_old && errno != ENOENT) /* the old database may exist and must be kept */
                return failed("inspect", path, err);
        if (!restore->has_old && stat(folder, &restore->owner) < 0)
                return failed("find folder", folder, err);
        return 0;
}

static int make_copy(Restore *restore, Error *err)
{
        _cleanup_(close_connection) SqliteStore checked = { .lock_fd = -1 };
        int r;

        r = copy(restore, err);
        if (r >= 0)
                r = check_copy(restore, &checked, err);
        if (r < 0)
                return r;
        restore->result.lost_events = -1;
        r = restore->has_old ? keep_old(restore, err) : 0;
        return r < 0 ? r : number_on(restore, &checked, err);
}

int sqlite_restore(const RestoreOptions *options, Restored *ret, Error *err)
{
        _cleanup_(restore_done) Restore restore = { .options = options, .lock_fd = -1 };
        _cleanup_(freep) char *lock = NULL;
        int r;

        lock = text_printf("%s.lock", options->path);
        restore.temporary = text_printf("%s.restore.tmp", options->path);
        if (!lock || !restore.temporary)
                return error_oom(err);
        r = check_source(options, err);
        if (r >= 0)
                r = find_owner(&restore, err);
        if (r >= 0)
                r = file_lock(lock, &restore.lock_fd, err);
        if (r >= 0)
                r = make_copy(&restore, err);
        if (r >= 0)
                r = exchange(&restore, err);
        if (r < 0)
                return r;
        *ret = restore.result;
        restore.result.kept = NULL;
        return 0;
}
