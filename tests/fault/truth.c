#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "base/vec.h"
#include "lock/lock.h"
#include "truth-internal.h"

#define PROMISES_MAX   ((size_t)16 * 1024 * 1024)
#define LOCK_ARENA_MAX ((size_t)16 * 1024 * 1024)
/* The permission bits of a mode. */
#define MODE_OF_READERS 0777U

int truth_wrong(Truth *truth, const char *what, const char *why)
{
        (void)snprintf(truth->why, sizeof(truth->why), "'%.500s' %.1000s", what, why);
        return -1;
}

static int no_memory(Truth *truth)
{
        return truth_wrong(truth, "replay", "has no more memory");
}

#define RESERVE(truth, array)                                                                      \
        vec_reserve(&(truth)->array, &(truth)->array##_capacity, (truth)->n_##array + 1,           \
                    sizeof(*(truth)->array))

static State now(const Truth *truth)
{
        return (State){ .disk = truth->disk, .choice = CHOICE_ALL, .op = NO_OP };
}

/* --- lockfiles -------------------------------------------------------------------------------- */

/* Calls on_file for each file below a folder. Skips names that begin with '.', which deployers do
 * not read. */
static int walk(Truth *truth, const State *state, size_t folder, const char *before,
                OnFile *on_file)
{
        Entries scratch = { 0 };
        const Entries *entries = state_entries(state, folder, &scratch);
        int r = 0;

        for (size_t i = 0; i < entries->n && r >= 0; i++) {
                const Entry *entry = &entries->items[i];
                char path[PATH_MAX];

                if (entry->name[0] == '.')
                        continue;
                (void)snprintf(path, sizeof(path), "%s%s%s", before, before[0] ? "/" : "",
                               entry->name);
                r = state->disk->nodes[entry->node].made_by == OP_MKDIR
                            ? walk(truth, state, entry->node, path, on_file)
                            : on_file(truth, state, path, entry->node);
        }
        free(scratch.items);
        return r;
}

int truth_walk_locks(Truth *truth, const State *state, OnFile *on_file)
{
        Entries scratch = { 0 };
        size_t node = entries_find(state_entries(state, DISK_ROOT, &scratch), LOCKS);

        free(scratch.items);
        return node == NO_NODE ? 0 : walk(truth, state, node, "", on_file);
}

Path *truth_find_path(const Truth *truth, const char *name)
{
        for (size_t i = 0; i < truth->n_paths; i++)
                if (streq(truth->paths[i].name, name))
                        return &truth->paths[i];
        return NULL;
}

/* The hash includes the type, because a link is not the same as a file with the same bytes. It
 * includes the mode, because another mode may prevent a deployer from reading the file. */
uint64_t truth_content_hash(Truth *truth, const State *state, size_t node)
{
        const Bytes *bytes = state_bytes(state, node, &truth->reader.scratch);

        return hash_mix(hash_bytes(bytes->data, bytes->size),
                        hash_mix(bytes->mode & MODE_OF_READERS, state->disk->nodes[node].made_by));
}

/* Reads a native lockfile, which must be complete. Sets *ret to the hash of its release, or to 0
 * for other files. */
static int read_release(Truth *truth, const State *state, const char *path, size_t node,
                        uint64_t *ret)
{
        const Bytes *bytes = state_bytes(state, node, &truth->reader.scratch);
        size_t size = strlen(path), end = strlen(LOCK_SUFFIX);
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena = { 0 };
        Lock lock;

        *ret = 0;
        if (size < end || !streq(path + size - end, LOCK_SUFFIX) ||
            state->disk->nodes[node].made_by != OP_CREATE)
                return 0;
        arena_init(&arena, LOCK_ARENA_MAX);
        if (lock_read_native(path, (const char *)bytes->data, bytes->size, &arena, &lock, &error) <
            0)
                return truth_wrong(truth, path, error_message(&error));
        *ret = release_hash(lock.release.id.text);
        for (size_t i = 0; i < lock.release.components.n; i++)
                *ret += release_hash_component(lock.release.components.items[i].component_id,
                                               lock.release.components.items[i].digest);
        return 0;
}

static int note_content(Truth *truth, Path *path, Content content)
{
        if (vec_reserve(&path->contents, &path->capacity, path->n + 1, sizeof(Content)) < 0)
                return no_memory(truth);
        path->contents[path->n++] = content;
        return 0;
}

