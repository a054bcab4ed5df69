#pragma once

/* Reads the parameters of a request, and its body as JSON. Checks all text of a body. */

#include "api/http/request.h"
#include "base/text.h"
#include "store/releases.h"

/* Refuses unknown parameters, because a misspelt filter would return everything. */
int request_check_query(const Request *request, Error *err);
int request_page(const Request *request, Page *ret, int64_t *ret_page, Error *err);
/* Reads a time from a query parameter. Sets *ret to 0 if the request does not have it. */
int request_time(const Request *request, const char *name, usec_t *ret, Error *err);
/* Reads the query parameter asOf into request->as_of. Refuses a time in the future. */
int request_as_of(Request *request, Error *err);
/* Reads the body as a JSON object. Refuses members that are not in names; NULL allows any. Without
 * a body, sets *ret to an empty object. */
int request_body(Request *request, const char *const *names, const Node **ret, Error *err);
/* Parses a part of a body. Takes memory from the quota of the request. */
int request_parse(Request *request, const char *json, size_t size, Node **ret, Error *err);
/* Does the same, with the nodes in another arena of the request. */
int request_parse_in(Request *request, const char *json, size_t size, Arena *arena, Node **ret,
                     Error *err);
/* Checks the texts of a numbered part of request->document. Refuses members that are not in names;
 * NULL allows any. A fault is ERROR_INVALID, with request->pointer set. */
int request_check_document(Request *request, const Node *node, const char *const *names,
                           TextLines lines, Error *err);
/* Returns ERROR_INVALID for a value that is not text, with its pointer. */
int body_must_be_text(Request *request, const Node *value, const char *name, Error *err);
int body_text(Request *request, const Node *body, const char *name, bool required, const char **ret,
              Error *err);
/* Reads the member "reason". Sets *ret to NULL if it is absent, empty or blank. */
int body_reason(Request *request, const Node *body, const char **ret, Error *err);
/* Reads the member "message", of at most REPORT_MESSAGE_MAX bytes. Sets *ret to NULL if it is
 * absent, empty or blank. */
int body_message(Request *request, const Node *body, const char **ret, Error *err);
/* Reads the member "promotionId", the id of a promotion. Sets *ret to NULL if it is absent. */
int body_promotion(Request *request, const Node *body, const char **ret, Error *err);
/* Reads a bool of the body. Sets *ret to false if it is absent or null. */
int body_bool(Request *request, const Node *body, const char *name, bool *ret, Error *err);
