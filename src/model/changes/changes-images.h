#pragma once

/* Changes about what images say of themselves. */

#include "model/changes/changes.h"

/* Stores what an image says of itself. A release in the same list needs its digest. */
void changes_put_image(Changes *changes, const ImageFacts *facts);
/* Stores the same of the head of a channel, and of its platforms. The first item is of the head. */
void changes_put_head_images(Changes *changes, const char *component_id,
                             const ImageFactList *images);
