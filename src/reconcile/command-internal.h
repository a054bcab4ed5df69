#pragma once

/* Declarations that the files of commands share. */

#include "reconcile/command.h"
#include "reconcile/internal.h"

#define COMMAND_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* Reads a document from a request of the API. For ERROR_INVALID, diags has the reasons. Any other
 * failure is a lack of memory. The object is in the arena. */
int command_decode(Reconciler *reconciler, const Node *document, Arena *arena, Object **ret,
                   DiagList *diags, Error *err);
