#pragma once

/* A log of a program's operations on the files of one folder. record.c writes the log inside that
 * program, and replay.c reads it. A record is an OpHead, followed by its name, new name and data. A
 * node is a file or folder, identified by its inode number. If the system reuses a number, the log
 * has another OP_CREATE, OP_MKDIR or OP_SYMLINK with this number. */

#include <stddef.h>
#include <stdint.h>

typedef enum OpKind {
        OP_ROOT,     /* node is the folder whose files are recorded */
        OP_SETTLED,  /* all earlier operations are on the disk */
        OP_CREATE,   /* makes the empty file node as name in folder; at: its mode */
        OP_MKDIR,    /* makes the empty folder node as name in folder */
        OP_SYMLINK,  /* makes the symbolic link node as name in folder; data: its target */
        OP_WRITE,    /* writes data into node at offset at */
        OP_TRUNCATE, /* sets the size of node to at */
        OP_MODE,     /* sets the mode of node to at */
        OP_LINK,     /* adds name in folder for node */
        OP_RENAME,   /* renames node from name in folder to new_name in new_folder */
        OP_UNLINK,   /* removes name of a file from folder */
        OP_RMDIR,    /* removes name of a folder from folder */
        OP_SYNC,     /* syncs node, a file or a folder; at: SYNC_ALL or SYNC_DATA */
        OP_COMMIT,   /* SQLite reported a transaction as committed; name: the file name of the
                        database */
        OP_REPORT,   /* the next step sends an answer or event; data: REPORT_ANSWER or REPORT_EVENT.
                      * Without data: the program has completed its work. */
        OP_KIND_MAX_,
} OpKind;

#define SYNC_ALL  0U
#define SYNC_DATA 1U /* a change of the mode remains pending */

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

/* The first bytes of an answer to a client, and of an event for a receiver. */
#define REPORT_ANSWER "HTTP/1.1 "
#define REPORT_EVENT  "POST "

/* The suffix of the index of the write-ahead log, whose operations are not recorded. It is written
 * through a memory mapping, and the first process that opens the database rebuilds it. */
#define UNRECORDED_SUFFIX "-shm"
