#pragma once

/* What the files of commands share. */

#include "reconcile/command.h"
#include "reconcile/internal.h"

#define COMMAND_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* Reads a document that the API was given. Diagnostics say what is wrong with it (ERROR_INVALID); a
 * failure without one is a lack of memory. The object is the arena's. */
int command_decode(Reconciler *reconciler, const Node *document, Arena *arena, Object **ret,
                   DiagList *diags, Error *err);
