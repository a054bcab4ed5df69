/* Tests the search for releases by layer and by base image against a simple model, with random
 * releases, facts and deletions. */

#include <sqlite3.h>
#include <stdlib.h>

#include "fixture.h"
#include "model/changes/changes-images.h"
#include "store/images.h"
#include "store/releases.h"
#include "store/sqlite/sqlite.h"
#include "unit.h"

#define N_RELEASES 8
#define N_IMAGES   6
#define N_PARTS    3 /* an index, and two platforms */
#define N_BASES    2
#define N_LAYERS   4 /* kinds of layers, see layers_of() */
#define N_STEPS    400

typedef struct Truth {
        bool has_release[N_RELEASES];
        bool has_image[N_RELEASES][N_IMAGES];
        bool has_facts[N_IMAGES][N_PARTS]; /* by digest: see canonical() */
} Truth;

static Arena arena;
static Store *store;
static Truth truth;

static const char *digest_of(const char *what, size_t a, size_t b)
{
        return arena_printf(&arena, "sha256:%02x%030zx%032zx", (unsigned char)*what, a, b);
}

/* Two images share the digest of their last platform. */
static size_t canonical(size_t image, size_t part)
{
        return part == N_PARTS - 1 ? image / 2 * 2 : image;
}

static const char *image_digest(size_t image, size_t part)
{
        return digest_of("image", canonical(image, part), part);
}

static const char *base_digest(size_t base)
{
        return digest_of("base", base, 0);
}

/* The layers of a digest: one of all images with a base, one of two images, and one that no other
 * has. The second and the fourth are equal. */
static void layers_of(size_t image, size_t part, const char *ret[N_LAYERS])
{
        size_t of = canonical(image, part);

        ret[0] = digest_of("layer", 100 + of % N_BASES, 0);
        ret[1] = ret[3] = digest_of("layer", of / 2, 1);
        ret[2] = digest_of("layer", of, 2 + part);
}

/* --- changes ---------------------------------------------------------------------------------- */

static void apply(Changes *changes)
{
        Error error = { 0 };

        assert_case(store_apply(store, changes, &error) == 0, "%s", error_message(&error));
        changes_done(changes);
}

static Uuid release_id(size_t release)
{
        return object_id(KIND_RELEASE, "default", arena_printf(&arena, "r%zu", release));
}

static bool is_needed(size_t image, size_t part)
{
        for (size_t r = 0; r < N_RELEASES; r++)
                for (size_t i = 0; i < N_IMAGES; i++)
                        if (truth.has_image[r][i] && canonical(i, part) == canonical(image, part))
                                return true;
        return false;
}

/* Facts are deleted with the last release that needs them. */
static void forget_unneeded(void)
{
        for (size_t i = 0; i < N_IMAGES; i++)
                for (size_t part = 0; part < N_PARTS; part++)
                        if (!is_needed(i, part))
                                truth.has_facts[canonical(i, part)][part] = false;
}

static void put_release(size_t release)
{
        PlatformDigest platforms[N_IMAGES][N_PARTS - 1];
        ReleaseComponent components[N_IMAGES];
        Release row = { .id = release_id(release),
                        .tenant = "default",
                        .name = arena_printf(&arena, "r%zu", release),
                        .display_name = "",
                        .status = RELEASE_READY,
                        .components = { components, 0 },
                        .created_at = FIXTURE_TIME,
                        .updated_at = FIXTURE_TIME,
                        .spec_digest = DIGEST_A };
        bool is_wanted[N_IMAGES];
        Changes changes;

        /* The rows of components that the release has no more are deleted first. */
        for (size_t i = 0; i < N_IMAGES; i++) {
                is_wanted[i] = rand() % 3 == 0;
                truth.has_image[release][i] = truth.has_image[release][i] && is_wanted[i];
        }
        forget_unneeded();
        for (size_t i = 0; i < N_IMAGES; i++) {
                truth.has_image[release][i] = is_wanted[i];
                if (!truth.has_image[release][i])
                        continue;
                platforms[i][0] = (PlatformDigest){ "linux/amd64", image_digest(i, 1) };
                platforms[i][1] = (PlatformDigest){ "linux/arm64", image_digest(i, 2) };
                components[row.components.n] = (ReleaseComponent){
                        .component_id = arena_printf(&arena, "c%zu", i),
                        .component_name = arena_printf(&arena, "c%zu", i),
                        .repository = "r/1",
                        .digest = image_digest(i, 0),
                        .media_type = "m",
                        .platforms = { platforms[i], N_PARTS - 1 },
                };
                row.components.n++;
        }
        truth.has_release[release] = true;
        changes_init(&changes);
        changes_put_tenant(&changes, "default", FIXTURE_TIME);
        changes_put_release(&changes, &row, NULL);
        apply(&changes);
}

