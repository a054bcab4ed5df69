#pragma once

#include "reconcile/reconcile.h"

#define EXIT_UNRECONCILED 1 /* a reconciliation failed */

/* Sends systemd the status line after state, which is "" or ends with a newline. */
void daemon_notify(const Reconciler *reconciler, const char *state);

/* Prints what --once came to, and returns its exit status: 0 or EXIT_UNRECONCILED. */
int daemon_summarize(Reconciler *reconciler);
