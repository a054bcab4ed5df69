#pragma once

/* The shape of one tag: a prefix, the numbers of a version, and a suffix. It depends only on this
 * tag; guess.c compares tags. Private to this folder. */

#include <stdbool.h>

#include "base/arena.h"

#define SHAPE_NUMBERS_MAX 5

typedef enum ShapeStyle {
        SHAPE_SEMVER,      /* up to three numbers: v1.2.3, 1.2.3-alpine */
        SHAPE_CALVER,      /* the first number is a year: 2024.06.1 */
        SHAPE_NUMERIC,     /* four or five numbers: 4.0.12.2823 */
        SHAPE_DATE,        /* 2026-11-23, 20261123-17 */
        SHAPE_BUILD,       /* one number: 1017, build-1017 */
        SHAPE_COMMIT_TIME, /* main-3f2a1b9-1718200000 */
        SHAPE_TIME_COMMIT, /* main-20240612153000-3f2a1b9 */
        SHAPE_COMMIT,      /* sha-3f2a1b9 */
        SHAPE_WORD,        /* latest */
        SHAPE_STYLE_MAX_,
} ShapeStyle;

typedef enum ShapeSuffix {
        SUFFIX_NONE,
        SUFFIX_PRERELEASE, /* -rc.1 */
        SUFFIX_COUNTER,    /* -ls45: the same version, built again */
        SUFFIX_VARIANT,    /* -alpine */
        SUFFIX_PEP440,     /* 1.2.3rc1, 1.2.3.dev4: a prerelease without a hyphen */
        SUFFIX_ODD,        /* other text, which rules should not read: 1.2.3x1 */
} ShapeSuffix;

typedef struct ShapeSpan {
        const char *data;
        size_t size;
} ShapeSpan;

typedef struct TagShape {
        ShapeStyle style;
        ShapeSpan prefix; /* text before v and the numbers, including its separator: "release-" */
        bool has_v;
        ShapeSpan numbers[SHAPE_NUMBERS_MAX];
        unsigned n_numbers;
        ShapeSuffix suffix;
        ShapeSpan suffix_text; /* including its separator: "-alpine" */
        ShapeSpan suffix_word; /* word of a prerelease or counter: "rc" */
        bool is_prerelease;    /* also true for a variant of a prerelease: 1.2.3-rc.1-alpine */
} TagShape;

/* Returns the shape of a tag. The spans point into tag. */
TagShape shape_of_tag(const char *tag);

/* Returns the value of a number; UINT_MAX if it is 100,000 or more. */
unsigned shape_value(ShapeSpan number);
