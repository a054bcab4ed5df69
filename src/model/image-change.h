#pragma once

/* Says what differs between two images, from their manifests. Pure. It decides nothing: people read
 * it when a tag has moved. */

#include "model/image-facts.h"
#include "model/release.h"

typedef enum ImageChange {
        IMAGE_CHANGE_UNKNOWN,      /* facts of one of the images are not kept */
        IMAGE_CHANGE_ATTESTATIONS, /* the images of all platforms are the same, and annotations */
        IMAGE_CHANGE_LABELS,       /* labels, annotations or dates; all layers are the same */
        IMAGE_CHANGE_BASE,         /* layers of the base only */
        IMAGE_CHANGE_OWN,          /* layers above the base only */
        IMAGE_CHANGE_ALL,          /* layers of the base and above it */
        IMAGE_CHANGE_PLATFORMS,    /* a platform was added or removed */
        IMAGE_CHANGE_MAX_,
} ImageChange;

typedef struct ChangedImage {
        const char *digest;
        PlatformDigests platforms; /* empty: no index */
        ImageFactList facts;       /* of the digest, and of those of its platforms */
} ChangedImage;

ImageChange image_change(const ChangedImage *from, const ChangedImage *to);

const char *image_change_to_string(ImageChange change); /* "base" */
/* Returns IMAGE_CHANGE_UNKNOWN for another text. */
ImageChange image_change_from_string(const char *text);
/* Returns a text for messages, such as "only layers of the base differ"; "" if unknown. */
const char *image_change_text(ImageChange change);
