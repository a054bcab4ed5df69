#pragma once

/* What of a consumer's own files a component's image stands for (Component.spec.replaces). A text
 * is either an image as it is written there ("api", "registry.example.com/myapp/api:dev"), or a
 * path of Helm values: identifiers with dots between ("api.image"; ".image" has one), which gets
 * registry, repository and digest below it, or with "=TEMPLATE" one text
 * ("api.tag={tag}@{digest}"). */

#include <stdbool.h>

#include "base/error.h"

/* True for a path of Helm values, with or without a template. */
bool replaces_is_path(const char *text);

/* ERROR_INVALID says what is wrong with it. */
int replaces_check(const char *text, Error *err);

/* Placeholders of a template, by index; ended by NULL. */
enum {
        REPLACES_IMAGE,      /* repository with its registry, @ and digest */
        REPLACES_REGISTRY,   /* registry.example.com */
        REPLACES_REPOSITORY, /* myapp/api */
        REPLACES_DIGEST,
        REPLACES_TAG,
        REPLACES_VERSION,
        REPLACES_MAX_,
};
extern const char *const replaces_placeholders[];
