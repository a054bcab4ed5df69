#pragma once

/* A database as a state of the disk holds it: SQLite itself opens it, in a folder to work in, and
 * recovers from its journal. The hash of its pages shows whether that state was ever committed. */

#include <sqlite3.h>

#include "disk.h"

typedef struct Want { /* a lockfile that the database says is written */
        char *path;   /* without the suffix */
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

/* The content of a committed database. A release is identified by the hash of its id and
 * of all its components' digests. */
typedef struct Image {
        uint64_t hash;   /* 0: there is none, or nothing in it */
        size_t first_op; /* after which it was so */
        Wants wants;
        Numbers releases;
} Image;

typedef struct Reader {
        const char *folder; /* to work in */
        sqlite3 *db;        /* the last that was read; NULL if there was none */
        Bytes scratch;
        char why[1024]; /* what is wrong */
} Reader;

/* Reads the database `name` of the disk's root. 0, or -1 and reader->why. */
int image_read(Reader *reader, const State *state, const char *name, uint64_t *ret_hash);
/* Reads the content of the database; 0, or -1 and reader->why if it is damaged. */
int image_learn(Reader *reader, Image *image);
void image_done(Image *image);
/* The first number that a query gives. */
int image_ask(Reader *reader, const char *sql, int64_t *ret);
void reader_done(Reader *reader);

uint64_t release_hash(const char *id);
uint64_t release_hash_component(const char *component_id, const char *digest);
