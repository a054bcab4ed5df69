/* Tests arena, buffer, quota, map, vector and sorting: limits, and correct results for any order of
 * calls. */

#include <errno.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/map.h"
#include "base/sort.h"
#include "base/vec.h"
#include "unit.h"

static void test_an_arena_gives_aligned_zeroed_memory_up_to_its_limit(void **state)
{
        Arena arena;
        size_t n = 0;

        (void)state;
        arena_init(&arena, 100000);
        for (size_t size = 0;; size = (size + 7) % 300) {
                unsigned char *p = arena_alloc(&arena, size);

                if (!p)
                        break;
                assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
                for (size_t i = 0; i < size; i++)
                        assert_int_equal(p[i], 0);
                memset(p, 0xff, size);
                n++;
        }
        assert_true(n > 100 && arena.used <= 100000);
        assert_true(arena.failed && arena.full);
        assert_null(arena_alloc_array(&arena, SIZE_MAX / 2, 4));
        arena_clear(&arena);
        assert_false(arena.failed || arena.full);
        assert_string_equal(arena_printf(&arena, "%d-%s", 7, "x"), "7-x");
        assert_string_equal(arena_strndup(&arena, "abcdef", 3), "abc");
        arena_done(&arena);
}

/* Tests sizes near the free space of a buffer, and near the size that an arena formats without a
 * second pass. */
static void test_formatted_texts_of_every_size_are_complete(void **state)
{
        char text[301] = "";
        Arena arena;

        (void)state;
        arena_init(&arena, (size_t)1024 * 1024);
        for (size_t size = 0; size + 1 < sizeof(text); size++) {
                for (size_t before = 0; before < 70; before += 23) {
                        _cleanup_(buffer_done) Buffer buffer;

                        buffer_init(&buffer, 1024);
                        for (size_t i = 0; i < before; i++)
                                (void)buffer_putc(&buffer, '.');
                        assert_int_equal(buffer_printf(&buffer, "%s", text), 0);
                        assert_int_equal(buffer.size, before + size);
                        assert_string_equal(buffer.data + before, text);
                }
                assert_string_equal(arena_printf(&arena, "%s", text), text);
                text[size] = (char)('a' + size % 26);
        }
        arena_done(&arena);
}

static void test_a_buffer_remembers_that_it_failed(void **state)
{
        Buffer buffer;

        (void)state;
        buffer_init(&buffer, 10);
        assert_string_equal(buffer.data, "");
        assert_int_equal(buffer_puts(&buffer, "12345"), 0);
        assert_int_equal(buffer_printf(&buffer, "%s", "6789012"), -EFBIG);
        assert_int_equal(buffer_putc(&buffer, 'x'), -EFBIG);
        assert_string_equal(buffer.data, "12345");
        assert_null(buffer_take(&buffer));
        buffer_clear(&buffer);
        assert_int_equal(buffer_puts(&buffer, "1234567890"), 0);
        assert_int_equal(buffer.size, 10);
        buffer_done(&buffer);
}

/* Moves a quota between two parents that have a common parent. The parents do not count its assured
 * part. */
static void test_what_is_held_moves_to_another_parent_or_stays(void **state)
{
        Quota all = { .max = 1000 }, one = { .parent = &all, .max = 1000 },
              other = { .parent = &all, .max = 100 };
        Quota quota = { .parent = &one, .max = 1000, .assured = 50 };

        (void)state;
        assert_true(quota_take(&quota, 120));
        assert_int_equal(one.used, 70);
        assert_true(quota_move(&quota, &other));
        assert_int_equal(one.used, 0);
        assert_int_equal(other.used, 70);
        assert_int_equal(all.used, 70);
        assert_true(quota_move(&quota, &one));
        assert_true(quota_take(&quota, 100));
        assert_false(quota_move(&quota, &other)); /* 170 is more than the limit of `other` */
        assert_true(quota.is_short);
        assert_int_equal(one.used, 170);
        assert_int_equal(other.used, 0);
        quota_give(&quota, 220);
        assert_int_equal(one.used + other.used + all.used + quota.used, 0);
}

