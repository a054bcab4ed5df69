#include "disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/vec.h"

#define SECTOR  ((size_t)512)
#define LOG_MAX ((size_t)1024 * 1024 * 1024)

static _Noreturn void fail(const char *what, const char *why)
{
        (void)fprintf(stderr, "replay: %s: %s\n", what, why);
        exit(2);
}

static void reserve(void *items, size_t *capacity, size_t n, size_t size)
{
        if (vec_reserve(items, capacity, n, size) < 0)
                fail("memory", "there is no more");
}

uint64_t hash_mix(uint64_t a, uint64_t b)
{
        uint64_t x = (a ^ (b + 0x9e3779b97f4a7c15U)) * 0xbf58476d1ce4e5b9U;

        x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
        return x ^ (x >> 31);
}

uint64_t hash_bytes(const void *data, size_t size)
{
        const unsigned char *p = data;
        uint64_t hash = size, word;

        for (; size >= sizeof(word); p += sizeof(word), size -= sizeof(word)) {
                memcpy(&word, p, sizeof(word));
                hash = (hash ^ word) * 0x9e3779b97f4a7c15U;
                hash ^= hash >> 29;
        }
        word = 0;
        if (size > 0)
                memcpy(&word, p, size);
        return hash_mix(hash, word);
}

/* --- log -------------------------------------------------------------------------------------- */

static char *take_text(const char **p, size_t size)
{
        char *text = strndup(*p, size);

        if (!text)
                fail("memory", "there is no more");
        *p += size;
        return text;
}

static void read_op(Disk *disk, const char **p)
{
        OpHead head;
        Op *op;

        memcpy(&head, *p, sizeof(head));
        *p += sizeof(head);
        reserve(&disk->ops, &disk->ops_capacity, disk->n_ops + 1, sizeof(*op));
        op = &disk->ops[disk->n_ops++];
        *op = (Op){ .kind = (OpKind)head.kind,
                    .at = head.at,
                    .data_size = head.data_size,
                    .inode = head.node,
                    .folder_inode = head.folder,
                    .new_folder_inode = head.new_folder };
        op->name = take_text(p, head.name_size);
        op->new_name = take_text(p, head.new_name_size);
        op->data = (const unsigned char *)*p;
        *p += head.data_size;
}

void disk_open(Disk *disk, const char *log, Without without)
{
        Error error = { 0 };
        const char *p;
        size_t size;

        *disk = (Disk){ .without = without };
        if (file_read(log, LOG_MAX, &disk->log, &size, &error) < 0)
                fail(log, error_message(&error));
        for (p = disk->log; p < disk->log + size;)
                read_op(disk, &p);
        if (p != disk->log + size || disk->n_ops == 0 || disk->ops[0].kind != OP_ROOT)
                fail(log, "is no log of operations");
}

static void clear_nodes(Disk *disk)
{
        for (size_t i = 0; i < disk->n_nodes; i++) {
                free(disk->nodes[i].bytes.data);
                free(disk->nodes[i].entries.items);
                free(disk->nodes[i].pending.items);
        }
        disk->n_nodes = 0;
}

void disk_rewind(Disk *disk)
{
        clear_nodes(disk);
        disk->at = 0;
        for (size_t i = 0; i < disk->n_ops; i++)
                disk->ops[i].is_settled = false;
}

void disk_done(Disk *disk)
{
        clear_nodes(disk);
        for (size_t i = 0; i < disk->n_ops; i++) {
                free(disk->ops[i].name);
                free(disk->ops[i].new_name);
        }
        free(disk->nodes);
        free(disk->ops);
        free(disk->log);
}

/* --- effects of operations -------------------------------------------------------------------- */

static void set_size(Bytes *bytes, size_t size)
{
        reserve(&bytes->data, &bytes->capacity, size + 1, 1);
        if (size > bytes->size)
                memset(bytes->data + bytes->size, 0, size - bytes->size);
        bytes->size = size;
}

static void put_bytes(Bytes *bytes, size_t at, const unsigned char *data, size_t size)
{
        if (bytes->size < at + size)
                set_size(bytes, at + size);
        memcpy(bytes->data + at, data, size);
}

static void change_bytes(Bytes *bytes, const Op *op)
{
        if (op->kind == OP_WRITE)
                put_bytes(bytes, op->at, op->data, op->data_size);
        else if (op->kind == OP_TRUNCATE)
                set_size(bytes, op->at);
        else
                bytes->mode = (unsigned)op->at;
}

