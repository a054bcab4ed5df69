#pragma once

/* An answer in the making: its status, its headers and its body, which is one of a buffer, a
 * buffer that others share, a file, and a stream. */

#include <microhttpd.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/buffer.h"

typedef struct AnswerHeader {
        const char *name, *value; /* in the request's arena, or static */
} AnswerHeader;

typedef struct AnswerHeaders {
        AnswerHeader *items;
        size_t n, capacity;
} AnswerHeaders;

/* Names and values are borrowed. A value of NULL is no header. -ENOMEM, and arena->failed is set:
 * the request then fails as a whole. */
int answer_headers_add(AnswerHeaders *headers, Arena *arena, const char *name, const char *value);

typedef struct Answer {
        unsigned status;  /* 0: 200 */
        const char *type; /* NULL: application/json */
        Buffer body;
        int fd;                           /* of the body; 0: none. The response closes it */
        const Buffer *shared;             /* the body, if not NULL: it outlives the request */
        MHD_ContentReaderCallback stream; /* gives the body, if not NULL, until the request ends */
        void *stream_userdata;
        AnswerHeaders headers;
        char brief[80]; /* about what is stored: the body, if the other one cannot be made; "" */
} Answer;
