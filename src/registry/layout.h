#pragma once

/* Directories in OCI image layout form (image-spec, image-layout.md) in the place of a registry:
 * url "oci-layout:/srv/images". A repository is the folder of its name below that one if there is
 * such a layout, else the whole layout, where org.opencontainers.image.ref.name is a tag, or
 * REPOSITORY:TAG. Everything read is checked as if a registry had sent it. */

#include "registry/internal.h"

#define LAYOUT_SCHEME "oci-layout:"

typedef enum LayoutQuestion {
        LAYOUT_TAGS,
        LAYOUT_RESOLVE,
        LAYOUT_FETCH,
        LAYOUT_CHECK,
} LayoutQuestion;

/* Answers the call from the loop, later, as a registry would. */
int layout_start(RegistryCall *call, LayoutQuestion question, Error *err);
