#include "plan/settled.h"

#include <errno.h>
#include <stdlib.h>

#define SETTLED_ARENA_MAX ((size_t)16 * 1024 * 1024)
#define OPEN_SHARE        4 /* pages of all rows cost less than this share of rows found by id */

void settled_init(Settled *settled)
{
        *settled = (Settled){ .is_lost = true };
        arena_init(&settled->arena, SETTLED_ARENA_MAX);
}

void settled_forget(Settled *settled)
{
        settled->model = model_unref(settled->model);
        settled->is_lost = true;
        map_clear(&settled->open);
        map_clear(&settled->noted);
        arena_clear(&settled->arena);
}

void settled_done(Settled *settled)
{
        settled_forget(settled);
        map_done(&settled->open);
        map_done(&settled->noted);
        arena_done(&settled->arena);
}

/* --- changed rows ----------------------------------------------------------------------------- */

/* Returns the id of the component whose row the change has changed, as far as StoredObject shows
 * it; NULL: none. */
static const char *component_of(const Change *change)
{
        bool is_of_row = false;

        switch ((int)change->type) {
        case CHANGE_PUT_COMPONENT:
        case CHANGE_DELETE_OBJECT:
        case CHANGE_SET_DECLARED: is_of_row = true; break;
        case CHANGE_SET_CONDITION: is_of_row = change->condition->type == CONDITION_STALLED; break;
        case CHANGE_CLEAR_CONDITION: is_of_row = change->condition_type == CONDITION_STALLED; break;
        default: break;
        }
        return is_of_row && change->kind == KIND_COMPONENT ? change->object_id : NULL;
}

/* Returns 0 or -ENOMEM. */
static int add_id(Map *ids, const char *id, Arena *arena)
{
        char *key;

        if (map_has(ids, id))
                return 0;
        key = arena_strdup(arena, id);
        return key && map_put(ids, key, key, NULL) >= 0 ? 0 : -ENOMEM;
}

void settled_note(Settled *settled, const Changes *changes, bool is_own)
{
        for (size_t i = 0; i < changes->n && !settled->is_lost; i++) {
                const char *id = component_of(&changes->items[i]);
                int r = 0;

                if (id && settled->model) /* otherwise the next load reads all rows */
                        r = add_id(&settled->open, id, &settled->arena);
                if (id && !is_own && r >= 0)
                        r = add_id(&settled->noted, id, &settled->arena);
                if (r < 0)
                        settled_forget(settled);
        }
}

/* --- before a load ---------------------------------------------------------------------------- */

static int compare_ids(const void *a, const void *b)
{
        return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Adds the components of both models, which are sorted. */
static void select_components(const Settled *settled, const Model *model, Unsettled *ret)
{
        const ComponentSpecs *olds = &settled->model->components, *news = &model->components;
        size_t i = 0, j = 0;

        while (i < olds->n || j < news->n) {
                const Object *before = i < olds->n ? &olds->items[i]->object : NULL;
                const Object *after = j < news->n ? &news->items[j]->object : NULL;
                int c = !before           ? 1
                        : !after          ? -1
                        : before == after ? 0
                                          : object_compare(before, after);

                if (after && before == after && !map_has(&settled->open, after->id.text))
                        ret->n_settled++;
                else if (after && c >= 0)
                        ret->objects[ret->n_objects++] = after;
                if (before && c <= 0 && before != after &&
                    !map_has(&settled->open, before->id.text))
                        ret->component_ids[ret->n_component_ids++] = before->id.text;
                i += c <= 0;
                j += c >= 0;
        }
}

/* Adds the documents in the order of model_object(): registries, components, then the others. */
static void select_objects(const Settled *settled, const Model *model, Unsettled *ret)
{
        size_t n_before = model->registries.n, n = model_n_objects(model);

        for (size_t i = 0; i < n_before; i++)
                ret->objects[ret->n_objects++] = model_object(model, i);
        select_components(settled, model, ret);
        for (size_t i = n_before + model->components.n; i < n; i++)
                ret->objects[ret->n_objects++] = model_object(model, i);
}

int settled_select(Settled *settled, const Model *model, bool reads_all, Arena *arena,
                   Unsettled *ret)
{
        size_t n_ids;

        *ret = (Unsettled){ .is_complete = true };
        settled->is_lost = false;
        map_clear(&settled->noted);
        /* a file with errors may keep any object, so all stored objects matter */
        if (reads_all || !settled->model || model->brokens.n > 0 ||
            settled->open.n > settled->model->components.n / OPEN_SHARE)
                return 0;
        n_ids = settled->open.n + settled->model->components.n;
        ret->objects = arena_alloc_array(arena, model_n_objects(model) + 1, sizeof(Object *));
        ret->component_ids = arena_alloc_array(arena, n_ids + 1, sizeof(char *));
        if (!ret->objects || !ret->component_ids)
                return -ENOMEM;
        map_foreach (&settled->open, entry) {
                const char *id = arena_strdup(arena, entry->key);

                if (!id)
                        return -ENOMEM;
                ret->component_ids[ret->n_component_ids++] = id;
        }
        select_objects(settled, model, ret);
        qsort(ret->component_ids, ret->n_component_ids, sizeof(char *), compare_ids);
        if (ret->n_component_ids > model->components.n / OPEN_SHARE)
                *ret = (Unsettled){ .is_complete = true };
        else
                ret->is_complete = false;
        return 0;
}

/* --- after a load ----------------------------------------------------------------------------- */

/* True if the row of a stored component became equal to its document. */
static bool is_settled(const StoredObject *stored, const Model *model)
{
        return stored->managed_by == MANAGED_BY_SPEC && map_has(&model->by_id, stored->id);
}

static int find_open(const Settled *settled, const Model *model, const SpecPlan *plan,
                     const StoredObjects *stored, Settled *ret)
{
        int r = 0;

        for (size_t i = 0; i < stored->n && r >= 0; i++)
                if (stored->items[i].kind == KIND_COMPONENT &&
                    !is_settled(&stored->items[i], model))
                        r = add_id(&ret->open, stored->items[i].id, &ret->arena);
        map_foreach (&plan->refused, entry)
                if (r >= 0)
                        r = add_id(&ret->open, entry->key, &ret->arena);
        map_foreach (&settled->noted, entry)
                if (r >= 0)
                        r = add_id(&ret->open, entry->key, &ret->arena);
        return r;
}

void settled_update(Settled *settled, Model *model, const SpecPlan *plan,
                    const StoredObjects *stored)
{
        Settled after;

        settled_init(&after);
        if (settled->is_lost || find_open(settled, model, plan, stored, &after) < 0) {
                settled_done(&after);
                settled_forget(settled);
                return;
        }
        after.model = model_ref(model);
        after.is_lost = false;
        settled_done(settled);
        *settled = after;
}
