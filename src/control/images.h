#pragma once

/* Reads the stored facts of images, and all images that a release needs. */

#include "store/facts.h"
#include "store/releases.h"

/* The stored facts of an image. */
typedef struct StoredImage {
        const Manifest *manifest;    /* NULL: not stored */
        ImageFactList heads;         /* facts from when the image became a head */
        const ImageFactList *images; /* facts of all images in releases that one call read */
} StoredImage;

/* Reads the facts of the image of each key, and of the images of its platforms. Sets *ret to an
 * array in the order of the keys. */
int images_read(Store *store, const FactKeys *keys, Arena *arena, StoredImage **ret, Error *err);

/* Sets *ret to the source of an image, as its facts name it. The texts are in the arena. */
void images_source(const StoredImage *image, const char *digest, Arena *arena,
                   ComponentSource *ret);

/* Reads a release like store_release(), and adds the other images of its platforms
 * (image_others_add()), from the facts of its digests. */
int images_read_release(Store *store, const char *id, Arena *arena, Release *ret, Error *err);
