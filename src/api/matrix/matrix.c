#include "api/matrix/matrix.h"

#include <errno.h>
#include <string.h>

#include "base/limits.h"
#include "model/selection.h"
#include "store/id-list.h"

#define COMPONENTS_DEFAULT 200
#define ENVIRONMENTS_MAX   500
#define CELLS_MAX          ((size_t)30000) /* a page with more has fewer components */

/* --- rows and columns ------------------------------------------------------------------------- */

static bool has_label(const Object *object, const char *key, const char *value)
{
        for (size_t i = 0; i < object->meta.labels.n; i++)
                if (streq(object->meta.labels.items[i].key, key) &&
                    streq(object->meta.labels.items[i].value, value))
                        return true;
        return false;
}

static bool has_text(const Object *object, const char *text)
{
        return strcasestr(object->meta.name, text) || strcasestr(object_display_name(object), text);
}

static int choose_environments(Request *request, Matrix *matrix, Error *err)
{
        const EnvironmentSpecs *all = &reconciler_model(request->api->reconciler)->environments;
        const char *tenant = request_tenant(request);
        const char *text = request_query(request, "environment");
        MatrixEnvironment *items = arena_alloc_array(&request->arena, all->n + 1, sizeof(*items));
        size_t n = 0;

        if (!items)
                return error_oom(err);
        for (size_t i = 0; i < all->n; i++) {
                const Object *object = &all->items[i]->object;

                if (streq(object->meta.tenant, tenant) && (!text || has_text(object, text)))
                        items[n++] = (MatrixEnvironment){ .spec = all->items[i],
                                                          .release = MATRIX_NONE,
                                                          .is_next = MATRIX_NONE };
        }
        matrix->environments = items;
        matrix->n_environments = n;
        return n <= ENVIRONMENTS_MAX
                       ? 0
                       : error_set(err, ERROR_INVALID, -EINVAL,
                                   "%zu environments are more than the %d that a matrix may have; "
                                   "choose some with parameter environment",
                                   n, ENVIRONMENTS_MAX);
}

/* Chooses the components of the page, by name. */
static int choose_components(Request *request, Matrix *matrix, Error *err)
{
        const ComponentSpecs *all = &reconciler_model(request->api->reconciler)->components;
        const char *tenant = request_tenant(request), *team = request_query(request, "team");
        ListPage *page = &matrix->page;
        int r = list_page(request, page, err);

        if (r < 0)
                return r;
        page->limit = MIN(page->limit < SIZE_MAX ? page->limit : COMPONENTS_DEFAULT,
                          CELLS_MAX / MAX(matrix->n_environments, 1U));
        matrix->components =
                arena_alloc_array(&request->arena, page->limit, sizeof(const ComponentSpec *));
        if (!matrix->components)
                return error_oom(err);
        for (size_t i = 0; i < all->n && page->n <= page->limit; i++) {
                const Object *object = &all->items[i]->object;

                if (streq(object->meta.tenant, tenant) &&
                    (!team || has_label(object, "team", team) ||
                     has_label(object, "owner", team)) &&
                    list_page_takes(page, object))
                        matrix->components[matrix->n_components++] = all->items[i];
        }
        return 0;
}

/* --- environments ----------------------------------------------------------------------------- */

static int read_environment(Request *request, MatrixEnvironment *environment, Error *err)
{
        const char *id = environment->spec->object.id.text;
        int r = known_deployment(request, id, &environment->deployment, err);

        environment->has_deployment = r > 0;
        if (r < 0 || request->as_of > 0)
                return MIN(r, 0);
        r = known_conditions(request, KIND_ENVIRONMENT, id, &environment->conditions, err);
        if (r < 0)
                return r;
        r = known_hold(request, id, &environment->hold, err);
        environment->has_hold = r > 0 && !environment->hold.is_retry;
        if (r < 0)
                return r;
        r = known_pending(request, id, &environment->pending, err);
        environment->is_pending = r > 0;
        return MIN(r, 0);
}

