#pragma once

/* Knows the stored components for which a load has nothing to do, so that it need not read their
 * rows. A component is settled if, in the last complete load, its row was equal to its document,
 * and if nothing has changed the row or the document since. Most components are settled when one
 * file of many changes.
 *
 * Each stored component is settled, or its id is in `open`, or its document is no longer the same
 * object as in `model`. Objects of other kinds are never settled, since there are few of them. */

#include "plan/plan-specs.h"

typedef struct Settled {
        Model *model; /* documents of the last complete load; NULL: no component is settled */
        Map open;     /* ids of the components whose rows a load must read */
        Map noted;    /* ids of the components that others have changed since settled_select() */
        bool is_lost; /* noted is not complete */
        Arena arena;  /* holds the ids */
} Settled;

void settled_init(Settled *settled);
void settled_done(Settled *settled);

/* Makes the next load read all rows. The load that runs settles nothing. */
void settled_forget(Settled *settled);

/* Opens the components whose rows the committed changes have changed. is_own: the load that runs
 * has planned the changes. */
void settled_note(Settled *settled, const Changes *changes, bool is_own);

/* The part of the documents and of the stored objects that a load compares. */
typedef struct Unsettled {
        bool is_complete;       /* all documents, and all stored objects */
        const Object **objects; /* documents, in the order of model_object() */
        size_t n_objects;
        const char **component_ids; /* ids of components that may be stored; sorted */
        size_t n_component_ids;
        size_t n_settled; /* number of stored objects that are omitted */
} Unsettled;

/* Selects what a load of a model compares, before the load reads the stored objects. reads_all: all
 * of it. The result is in the arena. Returns 0 or -ENOMEM. */
int settled_select(Settled *settled, const Model *model, bool reads_all, Arena *arena,
                   Unsettled *ret);

/* Settles the components of the model after all changes of its plan were stored. stored: the
 * objects that the plan has compared. */
void settled_update(Settled *settled, Model *model, const SpecPlan *plan,
                    const StoredObjects *stored);
