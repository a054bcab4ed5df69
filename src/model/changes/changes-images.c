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

static void put_one(Changes *changes, ChangeType type, const ImageFacts *facts)
{
        ImageFacts one = *facts;

        add_images(changes, (Change){ .type = type }, &(ImageFactList){ &one, 1 });
}

void changes_put_image(Changes *changes, const ImageFacts *facts)
{
        put_one(changes, CHANGE_PUT_IMAGE, facts);
}

void changes_put_referrers(Changes *changes, const ImageFacts *facts)
{
        put_one(changes, CHANGE_PUT_REFERRERS, facts);
}

void changes_put_head_images(Changes *changes, const char *component_id,
                             const ImageFactList *images)
{
        add_images(changes,
                   (Change){ .type = CHANGE_PUT_HEAD_IMAGES,
                             .object_id = copy_text(changes, component_id) },
                   images);
}
