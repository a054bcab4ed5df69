#pragma once

#include "reconcile/reconcile.h"

#define EXIT_UNRECONCILED 1 /* a reconciliation failed */

/* Prints what --once came to, and returns its exit status: 0 or EXIT_UNRECONCILED. */
int daemon_summarize(Reconciler *reconciler);
