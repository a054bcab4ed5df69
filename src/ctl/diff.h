#pragma once

/* Prints the differences between two releases as a table. */

#include "ctl/options.h"

/* The members that a ReleaseDiff of the API must have. */
extern const AnswerShape diff_shape;

/* True if both releases have the same components and digests. */
bool diff_is_empty(const Node *diff);

/* Prints a line with the revisions in the member source of the item, and the page that compares
 * them. Prints nothing if none is known. */
void diff_print_revisions(const char *before, const char *separator, const Node *item);

/* Prints a ReleaseDiff. The headings of the columns are the names of the releases. all: also lists
 * equal components, which are otherwise only counted. */
int diff_print(CtlOptions *options, const Node *diff, bool all, Error *err);