size_t entries_find(const Entries *entries, const char *name)
{
        for (size_t i = 0; i < entries->n; i++)
                if (streq(entries->items[i].name, name))
                        return entries->items[i].node;
        return NO_NODE;
}

static void set_entry(Entries *entries, const char *name, size_t node)
{
        size_t i = 0;

        while (i < entries->n && !streq(entries->items[i].name, name))
                i++;
        if (node == NO_NODE && i < entries->n)
                entries->items[i] = entries->items[--entries->n];
        else if (node != NO_NODE) {
                reserve(&entries->items, &entries->capacity, i + 1, sizeof(Entry));
                entries->items[i] = (Entry){ name, node };
                entries->n = i == entries->n ? i + 1 : entries->n;
        }
}

/* Changes the names of one folder. A rename between two folders is pending in both folders: one
 * call removes the old name, and another call adds the new name. */
static void change_entries(Entries *entries, const Op *op, size_t folder)
{
        if (op->kind == OP_UNLINK || op->kind == OP_RMDIR)
                set_entry(entries, op->name, NO_NODE);
        else if (op->kind == OP_RENAME) {
                if (op->folder == folder)
                        set_entry(entries, op->name, NO_NODE);
                if (op->new_folder == folder)
                        set_entry(entries, op->new_name, op->node);
        } else
                set_entry(entries, op->name, op->node);
}

/* --- operations ------------------------------------------------------------------------------- */

static size_t find_node(const Disk *disk, uint64_t inode)
{
        for (size_t i = disk->n_nodes; i > 0; i--)
                if (disk->nodes[i - 1].inode == inode)
                        return i - 1;
        fail("the log", "an operation on a file that the log does not have");
}

static size_t make_node(Disk *disk, const Op *op)
{
        Node *node;

        reserve(&disk->nodes, &disk->nodes_capacity, disk->n_nodes + 1, sizeof(*node));
        node = &disk->nodes[disk->n_nodes++];
        *node = (Node){ .made_by = op->kind == OP_ROOT ? OP_MKDIR : op->kind, .inode = op->inode };
        node->bytes.mode = (unsigned)op->at;
        if (op->kind == OP_SYMLINK)
                put_bytes(&node->bytes, 0, op->data, op->data_size);
        return disk->n_nodes - 1;
}

static void add_pending(Node *node, size_t op)
{
        Pending *pending = &node->pending;

        reserve(&pending->items, &pending->capacity, pending->n + 1, sizeof(*pending->items));
        pending->items[pending->n++] = op;
}

static void sync_node(Disk *disk, size_t n, uint64_t how)
{
        Node *node = &disk->nodes[n];
        size_t n_left = 0;

        for (size_t i = 0; i < node->pending.n; i++) {
                Op *op = &disk->ops[node->pending.items[i]];

                if (op->kind == OP_MODE && how == SYNC_DATA) {
                        node->pending.items[n_left++] = node->pending.items[i];
                        continue;
                }
                if (node->made_by == OP_MKDIR)
                        change_entries(&node->entries, op, n);
                else
                        change_bytes(&node->bytes, op);
                op->is_settled = true;
        }
        node->pending.n = n_left;
}

static bool is_renamed_later(const Disk *disk, uint64_t inode)
{
        for (size_t i = disk->at; i < disk->n_ops; i++)
                if (disk->ops[i].kind == OP_RENAME && disk->ops[i].inode == inode)
                        return true;
        return false;
}

static bool is_believed(const Disk *disk, const Op *op, const Node *node)
{
        switch (disk->without) {
        case WITHOUT_FILE_SYNC:
                return node->made_by != OP_CREATE || !is_renamed_later(disk, op->inode);
        case WITHOUT_FOLDER_SYNC: return node->made_by != OP_MKDIR || op->node == DISK_ROOT;
        case WITHOUT_NOTHING:
        case WITHOUT_MAX_: break;
        }
        return true;
}

static void change_names(Disk *disk, Op *op, size_t number)
{
        op->folder = find_node(disk, op->folder_inode);
        op->new_folder = op->kind == OP_RENAME ? find_node(disk, op->new_folder_inode) : op->folder;
        if (op->kind == OP_CREATE || op->kind == OP_MKDIR || op->kind == OP_SYMLINK)
                op->node = make_node(disk, op);
        else
                op->node = find_node(disk, op->inode);
        add_pending(&disk->nodes[op->folder], number);
        if (op->new_folder != op->folder)
                add_pending(&disk->nodes[op->new_folder], number);
}

