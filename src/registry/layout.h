#pragma once

/* Directories in OCI image layout form (image-spec, image-layout.md) instead of a registry: url
 * "oci-layout:/srv/images". A repository is the subfolder of its name if that is a layout.
 * Otherwise it is the common layout, where org.opencontainers.image.ref.name is a tag, or
 * REPOSITORY:TAG. All content is checked as if a registry had sent it. */

#include "registry/internal.h"

#define LAYOUT_SCHEME "oci-layout:"

typedef enum LayoutQuestion {
        LAYOUT_TAGS,
        LAYOUT_RESOLVE,
        LAYOUT_FETCH,
        LAYOUT_CHECK,
} LayoutQuestion;

/* Answers the call later from the loop, as a registry would. */
int layout_start(RegistryCall *call, LayoutQuestion question, Error *err);
