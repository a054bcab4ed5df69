#pragma once

/* The possible states of a disk after a power cut, computed from a log of operations (oplog.h).
 *
 * The model guarantees only what POSIX guarantees. The bytes of a file are on the disk after a sync
 * of the file. The names in a folder are on the disk after a sync of the folder. Operations on
 * different files have no order. Any subset of the operations after the last sync of a file or
 * folder may be on the disk:
 * - for a file: writes in sectors of 512 bytes, truncations, and changes of the mode. The last
 * written sector may contain garbage.
 * - for a folder: changes of names. Each change is complete: a rename removes the old name and adds
 * the new name at once. So a name may lead to a file whose bytes are missing.
 * Writing a sector does not damage its neighbours. SQLite assumes the same
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
        size_t node, folder, new_folder; /* nodes of the disk; set when the operation is
                                          * performed */
        bool is_settled;                 /* a later sync has put the operation on the disk */
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
        size_t *items; /* indexes of operations */
        size_t n, capacity;
} Pending;

typedef struct Node {
        OpKind made_by; /* OP_CREATE, OP_MKDIR, OP_SYMLINK */
        uint64_t inode;
        Bytes bytes;     /* content that is on the disk in every state */
        Entries entries; /* names in a folder */
        Pending pending; /* operations that may or may not be on the disk */
} Node;

/* Syncs that the model ignores, for negative controls. */
typedef enum Without {
        WITHOUT_NOTHING,
        WITHOUT_FILE_SYNC, /* ignores syncs of files that are renamed later */
        /* ignores syncs of all folders except the root, which contains the database */
        WITHOUT_FOLDER_SYNC,
        WITHOUT_MAX_,
} Without;

typedef struct Disk {
        Op *ops;
        size_t n_ops, ops_capacity;
        char *log;
        size_t at; /* number of operations performed so far */
        Node *nodes;
        size_t n_nodes, nodes_capacity;
        Without without;
} Disk;

#define DISK_ROOT ((size_t)0)
#define NO_NODE   SIZE_MAX

/* Reads a log. Exits on failure. */
void disk_open(Disk *disk, const char *log, Without without);
void disk_done(Disk *disk);
/* Returns to the state before the first operation. */
void disk_rewind(Disk *disk);
/* Performs the next operation of the log on the disk. */
void disk_step(Disk *disk);

/* Which pending operations a state contains. */
typedef enum Choice {
        CHOICE_RANDOM, /* random, by the seed */
        CHOICE_ALL,    /* all but `op`; NO_OP: all */
        CHOICE_ONE,    /* only `op` */
} Choice;

#define NO_OP SIZE_MAX

/* The disk after a power cut, with a selection of the pending operations. */
typedef struct State {
        const Disk *disk;
        Choice choice;
        uint64_t seed;
        size_t op;
} State;

/* Returns the content of a file in a state. The result is borrowed from the disk or from *scratch,
 * which the next call overwrites. */
const Bytes *state_bytes(const State *state, size_t node, Bytes *scratch);
/* Returns the names in a folder in a state, borrowed like the result of state_bytes(). */
const Entries *state_entries(const State *state, size_t node, Entries *scratch);
/* Returns the node of a name in a folder; NO_NODE if the folder does not have the name. */
size_t entries_find(const Entries *entries, const char *name);

uint64_t hash_bytes(const void *data, size_t size);
uint64_t hash_mix(uint64_t a, uint64_t b);
