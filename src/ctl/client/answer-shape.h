#pragma once

/* Checks that an answer has the form of relman's API, and prints the answer. The server may be
 * another program, and texts in answers may come from untrusted sources. */

#include <stdbool.h>

#include "base/error.h"
#include "model/document-node.h"

#define ANSWER_MEMBERS_MAX 6

/* The members that an answer must have. The answer may have others too. */
typedef struct AnswerShape {
        bool is_list; /* the answer is a list of objects with these members, or a page ({data,
                         meta}) of such a list */
        const char *members[ANSWER_MEMBERS_MAX]; /* "name": a text, number or truth value;
                                                    "components[]": a list; ended by NULL */
} AnswerShape;

/* Returns ERROR_HOSTILE if the answer does not have the shape. answer: NULL if the text is no JSON.
 * shape NULL: any object or list. */
int answer_check(const Node *answer, const char *text, const AnswerShape *shape, Error *err);

/* Escapes all texts and keys for terminals and tables, in place. -ENOMEM. */
int answer_escape(Node *answer, Arena *arena);

/* Prints JSON as received, but escapes control characters of terminals. */
void answer_print_json(const char *text);
