#pragma once

/* A log of a program's operations on the files of one folder: written by record.c in that program,
 * read by replay.c. A log is records one after the other, each an OpHead and then its name, its new
 * name and its data. Files and folders are known by their inode number; a number that is given out
 * again stands in an OP_CREATE, OP_MKDIR or OP_SYMLINK again. */

#include <stddef.h>
#include <stdint.h>

typedef enum OpKind {
        OP_ROOT,     /* node: the folder itself */
        OP_SETTLED,  /* what the log has said up to here was on the disk long before */
        OP_CREATE,   /* node, empty, as name in folder; at: its mode */
        OP_MKDIR,    /* node, empty, as name in folder */
        OP_SYMLINK,  /* data: target */
        OP_WRITE,    /* data into node, from at */
        OP_TRUNCATE, /* node to the size at */
        OP_MODE,     /* node gets the mode at */
        OP_LINK,     /* node gets name in folder */
        OP_RENAME,   /* node, name in folder, to new_name in new_folder */
        OP_UNLINK,   /* name of folder */
        OP_RMDIR,    /* of a folder */
        OP_SYNC,     /* node, a file or a folder; at: SYNC_ALL or SYNC_DATA */
        OP_COMMIT,   /* SQLite has said that a transaction of the database name is committed */
        OP_TOLD,     /* data: TOLD_ANSWER or TOLD_EVENT, which is about to be sent; or nothing:
                        the program has ended well */
        OP_KIND_MAX_,
} OpKind;

#define SYNC_ALL  0U
#define SYNC_DATA 1U /* a mode may wait */

typedef struct OpHead {
        uint32_t kind;
        uint32_t name_size;
        uint32_t new_name_size;
        uint32_t data_size;
        uint64_t node;
        uint64_t folder;
        uint64_t new_folder;
        uint64_t at;
} OpHead;

/* How an answer to a client begins, and an event that is sent to a receiver. */
#define TOLD_ANSWER "HTTP/1.1 "
#define TOLD_EVENT  "POST "

/* The process that opens the database first rebuilds SQLite's index of the write-ahead log:
 * nobody needs it after a power cut, and it is written through a mapping that nobody sees. */
#define UNRECORDED_SUFFIX "-shm"
