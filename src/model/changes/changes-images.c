#include "model/changes/changes-images.h"

#include "model/changes/internal.h"

static void add_images(Changes *changes, Change change, const ImageFactList *images)
{
        ImageFactList *copy = copy_data(changes, images, sizeof(*images));

        if (!copy)
                return;
        if (image_facts_copy(images, &changes->arena, copy) < 0)
                changes->failed = -ENOMEM;
        change.images = copy;
        add(changes, change);
}

void changes_put_image(Changes *changes, const ImageFacts *facts)
{
        ImageFacts one = *facts;

        add_images(changes, (Change){ .type = CHANGE_PUT_IMAGE }, &(ImageFactList){ &one, 1 });
}

void changes_put_head_images(Changes *changes, const char *component_id,
                             const ImageFactList *images)
{
        add_images(changes,
                   (Change){ .type = CHANGE_PUT_HEAD_IMAGES,
                             .object_id = copy_text(changes, component_id) },
                   images);
}