static void test_a_quota_distinguishes_what_never_fits_from_what_does_not_fit_now(void **state)
{
        Quota all = { .max = 1000 }, share = { .parent = &all, .max = 600 };
        Quota quota = { .parent = &share, .max = 1000, .assured = 50 },
              other = { .parent = &all, .max = 1000 };
        static const struct {
                size_t held, of_others, asked;
                bool fits, never;
        } cases[] = {
                { 0, 0, 650, true, false },      { 0, 0, 651, false, true },
                { 600, 0, 50, true, false },     { 600, 0, 51, false, true },
                { 0, 400, 650, true, false },    { 0, 401, 650, false, false },
                { 0, 900, 650, false, false },   { 0, 900, 651, false, true },
                { 0, 0, SIZE_MAX, false, true }, { 10, 0, SIZE_MAX, false, true },
                { 10, 900, 100, true, false },   { 50, 1000, 1, false, false },
        };

        (void)state;
        assert_int_equal(quota_limit(&all), 1000);
        assert_int_equal(quota_limit(&share), 600);
        assert_int_equal(quota_limit(&quota), 650);
        assert_int_equal(quota_limit(&(Quota){ .parent = &share, .max = 100, .assured = 50 }), 100);
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                assert_true(quota_take(&quota, cases[i].held));
                assert_true(quota_take(&other, cases[i].of_others));
                assert_case(quota_take(&quota, cases[i].asked) == cases[i].fits &&
                                    quota.is_over == cases[i].never &&
                                    quota.is_short == !cases[i].fits,
                            "case %zu", i);
                quota_give(&quota, quota.used);
                quota_give(&other, other.used);
                quota.is_short = quota.is_over = false;
        }
        assert_int_equal(all.used + share.used, 0);
}

static void test_what_shares_a_quota_stays_within_it(void **state)
{
        Quota all = { .max = 50000 }, one = { .parent = &all, .max = 40000, .assured = 4000 },
              other = { .parent = &all, .max = 30000 };
        Buffer buffer;
        Arena arena;

        (void)state;
        buffer_init(&buffer, SIZE_MAX / 4);
        buffer.quota = &one;
        arena_init(&arena, SIZE_MAX / 4);
        arena.quota = &other;
        while (arena_alloc(&arena, 100))
                assert_true(all.used <= all.max && other.used <= other.max);
        assert_true(arena.failed && other.is_short && !one.is_short);
        assert_true(other.used > 25000 && all.used == other.used);
        while (buffer_append(&buffer, "0123456789", 10) == 0)
                assert_true(all.used <= all.max && one.used <= one.max);
        assert_int_equal(buffer.failed, -ENOMEM);
        assert_true(one.is_short && all.used == other.used + one.used - one.assured);
        buffer.failed = 0;
        buffer_trim(&buffer);
        assert_int_equal(one.used, buffer.size + 1);
        assert_int_equal(strlen(buffer.data), buffer.size);
        arena_clear(&arena);
        assert_int_equal(other.used, 0);
        assert_non_null(arena_alloc(&arena, 100));
        buffer_done(&buffer);
        arena_done(&arena);
        assert_int_equal(one.used + other.used + all.used, 0);
        assert_int_equal(buffer_puts(&buffer, "still its quota"), 0);
        assert_true(one.used > 0);
        free(buffer_take(&buffer));
        assert_int_equal(one.used, 0);
}

static void test_a_map_agrees_with_a_list(void **state)
{
        enum {
                N = 2000
        };
        static char keys[N][12];
        static void *values[N];
        Map map = { 0 };
        uint64_t seed = 42;
        size_t n = 0;

        (void)state;
        for (size_t i = 0; i < N; i++)
                (void)snprintf(keys[i], sizeof(keys[i]), "key-%zu", i);
        for (size_t step = 0; step < 40000; step++) {
                size_t i = test_random(&seed) % N;

                if (test_random(&seed) % 3 > 0) {
                        int r = map_put(&map, keys[i], &keys[step % N], NULL);

                        assert_int_equal(r, values[i] ? 0 : 1);
                        n += !values[i];
                        values[i] = &keys[step % N];
                } else {
                        assert_ptr_equal(map_remove(&map, keys[i]), values[i]);
                        n -= values[i] != NULL;
                        values[i] = NULL;
                }
        }
        assert_int_equal(map.n, n);
        for (size_t i = 0; i < N; i++) {
                assert_ptr_equal(map_get(&map, keys[i]), values[i]);
                assert_int_equal(map_has(&map, keys[i]), values[i] != NULL);
        }
        n = 0;
        map_foreach (&map, entry) {
                assert_non_null(entry->key);
                n++;
        }
        assert_int_equal(map.n, n);
        map_done(&map);
}

