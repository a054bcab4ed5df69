#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "base/vec.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/sqlite.h"

/* Selects the path and the release of each lockfile that must exist: live releases with reason
 * Locked, and environments with a deployed release. */
#define WANTS                                                                                       \
        "SELECT t.name || '/releases/' || r.name, r.id FROM releases r JOIN tenants t "             \
        "ON t.id = r.tenant_id JOIN conditions c ON c.kind = 'Release' AND c.object_id = r.id AND " \
        "c.type = 'Ready' AND c.reason = 'Locked' WHERE r.status IN "                               \
        "('ready', 'promoting', 'deployed', 'deprecated') UNION ALL "                               \
        "SELECT t.name || '/environments/' || e.name, s.release_id FROM release_environment_state " \
        "s JOIN environments e ON e.id = s.environment_id JOIN tenants t ON t.id = e.tenant_id "    \
        "WHERE s.status = 'deployed'"
#define COMPONENTS                                                                                 \
        "SELECT release_id, component_id, digest FROM release_components ORDER BY release_id"
#define GAPS "SELECT count(*) > 0 AND max(sequence) - min(sequence) + 1 <> count(*) FROM events"

uint64_t release_hash(const char *id)
{
        return hash_bytes(id, strlen(id));
}

uint64_t release_hash_component(const char *component_id, const char *digest)
{
        return hash_mix(release_hash(component_id), release_hash(digest));
}

static int wrong(Reader *reader, const char *what, const char *why)
{
        (void)snprintf(reader->why, sizeof(reader->why), "%.300s: %.600s", what, why);
        return -1;
}

static int wrong_of_db(Reader *reader, const char *what)
{
        return wrong(reader, what, sqlite3_errmsg(reader->db));
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Copies a file of the disk into the working folder under the name `as`. Returns 1; 0 if the file
 * does not exist; -1 and reader->why on failure. */
static int put_file(Reader *reader, const State *state, const char *name, const char *as)
{
        Entries scratch = { 0 };
        size_t node = entries_find(state_entries(state, DISK_ROOT, &scratch), name);
        char path[PATH_MAX];
        const Bytes *bytes;
        int fd;

        free(scratch.items);
        (void)snprintf(path, sizeof(path), "%s/%s", reader->folder, as);
        if (node == NO_NODE)
                return unlink(path) < 0 && errno != ENOENT ? wrong(reader, path, strerror(errno))
                                                           : 0;
        bytes = state_bytes(state, node, &reader->scratch);
        fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (fd < 0 || write(fd, bytes->data, bytes->size) != (ssize_t)bytes->size || close(fd) < 0)
                return wrong(reader, path, strerror(errno));
        return 1;
}

static int put_files(Reader *reader, const State *state, const char *name)
{
        static const char *const suffixes[] = { "-journal", "-wal", "" };
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(suffixes) && r >= 0; i++) {
                char from[NAME_MAX + 1], to[16];

                (void)snprintf(from, sizeof(from), "%s%s", name, suffixes[i]);
                (void)snprintf(to, sizeof(to), "db%s", suffixes[i]);
                r = put_file(reader, state, from, to);
        }
        return r;
}