static void delete_release(size_t release)
{
        Changes changes;

        truth.has_release[release] = false;
        memset(truth.has_image[release], 0, sizeof(truth.has_image[release]));
        changes_init(&changes);
        changes_delete_object(&changes, KIND_RELEASE, release_id(release).text);
        apply(&changes);
}

static void put_facts(size_t image, size_t part)
{
        const char *layers[N_LAYERS];
        Pair annotation = { "org.opencontainers.image.base.digest",
                            base_digest(canonical(image, part) % N_BASES) };
        Pair label = { "=odd", "=" };
        const ImageFacts facts = { .digest = image_digest(image, part),
                                   .media_type = "m",
                                   .config = DIGEST_A,
                                   .layers = { layers, N_LAYERS },
                                   .annotations = { &annotation, 1 },
                                   .has_config = true,
                                   .labels = { &label, 1 } };
        Changes changes;

        layers_of(image, part, layers);
        changes_init(&changes);
        changes_put_image(&changes, &facts);
        apply(&changes);
        truth.has_facts[canonical(image, part)][part] = true;
}

/* --- comparison ------------------------------------------------------------------------------- */

static bool has(size_t release, const char *layer, const char *base)
{
        for (size_t i = 0; i < N_IMAGES; i++)
                for (size_t part = 0; part < N_PARTS && truth.has_image[release][i]; part++) {
                        const char *layers[N_LAYERS];

                        if (!truth.has_facts[canonical(i, part)][part])
                                continue;
                        layers_of(i, part, layers);
                        for (size_t n = 0; n < N_LAYERS && layer; n++)
                                if (streq(layers[n], layer))
                                        return true;
                        if (base && streq(base, base_digest(canonical(i, part) % N_BASES)))
                                return true;
                }
        return false;
}

static void check(const char *layer, const char *base, unsigned step)
{
        const ReleaseFilter filter = { .tenant = "default", .layer = layer, .base = base };
        const Page page = { .limit = 3, .offset = rand() % 3 };
        const char *found = "";
        Error error = { 0 };
        int64_t total = 0;
        Releases releases;

        for (size_t r = 0; r < N_RELEASES; r++)
                total += has(r, layer, base);
        assert_case(store_search(store, &filter, &page, &arena, &releases, &error) == 0, "%s",
                    error_message(&error));
        assert_case(releases.total == total, "step %u: %lld releases, not %lld", step,
                    (long long)releases.total, (long long)total);
        assert_int_equal(releases.n, MAX(MIN(total - page.offset, page.limit), 0));
        for (size_t i = 0; i < releases.n; i++) {
                size_t release = (size_t)(releases.items[i].name[1] - '0');

                assert_case(has(release, layer, base), "step %u: %s", step, releases.items[i].name);
                assert_case(!strstr(found, releases.items[i].name), "step %u", step);
                found = arena_printf(&arena, "%s %s", found, releases.items[i].name);
        }
}

