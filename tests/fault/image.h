#pragma once

/* Reads the database in a state of the disk. SQLite opens a copy in a working folder and recovers
 * it from its journal. The hash of its pages identifies the content, so that a caller can compare
 * it with committed contents. */

#include <sqlite3.h>

#include "disk.h"

typedef struct Want { /* a lockfile that must exist according to the database */
        char *path;   /* without the suffix of lockfiles */
        uint64_t release;
} Want;

typedef struct Wants {
        Want *items;
        size_t n, capacity;
} Wants;

typedef struct Numbers {
        uint64_t *items;
        size_t n, capacity;
} Numbers;

/* The content of a committed database. A release is identified by the hashes of its id and of all
 * its digests. */
typedef struct Image {
        uint64_t hash;   /* 0: the database is missing or empty */
        size_t first_op; /* number of operations after which the database first had this content */
        Wants wants;
        Numbers releases;
} Image;

typedef struct Reader {
        const char *folder; /* working folder */
        sqlite3 *db;        /* the database that was read last; NULL: none */
        Bytes scratch;
        char why[1024]; /* the fault that was found */
} Reader;

/* Reads the database `name` in the root of the disk. Sets *ret_hash; 0 if the database is missing
 * or empty. Returns 0, or -1 and sets reader->why. */
int image_read(Reader *reader, const State *state, const char *name, uint64_t *ret_hash);
/* Reads the content of the database that image_read() opened. Returns 0, or -1 and sets reader->why
 * if it is damaged. */
int image_learn(Reader *reader, Image *image);
void image_done(Image *image);
/* Sets *ret to the first number of a query's result. Returns 0, or -1 and sets reader->why. */
int image_ask(Reader *reader, const char *sql, int64_t *ret);
void reader_done(Reader *reader);

uint64_t release_hash(const char *id);
uint64_t release_hash_component(const char *component_id, const char *digest);
