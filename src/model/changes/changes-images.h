#pragma once

/* Changes of the facts about images (model/image-facts.h). */

#include "model/changes/changes.h"

/* Stores the facts of an image whose digest is in a release. The list of changes also has that
 * release. */
void changes_put_image(Changes *changes, const ImageFacts *facts);
/* facts: the result of registry_find_referrers(). */
void changes_put_referrers(Changes *changes, const ImageFacts *facts);
/* Stores the facts of the head of a channel and of the head's platforms. The first item is the
 * head. */
void changes_put_head_images(Changes *changes, const char *component_id,
                             const ImageFactList *images);
