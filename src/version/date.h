#pragma once

/* Versions that are dates (calver), also where a rule's pattern took them apart by named groups. */

#include "base/arena.h"
#include "version/version.h"

typedef struct DatePart { /* data NULL: not given */
        const char *data;
        size_t size;
} DatePart;

typedef struct DateParts {
        DatePart year;  /* 2 or 4 digits; must be given */
        DatePart month; /* 1 or 2 digits; must be given */
        DatePart day;   /* 1 or 2 digits */
        DatePart seq;   /* an integer of any length */
} DateParts;

/* As version_parse(). */
int date_parse_parts(const DateParts *parts, Arena *arena, Version *ret, const char **ret_reason);
