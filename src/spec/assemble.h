#pragma once

/* Makes a model of parsed files, in steps: finds what is declared twice, checks references,
 * collects what is broken. */

#include "base/time.h"
#include "spec/check.h"
#include "spec/unit.h"

typedef struct Assembly {
        UnitSet *set; /* borrowed, and so are the next two */
        const TreeFiles *files;
        DiagList *diags;
        Map by_id;  /* all objects; of duplicates the first */
        Map faulty; /* id of an object that does not fit the others -> message */
        Model *model;
        size_t n_faulty;  /* that the model was made without */
        bool is_strict;   /* spec_tree_be_strict() */
        bool is_complete; /* the model is without all of them */
        References references;
        unsigned stage;
        size_t unit, object; /* position of a stage */
} Assembly;

/* Borrows all that it is given until assembly_done(). */
void assembly_init(Assembly *assembly, UnitSet *set, const TreeFiles *files, DiagList *diags);
void assembly_done(Assembly *assembly);

/* Works until the monotonic time until. Returns 1 if there is more to do; 0 with the model, whose
 * texts live in the set; -ENOMEM. */
int assembly_step(Assembly *assembly, usec_t until, Model **ret);
