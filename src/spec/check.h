#pragma once

/* Checks that no schema of a single document can express: formats, and references between objects.
 */

#include "base/arena.h"
#include "base/diag.h"
#include "model/grant.h"
#include "model/model.h"
#include "model/node.h"
#include "model/output.h"
#include "model/schema.h"

/* Formats of every field in the node of an object that was decoded without fault. Returns 0 or
 * -EINVAL. */
int check_formats(const Schema *schema, const Node *node, DiagList *diags);

/* The rules within one object. */
int check_object(const Object *object, DiagList *diags);

/* The state of a check of references of many objects of one model; what grows with the model is
 * found once. */
typedef struct References {
        const Model *model;
        Map brokens;     /* ids of documents with errors */
        Arena arena;     /* for keys */
        bool any_broken; /* something could not be read that may declare anything */
        size_t n_comparisons;
        bool is_strict; /* what can never work is an error, although a stored object may do so */
} References;

/* Borrows the model. -ENOMEM: there is nothing to be done with it. */
int references_init(References *references, const Model *model);
void references_done(References *references);

/* References of one object to others of the model. Returns 0 or -EINVAL. */
int references_check(References *references, const Object *object, DiagList *diags);
/* The same for a single object, which the model may lack. */
int check_references(const Model *model, const Object *object, DiagList *diags);

/* Warns of outputs of the configuration whose environment no spec declares. outputs may be NULL. */
void check_output_environments(const OutputSpecs *outputs, const Model *model, DiagList *diags);

/* Registries of the specs that name secrets which the configuration does not grant them; without
 * grants one warning if there is more than one tenant. grants may be NULL. */
void check_secrets(const CredentialGrants *grants, const Model *model, DiagList *diags);
