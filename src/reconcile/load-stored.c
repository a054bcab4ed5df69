#include "reconcile/load-stored.h"

#include <stdlib.h>

#include "base/vec.h"

#define LOAD_PAGE 250 /* number of stored objects that are read at once */

void load_stored_clear(LoadStored *stored)
{
        stored->objects.n = 0;
        stored->has_begun = false;
        stored->unsettled = (Unsettled){ 0 };
        stored->walk = (ObjectWalk){ 0 };
}

void load_stored_done(LoadStored *stored)
{
        free(stored->objects.items);
        *stored = (LoadStored){ 0 };
}

static int begin(LoadStored *stored, const LoadStoredInput *input, bool reads_all, Error *err)
{
        Unsettled *unsettled = &stored->unsettled;

        if (settled_select(input->settled, input->model, reads_all, input->arena, unsettled) < 0)
                return error_oom(err);
        if (!unsettled->is_complete) {
                stored->walk.component_ids = unsettled->component_ids;
                stored->walk.n_component_ids = unsettled->n_component_ids;
        }
        stored->has_begun = true;
        return 0;
}

static int add_page(LoadStored *stored, const StoredObjects *page, Error *err)
{
        StoredObjects *objects = &stored->objects;

        if (page->n == 0)
                return 0;
        if (vec_reserve(&objects->items, &stored->capacity, objects->n + page->n,
                        sizeof(*objects->items)) < 0)
                return error_oom(err);
        memcpy(&objects->items[objects->n], page->items, page->n * sizeof(*page->items));
        objects->n += page->n;
        return 0;
}

int load_stored_step(LoadStored *stored, const LoadStoredInput *input, usec_t until, Error *err)
{
        StoredObjects page;
        int r = stored->has_begun ? 0 : begin(stored, input, until == USEC_INFINITY, err);

        if (r < 0)
                return r;
        while ((r = store_objects_next(input->store, &stored->walk, LOAD_PAGE, input->arena, &page,
                                       err)) > 0) {
                r = add_page(stored, &page, err);
                if (r < 0)
                        return r;
                if (time_monotonic() >= until)
                        return 1;
        }
        return r;
}
