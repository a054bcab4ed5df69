/* Tests what is said to differ between two images. */

#include "model/image-change.h"
#include "unit.h"

#define N_MAX 8

/* The facts of an image. Each letter of `layers` is the digest of a layer. */
typedef struct Image {
        const char *layers; /* letters; NULL: no facts are kept */
        const char *base;   /* digest of the base; NULL: not named */
        bool is_cut;
} Image;

typedef struct Kept {
        ImageFacts facts[N_MAX];
        const char *layers[N_MAX][N_MAX];
        char names[N_MAX][N_MAX][2];
        Pair bases[N_MAX];
        PlatformDigest platforms[N_MAX];
        ChangedImage image;
} Kept;

static void add_image(Kept *kept, const char *digest, const Image *image)
{
        size_t i = kept->image.facts.n;
        ImageFacts *facts = &kept->facts[i];

        if (!image->layers)
                return;
        *facts = (ImageFacts){ .digest = digest, .config = "c", .is_cut = image->is_cut };
        for (size_t n = 0; image->layers[n]; n++) {
                kept->names[i][n][0] = image->layers[n];
                kept->layers[i][n] = kept->names[i][n];
                facts->layers = (Strings){ kept->layers[i], n + 1 };
        }
        if (image->base) {
                kept->bases[i] = (Pair){ .key = "org.opencontainers.image.base.digest",
                                         .value = image->base };
                facts->annotations = (Pairs){ &kept->bases[i], 1 };
        }
        kept->image.facts = (ImageFactList){ kept->facts, i + 1 };
}

static void test_one_image(void **state)
{
        static const struct {
                Image from, to;
                ImageChange wanted;
        } cases[] = {
                { { "abc", NULL, false }, { "abc", NULL, false }, IMAGE_CHANGE_LABELS },
                { { "", NULL, false }, { "", NULL, false }, IMAGE_CHANGE_LABELS },
                { { "abc", NULL, false }, { "abd", NULL, false }, IMAGE_CHANGE_OWN },
                { { "abc", NULL, false }, { "ab", NULL, false }, IMAGE_CHANGE_OWN },
                { { "abc", NULL, false }, { "axc", NULL, false }, IMAGE_CHANGE_OWN },
                { { "abc", NULL, false }, { "xbc", NULL, false }, IMAGE_CHANGE_BASE },
                { { "abc", NULL, false }, { "xyc", NULL, false }, IMAGE_CHANGE_BASE },
                { { "abc", "1", false }, { "axc", "2", false }, IMAGE_CHANGE_BASE },
                { { "abc", "1", false }, { "axy", "2", false }, IMAGE_CHANGE_ALL },
                { { "abc", "1", false }, { "abx", "1", false }, IMAGE_CHANGE_OWN },
                { { "abc", "1", false }, { "abx", NULL, false }, IMAGE_CHANGE_OWN },
                { { "abc", NULL, false }, { "xyz", NULL, false }, IMAGE_CHANGE_ALL },
                { { "a", NULL, false }, { "b", NULL, false }, IMAGE_CHANGE_ALL },
                { { "abc", NULL, false }, { "", NULL, false }, IMAGE_CHANGE_ALL },
                { { NULL, NULL, false }, { "abc", NULL, false }, IMAGE_CHANGE_UNKNOWN },
                { { "abc", NULL, false }, { NULL, NULL, false }, IMAGE_CHANGE_UNKNOWN },
                { { "abc", NULL, true }, { "abc", NULL, false }, IMAGE_CHANGE_UNKNOWN },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Kept from = { .image.digest = "1" }, to = { .image.digest = "2" };
                ImageChange change;

                add_image(&from, "1", &cases[i].from);
                add_image(&to, "2", &cases[i].to);
                change = image_change(&from.image, &to.image);
                assert_case(change == cases[i].wanted, "%zu: %s", i,
                            image_change_to_string(change));
        }
}

/* A platform of an index. */
typedef struct Member {
        const char *platform, *digest;
        Image image;
} Member;

