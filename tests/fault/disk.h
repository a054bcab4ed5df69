#pragma once

/* A disk as a power cut may leave it, from a log of what was done (oplog.h).
 *
 * The model promises what POSIX does, and no more: a file's bytes are there once it was synced, a
 * folder's names once the folder was, each by itself and in no order. Of what came after its last
 * sync
 * - a file has any of the writes, in sectors of 512 bytes, any of the truncations and of the
 *   changes of its mode; the last sector to come may be garbage;
 * - a folder has any of the changes of its names, each of them complete: a rename takes the old
 * name away and gives the new one at once. A name may so lead to a file whose bytes are not there.
 * A sector that is being written harms nothing beside what is written: SQLite supposes that too
 * (SQLITE_IOCAP_POWERSAFE_OVERWRITE). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oplog.h"

typedef struct Op {
        OpKind kind;
        char *name, *new_name; /* "" if none */
        const unsigned char *data;
        size_t data_size;
        uint64_t at;
        uint64_t inode, folder_inode, new_folder_inode;
        size_t node, folder, new_folder; /* of the disk, once it was done */
        bool is_settled;                 /* of names: a folder that has it was synced */
} Op;

typedef struct Bytes {
        unsigned char *data;
        size_t size, capacity;
        unsigned mode;
} Bytes;

typedef struct Entry {
        const char *name;
        size_t node;
} Entry;

typedef struct Entries {
        Entry *items;
        size_t n, capacity;
} Entries;

typedef struct Pending {
        size_t *items; /* numbers of operations */
        size_t n, capacity;
} Pending;

typedef struct Node {
        OpKind made_by; /* OP_CREATE, OP_MKDIR, OP_SYMLINK */
        uint64_t inode;
        Bytes bytes;     /* what is on the disk for sure */
        Entries entries; /* of a folder */
        Pending pending; /* what may be */
} Node;

/* Syncs that are not believed, for controls. */
typedef enum Without {
        WITHOUT_NOTHING,
        WITHOUT_FILE_SYNC,   /* of files that are renamed later */
        WITHOUT_FOLDER_SYNC, /* of all folders but the root, which the database stands in */
        WITHOUT_MAX_,
} Without;

typedef struct Disk {
        Op *ops;
        size_t n_ops, ops_capacity;
        char *log;
        size_t at; /* so many operations have been done */
        Node *nodes;
        size_t n_nodes, nodes_capacity;
        Without without;
} Disk;

#define DISK_ROOT ((size_t)0)
#define NO_NODE   SIZE_MAX

/* Reads a log; ends the program if it cannot. */
void disk_open(Disk *disk, const char *log, Without without);
void disk_done(Disk *disk);
/* Begins again with nothing done. */
void disk_rewind(Disk *disk);
/* Does the next operation. */
void disk_step(Disk *disk);

/* Which of what is pending a state has. */
typedef enum Choice {
        CHOICE_RANDOM, /* by the seed */
        CHOICE_ALL,    /* all but `op`; NO_OP: as if nothing had happened */
        CHOICE_ONE,    /* `op` only */
} Choice;

#define NO_OP SIZE_MAX

/* A state: the disk after the power cut. */
typedef struct State {
        const Disk *disk;
        Choice choice;
        uint64_t seed;
        size_t op;
} State;

/* Returns the content of a file: the disk's own memory or *scratch, which is reused. */
const Bytes *state_bytes(const State *state, size_t node, Bytes *scratch);
/* The same for a folder. */
const Entries *state_entries(const State *state, size_t node, Entries *scratch);
/* NO_NODE if there is no such name. */
size_t entries_find(const Entries *entries, const char *name);

uint64_t hash_bytes(const void *data, size_t size);
uint64_t hash_mix(uint64_t a, uint64_t b);