static void check_facts(size_t image, size_t part)
{
        const PlatformDigests none = { 0 };
        _cleanup_(buffer_done) Buffer keys;
        const char *layers[N_LAYERS];
        Error error = { 0 };
        ImageFactList list;

        buffer_init(&keys, 1000);
        image_keys_add(&keys, image_digest(image, part), &none);
        assert_int_equal(store_images(store, &keys, &arena, &list, &error), 0);
        assert_int_equal(list.n, truth.has_facts[canonical(image, part)][part]);
        if (list.n == 0)
                return;
        layers_of(image, part, layers);
        assert_int_equal(list.items[0].layers.n, N_LAYERS);
        for (size_t i = 0; i < N_LAYERS; i++)
                assert_string_equal(list.items[0].layers.items[i], layers[i]);
        assert_string_equal(image_facts_get(&list.items[0], "org.opencontainers.image.base.digest"),
                            base_digest(canonical(image, part) % N_BASES));
        assert_string_equal(image_facts_get(&list.items[0], "=odd"), "=");
}

/* Returns the number of rows that a condition finds. */
static int count(const char *rows)
{
        const char *sql = arena_printf(&arena, "SELECT count(*) FROM %s", rows);
        sqlite3_stmt *stmt;
        int n;

        assert_case(sqlite3_prepare_v2(sqlite_store(store)->db, sql, -1, &stmt, NULL) == SQLITE_OK,
                    "%s", sql);
        assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
        n = sqlite3_column_int(stmt, 0);
        sqlite3_finalize(stmt);
        return n;
}

static void check_rows(unsigned step)
{
        static const char *const unused[] = {
                "layers WHERE id NOT IN (SELECT layer FROM image_layers)",
                "image_layers WHERE image NOT IN (SELECT id FROM image_facts)",
                "image_bases WHERE id NOT IN (SELECT base FROM image_facts)",
                "image_uses WHERE (image, release) NOT IN (SELECT i.id, r.number FROM image_facts i "
                "JOIN release_digests d ON d.digest = i.digest JOIN release_components c ON c.digest "
                "= d.of_digest JOIN releases r ON r.id = c.release_id)",
        };

        for (size_t i = 0; i < ARRAY_SIZE(unused); i++)
                assert_case(count(unused[i]) == 0, "step %u: %s", step, unused[i]);
        assert_int_equal(count("layers"), count("(SELECT DISTINCT digest FROM layers)"));
        assert_int_equal(count("releases"), count("(SELECT DISTINCT number FROM releases)"));
}

static void test_a_search_finds_the_releases_with_a_layer_or_base(void **state)
{
        (void)state;
        srand(7);
        for (unsigned step = 0; step < N_STEPS; step++) {
                size_t release = (size_t)rand() % N_RELEASES, image = (size_t)rand() % N_IMAGES;
                const char *layers[N_LAYERS];

                switch (rand() % 4) {
                case 0: put_release(release); break;
                case 1:
                        if (truth.has_release[release])
                                delete_release(release);
                        break;
                default: put_facts(image, (size_t)rand() % N_PARTS);
                }
                forget_unneeded();
                check_rows(step);
                layers_of(image, step % N_PARTS, layers);
                for (size_t i = 0; i < N_LAYERS; i++)
                        check(layers[i], NULL, step);
                check(NULL, base_digest(step % N_BASES), step);
                check_facts(image, step % N_PARTS);
        }
        for (size_t r = 0; r < N_RELEASES; r++)
                if (truth.has_release[r])
                        delete_release(r);
        assert_int_equal(count("image_facts") + count("layers") + count("image_layers") +
                                 count("image_bases") + count("image_uses"),
                         0);
}

static int set_up(void **state)
{
        Error error = { 0 };

        (void)state;
        arena_init(&arena, TEST_ARENA_MAX);
        return store_open(&(StoreOptions){ .path = ":memory:" }, &store, &error);
}

static int tear_down(void **state)
{
        (void)state;
        store_close(store);
        arena_done(&arena);
        return 0;
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_a_search_finds_the_releases_with_a_layer_or_base),
        };

        return cmocka_run_group_tests(tests, set_up, tear_down);
}
