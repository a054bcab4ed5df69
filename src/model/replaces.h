#pragma once

/* The parts of a consumer's files that a component's image replaces (Component.spec.replaces). A
 * text is one of:
 * - an image as these files name it ("api", "registry.example.com/myapp/api:dev");
 * - a path of Helm values: identifiers with dots between ("api.image"; ".image" has one). Below it
 *   registry, repository and digest are written;
 * - a path with "=TEMPLATE", which gets one text ("api.tag={tag}@{digest}"). */

#include <stdbool.h>

#include "base/error.h"

/* True for a path of Helm values, with or without a template. */
bool replaces_is_path(const char *text);

/* Fails with ERROR_INVALID if the text has none of these forms. */
int replaces_check(const char *text, Error *err);

/* Indexes into replaces_placeholders. That array has the placeholders of a template, and ends with
 * NULL. */
enum {
        REPLACES_IMAGE,      /* registry and repository, "@" and digest */
        REPLACES_REGISTRY,   /* registry.example.com */
        REPLACES_REPOSITORY, /* myapp/api */
        REPLACES_DIGEST,
        REPLACES_TAG,
        REPLACES_VERSION,
        REPLACES_MAX_,
};
extern const char *const replaces_placeholders[];
