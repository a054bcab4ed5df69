#pragma once

/* What a schema cannot say of a document alone: formats, and references between objects. */

#include "base/arena.h"
#include "base/diag.h"
#include "model/model.h"
#include "model/node.h"
#include "model/schema.h"

/* Formats of every field in the node of an object that was decoded without fault. Returns 0 or
 * -EINVAL. */
int check_formats(const Schema *schema, const Node *node, DiagList *diags);

/* The rules within one object. */
int check_object(const Object *object, DiagList *diags);

/* References of one object to others of the model. */
int check_references(const Model *model, const Object *object, DiagList *diags);
