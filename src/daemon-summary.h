#pragma once

#include "reconcile/reconcile.h"

#define EXIT_UNRECONCILED 1 /* something could not be reconciled */

/* Prints the summary of a run with --once. Returns the exit status: 0 or EXIT_UNRECONCILED. */
int daemon_summarize(Reconciler *reconciler);
