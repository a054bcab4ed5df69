#pragma once

/* Environments as of an earlier time (--as-of): the release that each had or was getting. */

#include "ctl/options.h"

/* The members that an environment, and a list of them, must have with --as-of. */
extern const AnswerShape as_of_shape, as_of_list_shape;

/* Prints environments, below a line with the time. */
int as_of_print(CtlOptions *options, const Node *const *items, size_t n, Error *err);
/* Gets and prints all environments. */
int as_of_list(CtlOptions *options, Error *err);
