#pragma once

/* Prints the differences between two releases as a table. */

#include "ctl/options.h"

/* The shape of a ReleaseDiff of the API. */
extern const AnswerShape diff_shape;

/* True if both releases have the same components and digests. */
bool diff_is_empty(const Node *diff);

/* Prints a ReleaseDiff; the columns are named after the releases. Components that are equal are
 * listed with all, else counted. */
int diff_print(CtlOptions *options, const Node *diff, bool all, Error *err);