static int open_db(Reader *reader)
{
        char path[PATH_MAX];

        (void)snprintf(path, sizeof(path), "%s/db", reader->folder);
        if (sqlite3_open_v2(path, &reader->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
                return wrong_of_db(reader, "open");
        (void)sqlite3_db_config(reader->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        /* With an exclusive lock, SQLite needs no shared index of the write-ahead log. */
        if (sqlite3_exec(reader->db, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF",
                         NULL, NULL, NULL) != SQLITE_OK)
                return wrong_of_db(reader, "open");
        return 0;
}

void reader_done(Reader *reader)
{
        (void)sqlite3_close(reader->db);
        reader->db = NULL;
        free(reader->scratch.data);
        reader->scratch = (Bytes){ 0 };
}

int image_read(Reader *reader, const State *state, const char *name, uint64_t *ret_hash)
{
        sqlite3_int64 size = 0;
        unsigned char *pages;
        int r;

        (void)sqlite3_close(reader->db);
        reader->db = NULL;
        *ret_hash = 0;
        r = put_files(reader, state, name);
        if (r <= 0)
                return r;
        r = open_db(reader);
        if (r < 0)
                return r;
        pages = sqlite3_serialize(reader->db, "main", &size, 0);
        if (!pages && size != 0)
                return wrong_of_db(reader, "read");
        *ret_hash = size > 0 ? hash_bytes(pages, (size_t)size) : 0;
        sqlite3_free(pages);
        return 0;
}

/* --- content of the database ------------------------------------------------------------------ */

int image_ask(Reader *reader, const char *sql, int64_t *ret)
{
        sqlite3_stmt *stmt = NULL;
        int r = sqlite3_prepare_v2(reader->db, sql, -1, &stmt, NULL) == SQLITE_OK &&
                                sqlite3_step(stmt) == SQLITE_ROW
                        ? 0
                        : wrong_of_db(reader, sql);

        *ret = r < 0 ? 0 : sqlite3_column_int64(stmt, 0);
        (void)sqlite3_finalize(stmt);
        return r;
}

typedef int OnRow(Image *image, sqlite3_stmt *row);

static int each_row(Reader *reader, Image *image, const char *sql, OnRow *on_row)
{
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(reader->db, sql, -1, &stmt, NULL), r = 0;

        while (code == SQLITE_OK || code == SQLITE_ROW) {
                code = sqlite3_step(stmt);
                if (code == SQLITE_ROW && on_row(image, stmt) < 0)
                        code = SQLITE_NOMEM;
        }
        if (code != SQLITE_DONE)
                r = wrong_of_db(reader, sql);
        (void)sqlite3_finalize(stmt);
        return r;
}

static const char *text(sqlite3_stmt *row, int column)
{
        const char *value = (const char *)sqlite3_column_text(row, column);

        return value ? value : "";
}

/* Adds a component to its release. image->releases holds pairs: the hash of the release's id, and
 * the sum of this hash and the hashes of its components. */
static int on_component(Image *image, sqlite3_stmt *row)
{
        Numbers *releases = &image->releases;
        uint64_t id = release_hash(text(row, 0));

        if (releases->n == 0 || releases->items[releases->n - 2] != id) {
                if (vec_reserve(&releases->items, &releases->capacity, releases->n + 2,
                                sizeof(uint64_t)) < 0)
                        return -1;
                releases->items[releases->n++] = id;
                releases->items[releases->n++] = id;
        }
        releases->items[releases->n - 1] += release_hash_component(text(row, 1), text(row, 2));
        return 0;
}

static int on_want(Image *image, sqlite3_stmt *row)
{
        Wants *wants = &image->wants;
        uint64_t id = release_hash(text(row, 1));
        size_t i = 0;

        while (i < image->releases.n && image->releases.items[i] != id)
                i += 2;
        if (vec_reserve(&wants->items, &wants->capacity, wants->n + 1, sizeof(Want)) < 0)
                return -1;
        wants->items[wants->n].release = i < image->releases.n ? image->releases.items[i + 1] : 0;
        wants->items[wants->n].path = strdup(text(row, 0));
        return wants->items[wants->n++].path ? 0 : -1;
}

static int check_ok(Reader *reader, const char *sql)
{
        sqlite3_stmt *stmt = NULL;
        int code = sqlite3_prepare_v2(reader->db, sql, -1, &stmt, NULL), r = 0;

        if (code == SQLITE_OK)
                code = sqlite3_step(stmt);
        if (code == SQLITE_ROW && !streq(text(stmt, 0), "ok"))
                r = wrong(reader, sql, text(stmt, 0));
        else if (code != SQLITE_ROW && code != SQLITE_DONE)
                r = wrong_of_db(reader, sql);
        (void)sqlite3_finalize(stmt);
        return r;
}

static int check_seals(Reader *reader, unsigned schema)
{
        SqliteStore store = { .db = reader->db, .lock_fd = -1 };
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(freep) char *path = strdup("db");

        store.path = path;
        return path && seal_check_all(&store, schema, &error) >= 0
                       ? 0
                       : wrong(reader, "seals", error_message(&error));
}

int image_learn(Reader *reader, Image *image)
{
        int64_t schema = 0, has_gaps = 0;
        int r;

        if (!reader->db)
                return 0;
        r = check_ok(reader, "PRAGMA integrity_check");
        if (r >= 0)
                r = check_ok(reader, "PRAGMA foreign_key_check");
        if (r >= 0)
                r = image_ask(reader, "PRAGMA user_version", &schema);
        if (r < 0 || schema == 0)
                return r;
        r = image_ask(reader, GAPS, &has_gaps);
        if (r >= 0 && has_gaps)
                r = wrong(reader, "events", "their numbers have gaps");
        if (r >= 0)
                r = check_seals(reader, (unsigned)schema);
        if (r >= 0)
                r = each_row(reader, image, COMPONENTS, on_component);
        return r < 0 ? r : each_row(reader, image, WANTS, on_want);
}

void image_done(Image *image)
{
        for (size_t i = 0; i < image->wants.n; i++)
                free(image->wants.items[i].path);
        free(image->wants.items);
        free(image->releases.items);
}
