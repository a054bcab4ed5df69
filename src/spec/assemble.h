#pragma once

/* Makes a model of parsed files, in steps. Finds duplicate objects, checks references, and collects
 * everything that is broken. */

#include "base/time.h"
#include "spec/check.h"
#include "spec/unit.h"

typedef struct Assembly {
        UnitSet *set; /* borrowed, like the next two */
        const TreeFiles *files;
        DiagList *diags;
        Map by_id;  /* all objects by id; of duplicates the first one */
        Map faulty; /* the objects whose references are wrong: id -> message */
        Model *model;
        size_t n_faulty; /* number of faulty objects that the model was made without */
        bool is_strict;  /* spec_tree_be_strict() was called */
        const CheckRunSpecs *check_runs; /* of spec_tree_know_checks() */
        bool is_complete;                /* the model was made without all faulty objects */
        References references;
        unsigned stage;
        size_t unit, object; /* position in the current stage */
} Assembly;

/* Borrows all arguments until assembly_done(). */
void assembly_init(Assembly *assembly, UnitSet *set, const TreeFiles *files, DiagList *diags);
void assembly_done(Assembly *assembly);

/* Works until the monotonic time until. Returns 1 if there is more to do; 0 with the model, whose
 * texts live in the set; -ENOMEM. */
int assembly_step(Assembly *assembly, usec_t until, Model **ret);
