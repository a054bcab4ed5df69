#pragma once

/* Reads which images releases have of components, for tables of both. Ids are JSON arrays, as in
 * pages.h. The number of statements does not depend on the number of ids. */

#include "store/store.h"

/* The image of a component in a release. */
typedef struct Cell {
        size_t release, component; /* positions in the two lists of ids */
        const char *digest;        /* the texts are valid during the call */
        const char *tag, *semver;  /* "": none is known */
} Cell;

/* Returns 0 or a negative errno, which ends the reading. */
typedef int (*CellTaker)(void *userdata, const Cell *cell);

typedef struct CellQuery {
        const char *releases, *components; /* ids */
        CellTaker take;
        void *userdata;
} CellQuery;

/* Calls take for each component that a release has. */
int store_cells(Store *store, const CellQuery *query, Error *err);

/* A tag that has another digest now than a live release has for it. */
typedef struct CellDrift {
        size_t component; /* position in the list of ids */
        const char *tag;  /* "": none */
        const char *digest;
} CellDrift;

typedef struct CellDrifts {
        CellDrift *items;
        size_t n;
} CellDrifts;

/* Reads the drift of components, in their order. */
int store_page_drift(Store *store, const char *components, Arena *arena, CellDrifts *ret,
                     Error *err);
