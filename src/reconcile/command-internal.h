#pragma once

/* What the files of commands share. */

#include "deploy/environments.h"
#include "reconcile/command.h"

#define COMMAND_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* ERROR_NOT_FOUND. */
int command_find_environment(Reconciler *reconciler, const char *id, EnvironmentState **ret,
                             Error *err);
int command_find_release(Reconciler *reconciler, const char *id, Arena *arena, Release *ret,
                         Error *err);

/* What is stored counts from now on, also against a promotion whose digests are being checked:
 * reason is what its caller is told. */
void command_changed(EnvironmentState *environment, const char *reason);

/* Reads a document that the API was given. Diagnostics say what is wrong with it (ERROR_INVALID); a
 * failure without one is a lack of memory. The object is the arena's. */
int command_decode(Reconciler *reconciler, const Node *document, Arena *arena, Object **ret,
                   DiagList *diags, Error *err);

/* command-promote.c: 1 if a release needs a hold to be there. What the stream offers does not,
 * unless it failed there: then the hold says that it is to be tried again. */
int command_needs_hold(EnvironmentState *environment, const Release *release, Arena *arena,
                       Error *err);
