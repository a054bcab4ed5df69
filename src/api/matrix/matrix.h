#pragma once

/* The matrix: which image of each component each environment has and gets next. All texts are in
 * the arena of the request, in the rows, or in the model, so it is valid until the next load. */

#include "api/internal.h"
#include "api/page-rows.h"
#include "api/page.h"
#include "store/cells.h"

#define MATRIX_NONE (-1)

/* A column. */
typedef struct MatrixEnvironment {
        const EnvironmentSpec *spec;
        Deployment deployment; /* valid if has_deployment */
        Hold hold;             /* valid if has_hold */
        Pending pending;       /* valid if is_pending */
        bool has_deployment, has_hold, is_pending;
        Conditions conditions;
        usec_t since;         /* wall: start of the run of the present release; 0: not known */
        int release, is_next; /* positions in the releases; MATRIX_NONE: no release */
} MatrixEnvironment;

typedef struct MatrixImage {
        const char *digest, *tag, *semver; /* "": none */
} MatrixImage;

typedef struct Matrix {
        PageRows rows; /* facts about environments */
        ListPage page; /* the page of components */
        const ComponentSpec **components;
        size_t n_components;
        MatrixEnvironment *environments;
        size_t n_environments;
        Strings releases; /* ids of the present and the next releases */
        Releases heads;   /* their names and statuses, in the same order; some may be missing */
        MatrixImage *images;
        size_t n_images, capacity;
        int *cells; /* image of each component in each release; a row for each component */
        ObjectConditions conditions; /* of the components, in their order */
        CellDrifts drifts;
} Matrix;

/* Reads the matrix. Reads the state at request->as_of if that is set. Call matrix_done() after
 * failures, too. */
int matrix_read(Request *request, Matrix *ret, Error *err);
void matrix_done(Matrix *matrix);
/* Returns the image of a component in a release; MATRIX_NONE: the release does not have it. */
int matrix_image(const Matrix *matrix, size_t component, int release);
/* Returns the head of a release; NULL: the release was deleted. */
const Release *matrix_release(const Matrix *matrix, int release);
/* True if the tag of the component's image has another digest in the registry. */
bool matrix_has_drift(const Matrix *matrix, size_t component, const MatrixImage *image);

/* matrix-json.c */
void matrix_write(Request *request, const Matrix *matrix, Json *json);