void disk_step(Disk *disk)
{
        size_t number = disk->at;
        Op *op = &disk->ops[number];

        switch (op->kind) {
        case OP_ROOT: (void)make_node(disk, op); break;
        case OP_SETTLED:
                for (size_t i = 0; i < disk->n_nodes; i++)
                        sync_node(disk, i, SYNC_ALL);
                break;
        case OP_CREATE:
        case OP_MKDIR:
        case OP_SYMLINK:
        case OP_LINK:
        case OP_RENAME:
        case OP_UNLINK:
        case OP_RMDIR: change_names(disk, op, number); break;
        case OP_WRITE:
        case OP_TRUNCATE:
        case OP_MODE:
                op->node = find_node(disk, op->inode);
                add_pending(&disk->nodes[op->node], number);
                break;
        case OP_SYNC:
                op->node = find_node(disk, op->inode);
                if (is_believed(disk, op, &disk->nodes[op->node]))
                        sync_node(disk, op->node, op->at);
                break;
        case OP_COMMIT:
        case OP_REPORT:
        case OP_KIND_MAX_: break;
        }
        disk->at++;
}

/* --- states ----------------------------------------------------------------------------------- */

/* Returns the probability, in 256ths, that a pending operation of the node reached the disk. The
 * seed selects one of five values for each node. Four of them are none, few, almost all and all,
 * because these find most bugs. */
static unsigned share_of(const State *state, size_t node)
{
        static const unsigned shares[] = { 0, 24, 128, 232, 256 };

        return shares[hash_mix(state->seed, node) % (sizeof(shares) / sizeof(*shares))];
}

/* True if the operation reached the disk. For a write, `sector` is the number of a written sector
 * in the file. */
static bool has(const State *state, size_t node, size_t op, size_t sector)
{
        switch (state->choice) {
        case CHOICE_ALL: return op != state->op;
        case CHOICE_ONE: return op == state->op;
        case CHOICE_RANDOM: break;
        }
        return hash_mix(hash_mix(state->seed, op), sector) % 256 < share_of(state, node);
}

typedef struct Last {
        size_t at, size; /* place of the last written sector; size 0: nothing was written */
} Last;

/* Applies the sectors of a write that are on the disk in this state. Sets *last to the last of
 * these sectors. */
static void put_sectors(const State *state, const Op *op, size_t number, Bytes *bytes, Last *last)
{
        for (size_t done = 0, size; done < op->data_size; done += size) {
                size_t at = op->at + done;

                size = MIN(SECTOR - at % SECTOR, op->data_size - done);
                if (!has(state, op->node, number, at / SECTOR))
                        continue;
                put_bytes(bytes, at, op->data + done, size);
                *last = (Last){ at, size };
        }
}

static void spoil(const State *state, size_t node, Bytes *bytes, Last last)
{
        uint64_t hash = hash_mix(state->seed, node ^ 0x5eed);

        if (state->choice != CHOICE_RANDOM || hash % 4 != 0)
                return;
        for (size_t i = 0; i < last.size && last.at + i < bytes->size; i++)
                bytes->data[last.at + i] = (unsigned char)hash_mix(hash, i);
}

const Bytes *state_bytes(const State *state, size_t n, Bytes *scratch)
{
        const Node *node = &state->disk->nodes[n];
        Last last = { 0 };

        if (node->pending.n == 0 || node->made_by != OP_CREATE)
                return &node->bytes;
        scratch->size = 0;
        scratch->mode = node->bytes.mode;
        if (node->bytes.size > 0)
                put_bytes(scratch, 0, node->bytes.data, node->bytes.size);
        for (size_t i = 0; i < node->pending.n; i++) {
                size_t number = node->pending.items[i];
                const Op *op = &state->disk->ops[number];

                if (op->kind == OP_WRITE)
                        put_sectors(state, op, number, scratch, &last);
                else if (has(state, n, number, 0))
                        change_bytes(scratch, op);
        }
        spoil(state, n, scratch, last);
        return scratch;
}

const Entries *state_entries(const State *state, size_t n, Entries *scratch)
{
        const Node *node = &state->disk->nodes[n];

        if (node->pending.n == 0)
                return &node->entries;
        reserve(&scratch->items, &scratch->capacity, node->entries.n + 1, sizeof(Entry));
        scratch->n = node->entries.n;
        if (scratch->n > 0)
                memcpy(scratch->items, node->entries.items, scratch->n * sizeof(Entry));
        for (size_t i = 0; i < node->pending.n; i++) {
                const Op *op = &state->disk->ops[node->pending.items[i]];

                if (op->is_settled || has(state, op->new_folder, node->pending.items[i], 0))
                        change_entries(scratch, op, n);
        }
        return scratch;
}
