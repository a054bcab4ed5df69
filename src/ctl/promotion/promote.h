#pragma once

/* Functions that the verbs about releases in environments share. */

#include "ctl/ctl.h"
#include "ctl/options.h"

extern const AnswerShape environment_shape;

/* Prints the state of an environment, and what it waits for. */
void print_environment(const CtlOptions *options, const Node *environment);

/* Runs a verb whose first arguments are RELEASE ENVIRONMENT. If they fail in this order and the
 * first is an environment, exchanges them and prints a hint. */
typedef int (*OrderedVerb)(CtlOptions *options, ClientAnswer *ret, bool *ret_printed, Error *err);
int in_order(const CtlCall *call, CtlOptions *options, OrderedVerb verb, ClientAnswer *ret,
             bool *ret_printed, Error *err);
