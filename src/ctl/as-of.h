#pragma once

/* Prints environments as of an earlier time (--as-of), with the release that was deployed or being
 * promoted then. */

#include "ctl/options.h"

/* The members that the answer with an environment, or with a list of environments, must have with
 * --as-of. */
extern const AnswerShape as_of_shape, as_of_list_shape;

/* Prints a line with the time, and then the environments. */
int as_of_print(CtlOptions *options, const Node *const *items, size_t n, Error *err);
/* Gets and prints all environments. */
int as_of_list(CtlOptions *options, Error *err);
