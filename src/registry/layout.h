#pragma once

/* Reads images from a folder in OCI image layout form (image-spec, image-layout.md) instead of a
 * registry: url "oci-layout:/srv/images". The layout of a repository is the subfolder with its
 * name, if that is a layout. Otherwise it is the folder itself. In the layout, the annotation
 * org.opencontainers.image.ref.name is a tag, or REPOSITORY:TAG. All content is checked as if a
 * registry had sent it. */

#include "registry/internal.h"

#define LAYOUT_SCHEME "oci-layout:"

typedef enum LayoutQuestion {
        LAYOUT_TAGS,
        LAYOUT_RESOLVE,
        LAYOUT_FETCH,
        LAYOUT_CHECK,
        LAYOUT_DOCUMENT,
        LAYOUT_REFERRERS, /* a layout has no list of referrers */
} LayoutQuestion;

/* Completes the call later from the event loop, as a registry would. */
int layout_start(RegistryCall *call, LayoutQuestion question, Error *err);
