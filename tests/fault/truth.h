#pragma once

/* The real history, from a log: each committed database, each complete lockfile
 * under its name, and each acknowledgement. States after a power cut are compared with it. */

#include "image.h"

#define DATABASE "state.db"
#define LOCKS    "locks"

typedef struct Content { /* what a name led to from an operation on */
        size_t since;    /* operation */
        uint64_t hash;   /* 0: to nothing */
        uint64_t release;
} Content;

typedef struct Path {
        char *name;
        Content *contents;
        size_t n, capacity;
        uint64_t found; /* in the inspected state: a hash; 0: nothing */
} Path;

/* The content of the disk when completion was reported: numbers of contents, by path. */
typedef struct Report {
        size_t op;
        size_t *contents;
        size_t n;
} Report;

typedef struct Copy { /* of a database that another takes the place of */
        char *name;
        size_t since;
        uint64_t hash;
        size_t needed_from; /* image */
} Copy;

typedef struct Promise { /* an answer that a client has got, and how the database shows it */
        size_t answer;   /* the how many-th */
        char *sql;
} Promise;

typedef struct Truth {
        Disk *disk;
        Reader reader;
        bool is_settled, has_changed; /* the database, since it was read */
        bool has_locks;               /* lockfiles are those of the database */
        Image *images;
        size_t n_images, images_capacity;
        size_t *needed; /* by operation: the oldest image that may be there after it */
        Path *paths;
        size_t n_paths, paths_capacity;
        Report *reports;
        size_t n_reports, reports_capacity;
        Copy *copies;
        size_t n_copies, copies_capacity;
        Promise *promises;
        size_t n_promises, promises_capacity;
        size_t n_answers, n_kept; /* sent; found in the database at that time */
        size_t n_events;          /* sent to a receiver */
        char why[2048];           /* what is wrong */
} Truth;

/* Reads the complete log. promises: a file of lines "ANSWER<tab>SQL", NULL if there are none.
 * Returns 0, or -1 and truth->why if a report was wrong even without a power cut. */
int truth_learn(Truth *truth, const char *promises);
/* 0, or -1 and truth->why. */
int truth_check(Truth *truth, const State *state);
void truth_done(Truth *truth);
