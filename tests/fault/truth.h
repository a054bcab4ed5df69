#pragma once

/* The history of the disk without a power cut, read from a log: each committed content of the
 * database, each complete lockfile with its name, and each acknowledgement. States after a power
 * cut are compared with this history. */

#include "image.h"

#define DATABASE "state.db"
#define LOCKS    "locks"

typedef struct Content { /* the content of a name from an operation on */
        size_t since;    /* index of the operation */
        uint64_t hash;   /* 0: the name did not exist */
        uint64_t release;
} Content;

typedef struct Path {
        char *name;
        Content *contents;
        size_t n, capacity;
        /* hash of the content in the examined state; 0: the file does not exist */
        uint64_t found;
} Path;

/* The files at the time when the program reported completion. contents has, for each path, the
 * index of its content. */
typedef struct Report {
        size_t op;
        size_t *contents;
        size_t n;
} Report;

typedef struct Copy { /* a copy of the database, made before its replacement */
        char *name;
        size_t since;
        uint64_t hash;
        size_t needed_from; /* index of the first image that needs the copy */
} Copy;

typedef struct Promise { /* an answer that a client received, and a query that shows the result of
                          * its request in the database */
        size_t answer;   /* number of the answer */
        char *sql;
} Promise;

typedef struct Truth {
        Disk *disk;
        Reader reader;
        /* is_settled: OP_SETTLED was reached. has_changed: the database has changed since it was
         * last read. */
        bool is_settled, has_changed;
        bool has_locks; /* compares lockfiles with the database */
        Image *images;
        size_t n_images, images_capacity;
        /* for each operation: index of the oldest image that the database may have in a state after
         * the operation */
        size_t *needed;
        Path *paths;
        size_t n_paths, paths_capacity;
        Report *reports;
        size_t n_reports, reports_capacity;
        Copy *copies;
        size_t n_copies, copies_capacity;
        Promise *promises;
        size_t n_promises, promises_capacity;
        size_t n_answers, n_kept; /* number of answers that were sent; number of answers whose
                                   * result was in the database then */
        size_t n_events;          /* number of events that were sent to a receiver */
        char why[2048];           /* the fault that was found */
} Truth;

/* Reads the history from the complete log. promises is a file with lines "ANSWER<tab>SQL"; NULL:
 * none. Returns 0. Returns -1 and sets truth->why if a report was wrong even without a power
 * cut. */
int truth_learn(Truth *truth, const char *promises);
/* Compares a state with the history. Returns 0, or -1 and sets truth->why if the state is wrong. */
int truth_check(Truth *truth, const State *state);
void truth_done(Truth *truth);