static int read_environments(Request *request, Matrix *matrix, Error *err)
{
        const Object **objects = arena_alloc_array(&request->arena, matrix->n_environments + 1,
                                                   sizeof(const Object *));
        int r;

        if (!objects)
                return error_oom(err);
        for (size_t i = 0; i < matrix->n_environments; i++)
                objects[i] = &matrix->environments[i].spec->object;
        r = page_rows_of_objects(request, KIND_ENVIRONMENT, objects, matrix->n_environments,
                                 &matrix->rows, err);
        request->rows = &matrix->rows;
        for (size_t i = 0; i < matrix->n_environments && r >= 0; i++)
                r = read_environment(request, &matrix->environments[i], err);
        request->rows = NULL;
        return r;
}

/* Sets the start of each run that lasts at the time of the matrix. */
static int read_runs(Request *request, Matrix *matrix, Error *err)
{
        usec_t at = request->as_of > 0 ? request->as_of : UINT64_MAX;
        _cleanup_(id_list_done) IdList pairs;
        PairRuns runs = { 0 };
        const char *list;
        int r;

        id_list_init(&pairs);
        for (size_t i = 0; i < matrix->n_environments; i++)
                if (matrix->environments[i].release != MATRIX_NONE)
                        id_list_add_pair(&pairs, matrix->environments[i].spec->object.id.text,
                                         matrix->environments[i].deployment.deployed_release_id);
        list = id_list_end(&pairs, &request->arena);
        r = list ? store_page_runs(reconciler_store(request->api->reconciler), list,
                                   &request->arena, &runs, err)
                 : error_oom(err);
        for (size_t i = 0, k = 0; r >= 0 && i < matrix->n_environments; i++) {
                MatrixEnvironment *environment = &matrix->environments[i];

                for (; k < runs.n &&
                       streq(runs.items[k].environment_id, environment->spec->object.id.text);
                     k++)
                        if (runs.items[k].run.since <= at)
                                environment->since = runs.items[k].run.since;
        }
        return r;
}

/* --- releases --------------------------------------------------------------------------------- */

/* Returns the position of a release. Adds the release if it is new. */
static int add_release(Strings *releases, const char *id)
{
        if (!id)
                return MATRIX_NONE;
        for (size_t i = 0; i < releases->n; i++)
                if (streq(releases->items[i], id))
                        return (int)i;
        releases->items[releases->n] = id;
        return (int)releases->n++;
}

static int choose_releases(Request *request, Matrix *matrix, Error *err)
{
        matrix->releases.items = arena_alloc_array(&request->arena, 2 * matrix->n_environments + 1,
                                                   sizeof(const char *));
        if (!matrix->releases.items)
                return error_oom(err);
        for (size_t i = 0; i < matrix->n_environments; i++) {
                MatrixEnvironment *environment = &matrix->environments[i];

                if (environment->has_deployment)
                        environment->release = add_release(
                                &matrix->releases, environment->deployment.deployed_release_id);
                if (environment->is_pending)
                        environment->is_next =
                                add_release(&matrix->releases, environment->pending.release_id);
                if (environment->is_next == environment->release)
                        environment->is_next = MATRIX_NONE;
        }
        return 0;
}

const Release *matrix_release(const Matrix *matrix, int release)
{
        const char *id = release == MATRIX_NONE ? NULL : matrix->releases.items[release];

        for (size_t i = 0; id && i < matrix->heads.n; i++)
                if (streq(matrix->heads.items[i].id.text, id))
                        return &matrix->heads.items[i];
        return NULL;
}

/* --- cells ------------------------------------------------------------------------------------ */

typedef struct CellReader {
        Matrix *matrix;
        Arena *arena;
} CellReader;

static bool is_image(const MatrixImage *image, const Cell *cell)
{
        return streq(image->digest, cell->digest) && streq(image->tag, cell->tag) &&
               streq(image->semver, cell->semver);
}

/* Adds an image. Returns its position, or -ENOMEM. */
static int add_image(CellReader *reader, const Cell *cell)
{
        Matrix *matrix = reader->matrix;
        MatrixImage *image;

        if (matrix->n_images == matrix->capacity) {
                size_t capacity = MAX(2 * matrix->capacity, 64U);
                MatrixImage *items = arena_alloc_array(reader->arena, capacity, sizeof(*items));

                if (!items)
                        return -ENOMEM;
                if (matrix->n_images > 0)
                        memcpy(items, matrix->images, matrix->n_images * sizeof(*items));
                matrix->images = items;
                matrix->capacity = capacity;
        }
        image = &matrix->images[matrix->n_images];
        *image = (MatrixImage){ arena_strdup(reader->arena, cell->digest),
                                arena_strdup(reader->arena, cell->tag),
                                arena_strdup(reader->arena, cell->semver) };
        if (reader->arena->failed)
                return -ENOMEM;
        return (int)matrix->n_images++;
}