static void test_a_map_goes_in_order_of_insertion(void **state)
{
        static const char *const keys[] = { "c", "a", "b", "d" };
        Map map = { 0 };
        void *old = NULL;
        char order[8] = "";
        size_t n = 0;

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
                assert_int_equal(map_put(&map, keys[i], &map, NULL), 1);
        assert_int_equal(map_put(&map, "a", order, &old), 0);
        assert_ptr_equal(old, &map);
        assert_non_null(map_remove(&map, "b"));
        assert_null(map_remove(&map, "b"));
        map_foreach (&map, entry)
                order[n++] = entry->key[0];
        assert_string_equal(order, "cad");
        map_done(&map);
}

static void test_a_vector_doubles_and_refuses_overflow(void **state)
{
        int *items = NULL;
        size_t capacity = 0;

        (void)state;
        for (size_t n = 0; n < 1000; n++) {
                assert_int_equal(vec_reserve(&items, &capacity, n + 1, sizeof(*items)), 0);
                items[n] = (int)n;
        }
        assert_int_equal(items[999], 999);
        assert_int_equal(vec_reserve(&items, &capacity, SIZE_MAX / 2, sizeof(*items)), -ENOMEM);
        assert_int_equal(items[500], 500);
        free(items);
}

typedef struct Sorted {
        unsigned key, position;
} Sorted;

static size_t n_compared;

static int compare_keys(const void *a, const void *b)
{
        const Sorted *x = a, *y = b;

        n_compared++;
        return (x->key > y->key) - (x->key < y->key);
}

static void test_pointers_are_sorted_in_steps_and_stay_in_order_where_they_are_equal(void **state)
{
        static Sorted items[5000];
        static const size_t sizes[] = { 0, 1, 2, 3, 1000, 1024, ARRAY_SIZE(items) };

        (void)state;
        for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
                size_t n = sizes[i], n_steps = 1;
                Sorting sorting;

                n_compared = 0;
                assert_int_equal(sorting_init(&sorting, n), 0);
                for (size_t j = 0; j < n; j++) {
                        items[j] = (Sorted){ (unsigned)(j * 7919 % 613), (unsigned)j };
                        sorting.items[j] = &items[j];
                }
                while (sorting_step(&sorting, compare_keys, 0) > 0)
                        n_steps++;
                assert_true(n < 1000 || n_steps > n / 256);
                assert_true(n_compared <= n * 13); /* n is at most 5000, which is less than 2^13 */
                for (size_t j = 1; j < n; j++) {
                        const Sorted *a = sorting.items[j - 1], *b = sorting.items[j];

                        assert_true(a->key < b->key ||
                                    (a->key == b->key && a->position < b->position));
                }
                sorting_done(&sorting);
        }
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_arena_gives_aligned_zeroed_memory_up_to_its_limit),
        cmocka_unit_test(test_formatted_texts_of_every_size_are_complete),
        cmocka_unit_test(test_a_buffer_remembers_that_it_failed),
        cmocka_unit_test(test_what_is_held_moves_to_another_parent_or_stays),
        cmocka_unit_test(test_a_quota_distinguishes_what_never_fits_from_what_does_not_fit_now),
        cmocka_unit_test(test_what_shares_a_quota_stays_within_it),
        cmocka_unit_test(test_a_map_agrees_with_a_list),
        cmocka_unit_test(test_a_map_goes_in_order_of_insertion),
        cmocka_unit_test(test_a_vector_doubles_and_refuses_overflow),
        cmocka_unit_test(test_pointers_are_sorted_in_steps_and_stay_in_order_where_they_are_equal),
};
TEST_PROGRAM("memory", tests, NULL, NULL)
