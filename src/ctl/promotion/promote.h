#pragma once

/* Functions that the verbs about releases in environments share. */

#include "ctl/ctl.h"
#include "ctl/options.h"

extern const AnswerShape environment_shape;

/* Prints the state of an environment, and the reason why a pending release waits. */
void print_environment(const CtlOptions *options, const Node *environment);

typedef int (*OrderedVerb)(CtlOptions *options, ClientAnswer *ret, bool *ret_printed, Error *err);
/* Runs a verb whose first arguments are RELEASE ENVIRONMENT. If the verb returns ERROR_NOT_FOUND
 * and the first argument is an environment, prints a hint, exchanges the two and runs the verb
 * again. */
int in_order(const CtlCall *call, CtlOptions *options, OrderedVerb verb, ClientAnswer *ret,
             bool *ret_printed, Error *err);