static int note_file(Truth *truth, const State *state, const char *name, size_t node)
{
        Path *path = truth_find_path(truth, name);
        Content content = { .since = truth->disk->at };
        int r;

        if (!path) {
                if (RESERVE(truth, paths) < 0)
                        return no_memory(truth);
                path = &truth->paths[truth->n_paths++];
                *path = (Path){ .name = strdup(name) };
                if (!path->name)
                        return no_memory(truth);
        }
        content.hash = truth_content_hash(truth, state, node);
        path->found = content.hash;
        if (path->n > 0 && path->contents[path->n - 1].hash == content.hash)
                return 0;
        r = read_release(truth, state, name, node, &content.release);
        return r < 0 ? r : note_content(truth, path, content);
}

static int note_locks(Truth *truth)
{
        State state = now(truth);
        int r;

        for (size_t i = 0; i < truth->n_paths; i++)
                truth->paths[i].found = 0;
        r = truth_walk_locks(truth, &state, note_file);
        for (size_t i = 0; i < truth->n_paths && r >= 0; i++) {
                Path *path = &truth->paths[i];

                if (!path->found && path->contents[path->n - 1].hash)
                        r = note_content(truth, path, (Content){ .since = truth->disk->at });
        }
        return r;
}

static int note_report(Truth *truth)
{
        Report *report;

        if (RESERVE(truth, reports) < 0)
                return no_memory(truth);
        report = &truth->reports[truth->n_reports++];
        *report = (Report){ .op = truth->disk->at, .n = truth->n_paths };
        report->contents = calloc(truth->n_paths + 1, sizeof(*report->contents));
        for (size_t i = 0; report->contents && i < truth->n_paths; i++)
                report->contents[i] = truth->paths[i].n - 1;
        return report->contents ? 0 : no_memory(truth);
}

/* --- database --------------------------------------------------------------------------------- */

static int note_image(Truth *truth)
{
        State state = now(truth);
        Image *image;
        uint64_t hash;

        if (!truth->has_changed)
                return 0;
        truth->has_changed = false;
        if (image_read(&truth->reader, &state, DATABASE, &hash) < 0)
                return truth_wrong(truth, DATABASE, truth->reader.why);
        if (truth->n_images > 0 && truth->images[truth->n_images - 1].hash == hash)
                return 0;
        if (RESERVE(truth, images) < 0)
                return no_memory(truth);
        image = &truth->images[truth->n_images++];
        *image = (Image){ .hash = hash, .first_op = truth->disk->at };
        return image_learn(&truth->reader, image) < 0
                       ? truth_wrong(truth, DATABASE, truth->reader.why)
                       : 0;
}

/* Called when an answer is sent to a client. Checks that the database already has the promised
 * result. */
static int keep_promises(Truth *truth)
{
        for (size_t i = 0; i < truth->n_promises; i++) {
                int64_t is_there = 0;

                if (truth->promises[i].answer != truth->n_answers)
                        continue;
                if (!truth->reader.db ||
                    image_ask(&truth->reader, truth->promises[i].sql, &is_there) < 0 || !is_there)
                        return truth_wrong(truth, truth->promises[i].sql,
                                           "was reported as done before it was done");
                truth->n_kept++;
        }
        truth->n_answers++;
        return 0;
}

static int read_promises(Truth *truth, const char *path)
{
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(freep) char *text = NULL;
        size_t size;

        if (file_read(path, PROMISES_MAX, &text, &size, &error) < 0)
                return truth_wrong(truth, path, error_message(&error));
        for (char *line = text, *end; *line; line = end + 1) {
                char *sql;

                end = strchr(line, '\n');
                if (!end)
                        return truth_wrong(truth, path, "does not end in a line's end");
                *end = '\0';
                if (RESERVE(truth, promises) < 0)
                        return no_memory(truth);
                truth->promises[truth->n_promises].answer = strtoul(line, &sql, 10);
                truth->promises[truth->n_promises].sql = strdup(sql + 1);
                if (!truth->promises[truth->n_promises++].sql)
                        return no_memory(truth);
        }
        return 0;
}

/* --- copies ----------------------------------------------------------------------------------- */

static bool is_copy(const char *name)
{
        return strncmp(name, DATABASE ".", strlen(DATABASE ".")) == 0 &&
               (strstr(name, ".bak") || strstr(name, ".replaced-")) && !strstr(name, "-wal") &&
               !strstr(name, "-journal");
}

static Copy *find_copy(const Truth *truth, const char *name)
{
        for (size_t i = 0; i < truth->n_copies; i++)
                if (streq(truth->copies[i].name, name))
                        return &truth->copies[i];
        return NULL;
}

