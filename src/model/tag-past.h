#pragma once

/* Digests that a tag had. Each row says until when the tag had the digest, and what differs between
 * its image and the image that followed. */

#include "base/time.h"
#include "model/image-change.h"

typedef struct TagPast {
        const char *tag;
        const char *digest;
        const char *next; /* the digest that followed; read only, NULL: not known */
        usec_t since;     /* when the tag got the digest */
        usec_t until;     /* when the tag left it; 0: not known */
        ImageChange change;
} TagPast;

typedef struct TagPasts {
        TagPast *items;
        size_t n;
} TagPasts;