static void fill(Kept *kept, const char *digest, const Member *members, const Image *index)
{
        *kept = (Kept){ .image.digest = digest };
        add_image(kept, digest, index);
        for (size_t i = 0; i < N_MAX && members[i].platform; i++) {
                kept->platforms[i] = (PlatformDigest){ members[i].platform, members[i].digest };
                kept->image.platforms = (PlatformDigests){ kept->platforms, i + 1 };
                add_image(kept, members[i].digest, &members[i].image);
        }
}

#define SAME                                                                                       \
        {                                                                                          \
                "amd64", "s",                                                                      \
                {                                                                                  \
                        "abc", NULL, false                                                         \
                }                                                                                  \
        }

static void test_an_index(void **state)
{
        static const Image plain = { "", NULL, false }, noted = { "", "1", false },
                           unknown = { NULL, NULL, false };
        static const struct {
                Member from[3], to[3];
                const Image *from_index, *to_index;
                ImageChange wanted;
        } cases[] = {
                { { SAME }, { SAME }, &plain, &plain, IMAGE_CHANGE_ATTESTATIONS },
                { { SAME }, { SAME }, &plain, &noted, IMAGE_CHANGE_LABELS },
                { { SAME }, { SAME }, &unknown, &plain, IMAGE_CHANGE_UNKNOWN },
                { { SAME },
                  { SAME, { "arm64", "x", { "abc", NULL, false } } },
                  &plain,
                  &plain,
                  IMAGE_CHANGE_PLATFORMS },
                { { SAME },
                  { { "arm64", "s", { "abc", NULL, false } } },
                  &unknown,
                  &unknown,
                  IMAGE_CHANGE_PLATFORMS },
                /* two images of one platform */
                { { SAME, SAME },
                  { SAME, { "arm64", "s", { "abc", NULL, false } } },
                  &unknown,
                  &unknown,
                  IMAGE_CHANGE_PLATFORMS },
                { { SAME, { "arm64", "s", { "abc", NULL, false } } },
                  { SAME, SAME },
                  &unknown,
                  &unknown,
                  IMAGE_CHANGE_PLATFORMS },
                { { SAME, { "arm64", "x", { "abc", NULL, false } } },
                  { SAME, { "arm64", "y", { "abd", NULL, false } } },
                  &unknown,
                  &plain,
                  IMAGE_CHANGE_OWN },
                { { { "amd64", "v", { "abc", NULL, false } },
                    { "arm64", "x", { "abc", NULL, false } } },
                  { { "amd64", "w", { "xbc", NULL, false } },
                    { "arm64", "y", { "abd", NULL, false } } },
                  &plain,
                  &plain,
                  IMAGE_CHANGE_ALL },
                { { { "amd64", "v", { "abc", NULL, false } },
                    { "arm64", "x", { "abc", NULL, false } } },
                  { { "amd64", "w", { "abc", NULL, false } },
                    { "arm64", "y", { "xbc", NULL, false } } },
                  &plain,
                  &plain,
                  IMAGE_CHANGE_BASE },
                { { { "amd64", "v", { "abc", NULL, false } },
                    { "arm64", "x", { NULL, NULL, false } } },
                  { { "amd64", "w", { "abc", NULL, false } },
                    { "arm64", "y", { "xbc", NULL, false } } },
                  &plain,
                  &plain,
                  IMAGE_CHANGE_UNKNOWN },
                { { SAME },
                  { { NULL, NULL, { NULL, NULL, false } } },
                  &plain,
                  &plain,
                  IMAGE_CHANGE_UNKNOWN },
        };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                Kept from, to;
                ImageChange change;

                fill(&from, "1", cases[i].from, cases[i].from_index);
                fill(&to, "2", cases[i].to, cases[i].to_index);
                change = image_change(&from.image, &to.image);
                assert_case(change == cases[i].wanted, "%zu: %s", i,
                            image_change_to_string(change));
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_one_image),
                cmocka_unit_test(test_an_index),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