static int note_copies(Truth *truth)
{
        State state = now(truth);
        Entries scratch = { 0 };
        const Entries *entries = state_entries(&state, DISK_ROOT, &scratch);
        int r = 0;

        for (size_t i = 0; i < entries->n && r >= 0; i++) {
                if (!is_copy(entries->items[i].name) || find_copy(truth, entries->items[i].name))
                        continue;
                r = RESERVE(truth, copies);
                if (r < 0)
                        break;
                truth->copies[truth->n_copies] =
                        (Copy){ .name = strdup(entries->items[i].name), .since = truth->disk->at };
                r = truth->copies[truth->n_copies++].name ? 0 : -ENOMEM;
        }
        free(scratch.items);
        return r < 0 ? no_memory(truth) : 0;
}

/* Sets the hash of each copy, and the first image that needs the copy: the next committed content
 * after the copy was made. */
static int learn_copies(Truth *truth)
{
        State state = now(truth);

        for (size_t i = 0; i < truth->n_copies; i++) {
                Copy *copy = &truth->copies[i];

                if (image_read(&truth->reader, &state, copy->name, &copy->hash) < 0 || !copy->hash)
                        return truth_wrong(truth, copy->name, truth->reader.why);
                while (copy->needed_from < truth->n_images &&
                       truth->images[copy->needed_from].first_op <= copy->since)
                        copy->needed_from++;
        }
        return 0;
}

/* --- reading the log -------------------------------------------------------------------------- */

static bool is_of_database(const Truth *truth, const Op *op)
{
        return op->folder == DISK_ROOT || op->new_folder == DISK_ROOT || truth->n_images == 0;
}

static int learn_op(Truth *truth, const Op *op)
{
        bool has_names = op->kind >= OP_CREATE && op->kind <= OP_RMDIR && op->kind != OP_WRITE &&
                         op->kind != OP_TRUNCATE;
        int r = 0;

        truth->is_settled |= op->kind == OP_SETTLED;
        if (!truth->is_settled)
                return 0; /* before OP_SETTLED the log describes the initial content */
        truth->has_changed |= op->kind == OP_SETTLED || op->kind == OP_WRITE ||
                              op->kind == OP_TRUNCATE || (has_names && is_of_database(truth, op));
        if (op->kind == OP_SYNC || op->kind == OP_COMMIT || op->kind == OP_REPORT ||
            op->kind == OP_SETTLED || op->kind == OP_TRUNCATE ||
            (has_names && is_of_database(truth, op)))
                r = note_image(truth);
        if (r >= 0 && (op->kind == OP_SETTLED || (has_names && op->folder != DISK_ROOT)))
                r = note_locks(truth);
        if (r >= 0 && has_names)
                r = note_copies(truth);
        if (r < 0 || op->kind != OP_REPORT)
                return r;
        if (op->data_size == 0)
                return note_report(truth);
        if (op->data_size == strlen(REPORT_ANSWER))
                return keep_promises(truth);
        truth->n_events++; /* an event to a receiver */
        return r;
}

static bool is_promise(const Op *op)
{
        return op->kind == OP_REPORT || (op->kind == OP_COMMIT && streq(op->name, DATABASE));
}

int truth_learn(Truth *truth, const char *promises)
{
        Disk *disk = truth->disk;
        size_t needed = 0;
        int r = promises ? read_promises(truth, promises) : 0;

        truth->needed = calloc(disk->n_ops + 1, sizeof(*truth->needed));
        if (!truth->needed)
                return no_memory(truth);
        while (disk->at < disk->n_ops && r >= 0) {
                const Op *op = &disk->ops[disk->at];

                disk_step(disk);
                r = learn_op(truth, op);
                if (is_promise(op) || op->kind == OP_SETTLED)
                        needed = truth->n_images > 0 ? truth->n_images - 1 : 0;
                truth->needed[disk->at] = needed;
        }
        if (r >= 0 && truth->n_kept != truth->n_promises)
                r = truth_wrong(truth, promises, "tells of answers that were not given");
        return r < 0 ? r : learn_copies(truth);
}

void truth_done(Truth *truth)
{
        for (size_t i = 0; i < truth->n_images; i++)
                image_done(&truth->images[i]);
        for (size_t i = 0; i < truth->n_paths; i++) {
                free(truth->paths[i].name);
                free(truth->paths[i].contents);
        }
        for (size_t i = 0; i < truth->n_reports; i++)
                free(truth->reports[i].contents);
        for (size_t i = 0; i < truth->n_copies; i++)
                free(truth->copies[i].name);
        for (size_t i = 0; i < truth->n_promises; i++)
                free(truth->promises[i].sql);
        free(truth->images);
        free(truth->needed);
        free(truth->paths);
        free(truth->reports);
        free(truth->copies);
        free(truth->promises);
        reader_done(&truth->reader);
}
