#pragma once

/* The verb plan: what a tree of specs would change, or would have released in the past. */

#include "ctl/options.h"

/* Asks for the releases that the streams in body, a request of plan, would have made, and prints
 * them. Returns the exit status. */
int plan_replay(CtlOptions *options, const char *body, Error *err);
