#pragma once

/* Declarations shared by the command-*.c files. */

#include "reconcile/command.h"
#include "reconcile/internal.h"

#define COMMAND_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* Reads a document from an API request. The object is in the arena. ERROR_INVALID: diags has the
 * reasons. All other errors are a lack of memory. */
int command_decode(Reconciler *reconciler, const Node *document, Arena *arena, Object **ret,
                   DiagList *diags, Error *err);
