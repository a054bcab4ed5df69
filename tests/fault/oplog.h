#pragma once

/* A log of a program's operations on the files of one folder: record.c writes it inside that
 * program, and replay.c reads it. A record is an OpHead, then its name, its new name and its data.
 * Files and folders are identified by their inode number. If the system assigns a number again, the
 * log has another OP_CREATE, OP_MKDIR or OP_SYMLINK with it. */

#include <stddef.h>
#include <stdint.h>

typedef enum OpKind {
        OP_ROOT,     /* node: the folder itself */
        OP_SETTLED,  /* everything before this record was on the disk long before */
        OP_CREATE,   /* node, empty, as name in folder; at: its mode */
        OP_MKDIR,    /* node, empty, as name in folder */
        OP_SYMLINK,  /* same, as a link; data: its target */
        OP_WRITE,    /* data into node, from at */
        OP_TRUNCATE, /* node to the size at */
        OP_MODE,     /* node gets the mode at */
        OP_LINK,     /* node gets name in folder */
        OP_RENAME,   /* node, name in folder, to new_name in new_folder */
        OP_UNLINK,   /* name of folder */
        OP_RMDIR,    /* of a folder */
        OP_SYNC,     /* node, a file or a folder; at: SYNC_ALL or SYNC_DATA */
        OP_COMMIT,   /* SQLite reported a transaction as committed; name: of the database */
        OP_REPORT,   /* data: REPORT_ANSWER or REPORT_EVENT, which is sent next; or nothing: the
                      program   has completed its work */
        OP_KIND_MAX_,
} OpKind;

#define SYNC_ALL  0U
#define SYNC_DATA 1U /* changes of the mode may be pending */

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

/* The beginning of an answer to a client, and of an event for a receiver. */
#define REPORT_ANSWER "HTTP/1.1 "
#define REPORT_EVENT  "POST "

/* The index of the write-ahead log is not recorded. The first process that opens the database
 * rebuilds it, and it is written through a memory mapping. */
#define UNRECORDED_SUFFIX "-shm"