/* Most releases have the same image of a component as the release before. */
static int on_cell(void *userdata, const Cell *cell)
{
        CellReader *reader = userdata;
        Matrix *matrix = reader->matrix;
        int *row = &matrix->cells[cell->component * matrix->releases.n], image;

        for (size_t i = cell->release; i > 0; i--)
                if (row[i - 1] != MATRIX_NONE && is_image(&matrix->images[row[i - 1]], cell)) {
                        row[cell->release] = row[i - 1];
                        return 0;
                }
        image = add_image(reader, cell);
        row[cell->release] = MAX(image, MATRIX_NONE);
        return MIN(image, 0);
}

static const char *ids_of_components(const Matrix *matrix, Arena *arena)
{
        _cleanup_(id_list_done) IdList ids;

        id_list_init(&ids);
        for (size_t i = 0; i < matrix->n_components; i++)
                id_list_add(&ids, matrix->components[i]->object.id.text);
        return id_list_end(&ids, arena);
}

static int read_cells(Request *request, Matrix *matrix, const char *components,
                      const char *releases, Error *err)
{
        CellReader reader = { matrix, &request->arena };
        const CellQuery query = { releases, components, on_cell, &reader };
        size_t n = matrix->n_components * matrix->releases.n;

        matrix->cells = arena_alloc_array(&request->arena, n + 1, sizeof(*matrix->cells));
        if (!matrix->cells)
                return error_oom(err);
        for (size_t i = 0; i < n; i++)
                matrix->cells[i] = MATRIX_NONE;
        return store_cells(reconciler_store(request->api->reconciler), &query, err);
}

static int read_components(Request *request, Matrix *matrix, Error *err)
{
        Store *store = reconciler_store(request->api->reconciler);
        Arena *arena = &request->arena;
        _cleanup_(id_list_done) IdList ids;
        const char *components = ids_of_components(matrix, arena), *releases;
        int r;

        id_list_init(&ids);
        for (size_t i = 0; i < matrix->releases.n; i++)
                id_list_add(&ids, matrix->releases.items[i]);
        releases = id_list_end(&ids, arena);
        if (!components || !releases)
                return error_oom(err);
        r = store_page_release_heads(store, releases, arena, &matrix->heads, err);
        if (r >= 0)
                r = read_cells(request, matrix, components, releases, err);
        if (r >= 0 && request->as_of == 0)
                r = store_page_conditions(store, KIND_COMPONENT, components, arena,
                                          &matrix->conditions, err);
        if (r >= 0 && request->as_of == 0)
                r = store_page_drift(store, components, arena, &matrix->drifts, err);
        return r;
}

int matrix_image(const Matrix *matrix, size_t component, int release)
{
        return release == MATRIX_NONE
                       ? MATRIX_NONE
                       : matrix->cells[component * matrix->releases.n + (size_t)release];
}

bool matrix_has_drift(const Matrix *matrix, size_t component, const MatrixImage *image)
{
        for (size_t i = 0; i < matrix->drifts.n; i++) {
                const CellDrift *drift = &matrix->drifts.items[i];

                if (drift->component == component && streq(drift->digest, image->digest) &&
                    streq(drift->tag, image->tag))
                        return true;
        }
        return false;
}

int matrix_read(Request *request, Matrix *ret, Error *err)
{
        int r = choose_environments(request, ret, err);

        if (r >= 0)
                r = choose_components(request, ret, err);
        if (r >= 0)
                r = read_environments(request, ret, err);
        if (r >= 0)
                r = choose_releases(request, ret, err);
        if (r >= 0)
                r = read_runs(request, ret, err);
        return r < 0 ? r : read_components(request, ret, err);
}

void matrix_done(Matrix *matrix)
{
        page_rows_done(&matrix->rows);
}
