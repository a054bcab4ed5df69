#pragma once

/* An answer: its status, headers and body. The body is a buffer, a shared buffer, a file or a
 * stream. */

#include <microhttpd.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"

typedef struct AnswerHeader {
        const char *name, *value; /* both are in the arena of the request, or static */
} AnswerHeader;

typedef struct AnswerHeaders {
        AnswerHeader *items;
        size_t n, capacity;
} AnswerHeaders;

/* Borrows names and values. A NULL value adds no header. On failure returns -ENOMEM and sets
 * arena->failed, which makes the request fail. */
int answer_headers_add(AnswerHeaders *headers, Arena *arena, const char *name, const char *value);

#define ANSWER_DETAIL_MAX 256

typedef struct Answer {
        unsigned status;  /* 0: 200 */
        const char *type; /* NULL: application/json */
        Buffer body;
        int fd;                           /* file with the body; 0: none. The response closes it */
        const Buffer *shared;             /* if not NULL, the body; outlives the request */
        MHD_ContentReaderCallback stream; /* if not NULL, produces the body until the request
                                           * ends */
        void *stream_userdata;
        AnswerHeaders headers;
        char detail[ANSWER_DETAIL_MAX]; /* first line of the problem, for the audit; "": none */
        char brief[80]; /* a short body about a stored change, used if memory for the complete one
                           is lacking; "": none */
} Answer;
