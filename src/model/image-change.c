#include "model/image-change.h"

#include "base/macros.h"
#include "model/enum-names.h"
#include "model/platform.h"

static const char *const names[IMAGE_CHANGE_MAX_ + 1] = {
        [IMAGE_CHANGE_UNKNOWN] = "unknown",
        [IMAGE_CHANGE_ATTESTATIONS] = "attestations",
        [IMAGE_CHANGE_LABELS] = "labels",
        [IMAGE_CHANGE_BASE] = "base",
        [IMAGE_CHANGE_OWN] = "own",
        [IMAGE_CHANGE_ALL] = "all",
        [IMAGE_CHANGE_PLATFORMS] = "platforms",
        NULL,
};

const char *image_change_to_string(ImageChange change)
{
        return names[change];
}

ImageChange image_change_from_string(const char *text)
{
        int i = names_find(names, text);

        return i < 0 ? IMAGE_CHANGE_UNKNOWN : (ImageChange)i;
}

const char *image_change_text(ImageChange change)
{
        static const char *const texts[IMAGE_CHANGE_MAX_] = {
                [IMAGE_CHANGE_UNKNOWN] = "",
                [IMAGE_CHANGE_ATTESTATIONS] = "only attestations differ",
                [IMAGE_CHANGE_LABELS] = "only labels, annotations or dates differ",
                [IMAGE_CHANGE_BASE] = "only layers of the base differ",
                [IMAGE_CHANGE_OWN] = "only layers above the base differ",
                [IMAGE_CHANGE_ALL] = "all layers differ",
                [IMAGE_CHANGE_PLATFORMS] = "a platform was added or removed",
        };

        return texts[change];
}

static size_t common_start(const Strings *a, const Strings *b)
{
        size_t n = 0;

        while (n < a->n && n < b->n && streq(a->items[n], b->items[n]))
                n++;
        return n;
}

static size_t common_end(const Strings *a, const Strings *b)
{
        size_t n = 0;

        while (n < a->n && n < b->n && streq(a->items[a->n - 1 - n], b->items[b->n - 1 - n]))
                n++;
        return n;
}

/* True if both images name a base, and not the same one. */
static bool is_other_base(const ImageFacts *a, const ImageFacts *b)
{
        const char *x = image_facts_get(a, "org.opencontainers.image.base.digest");
        const char *y = image_facts_get(b, "org.opencontainers.image.base.digest");

        return x && y && !streq(x, y);
}

/* Compares the images of one platform. Layers of a base come first: the same first layer means the
 * same base, unless the images name different ones. */
static ImageChange compare_images(const ImageFacts *a, const ImageFacts *b)
{
        bool is_base;

        if (!a || !b || a->is_cut || b->is_cut || !a->config || !b->config)
                return IMAGE_CHANGE_UNKNOWN;
        if (a->layers.n == b->layers.n && common_start(&a->layers, &b->layers) == a->layers.n)
                return IMAGE_CHANGE_LABELS;
        is_base = is_other_base(a, b) || common_start(&a->layers, &b->layers) == 0;
        if (!is_base)
                return IMAGE_CHANGE_OWN;
        return common_end(&a->layers, &b->layers) > 0 ? IMAGE_CHANGE_BASE : IMAGE_CHANGE_ALL;
}

/* Combines the changes of two platforms. */
static ImageChange combine(ImageChange a, ImageChange b)
{
        if (a == IMAGE_CHANGE_UNKNOWN || b == IMAGE_CHANGE_UNKNOWN)
                return IMAGE_CHANGE_UNKNOWN;
        if ((a == IMAGE_CHANGE_BASE && b == IMAGE_CHANGE_OWN) ||
            (a == IMAGE_CHANGE_OWN && b == IMAGE_CHANGE_BASE))
                return IMAGE_CHANGE_ALL;
        return MAX(a, b);
}

static bool has_same_texts(const Pairs *a, const Pairs *b)
{
        bool is_same = a->n == b->n;

        for (size_t i = 0; i < a->n && is_same; i++)
                is_same = streq(a->items[i].key, b->items[i].key) &&
                          streq(a->items[i].value, b->items[i].value);
        return is_same;
}

/* Compares two indexes with the same images of platforms. */
static ImageChange compare_indexes(const ChangedImage *from, const ChangedImage *to)
{
        const ImageFacts *a = image_facts_find(&from->facts, from->digest);
        const ImageFacts *b = image_facts_find(&to->facts, to->digest);

        if (!a || !b || a->is_cut || b->is_cut)
                return IMAGE_CHANGE_UNKNOWN;
        return has_same_texts(&a->annotations, &b->annotations) ? IMAGE_CHANGE_ATTESTATIONS
                                                                : IMAGE_CHANGE_LABELS;
}

ImageChange image_change(const ChangedImage *from, const ChangedImage *to)
{
        ImageChange ret = IMAGE_CHANGE_ATTESTATIONS;
        bool is_same = true;

        if (from->platforms.n == 0 && to->platforms.n == 0)
                return compare_images(image_facts_find(&from->facts, from->digest),
                                      image_facts_find(&to->facts, to->digest));
        if (from->platforms.n == 0 || to->platforms.n == 0)
                return IMAGE_CHANGE_UNKNOWN; /* an image without an index has one platform, too */
        if (from->platforms.n != to->platforms.n)
                return IMAGE_CHANGE_PLATFORMS;
        for (size_t i = 0; i < to->platforms.n; i++) {
                const PlatformDigest *now = &to->platforms.items[i];
                const PlatformDigest *before =
                        platform_digests_find(&from->platforms, now->platform);

                /* an index may have several images of a platform, so each must be looked up */
                if (!before ||
                    !platform_digests_find(&to->platforms, from->platforms.items[i].platform))
                        return IMAGE_CHANGE_PLATFORMS;
                if (streq(now->digest, before->digest))
                        continue;
                is_same = false;
                ret = combine(ret, compare_images(image_facts_find(&from->facts, before->digest),
                                                  image_facts_find(&to->facts, now->digest)));
        }
        return is_same ? compare_indexes(from, to) : ret;
}
