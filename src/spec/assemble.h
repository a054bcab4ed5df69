#pragma once

/* Makes a model of parsed files, in steps. Finds duplicate objects, checks references, and lists
 * files, documents and objects with errors. */

#include "base/time.h"
#include "spec/check.h"
#include "spec/unit.h"

typedef struct Assembly {
        UnitSet *set; /* borrowed, as files and diags are */
        const TreeFiles *files;
        DiagList *diags;
        Map by_id;  /* all objects by id; if an object has two documents, the first one */
        Map faulty; /* objects with wrong references: id -> message */
        Model *model;
        size_t n_faulty; /* number of faulty objects when the model was made; the model does not
                          * contain them */
        bool is_strict;  /* spec_tree_be_strict() was called */
        const CheckRunSpecs *check_runs; /* from spec_tree_know_checks() */
        bool is_complete;                /* the model contains no faulty object */
        References references;
        unsigned stage;
        size_t unit, object; /* position in the current stage */
} Assembly;

/* Borrows all arguments until assembly_done(). */
void assembly_init(Assembly *assembly, UnitSet *set, const TreeFiles *files, DiagList *diags);
void assembly_done(Assembly *assembly);

/* Works until the monotonic time `until`. Returns 1 if there is more to do; 0 with the model, whose
 * texts live in the set; or -ENOMEM. */
int assembly_step(Assembly *assembly, usec_t until, Model **ret);
