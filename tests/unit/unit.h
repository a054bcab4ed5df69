#pragma once

/* Included by every unit test: cmocka with the headers that it requires, and helpers for tests. */

/* clang-format off */
#include <setjmp.h> /* cmocka.h requires these four headers before it */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/macros.h"

#define TEST_ARENA_MAX ((size_t)64 * 1024 * 1024)

static inline int test_remove_one(const char *path, const struct stat *st, int type,
                                  struct FTW *where)
{
        (void)st, (void)type, (void)where;
        return remove(path);
}

/* Defines the main function of a test program. tests is an array of cases. set_up runs before all
 * cases, and tear_down after all; both may be NULL. */
#define TEST_PROGRAM(name, tests, set_up, tear_down)                                               \
        int main(void)                                                                             \
        {                                                                                          \
                return cmocka_run_group_tests_name(name, tests, set_up, tear_down);                \
        }

/* Defines an arena for all cases of a program, and the functions that make and release it. */
#define TEST_ARENA(arena, set_up, tear_down)                                                       \
        static Arena arena;                                                                        \
                                                                                                   \
        static int set_up(void **state)                                                            \
        {                                                                                          \
                (void)state;                                                                       \
                arena_init(&(arena), TEST_ARENA_MAX);                                              \
                return 0;                                                                          \
        }                                                                                          \
                                                                                                   \
        static int tear_down(void **state)                                                         \
        {                                                                                          \
                (void)state;                                                                       \
                arena_done(&(arena));                                                              \
                return 0;                                                                          \
        }

/* Removes a folder and its contents. */
static inline int test_remove_tree(const char *folder)
{
        return nftw(folder, test_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Returns random numbers (xorshift64*), which are the same in every run with the same *state. */
static inline uint64_t test_random(uint64_t *state)
{
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        return *state * 0x2545f4914f6cdd1dU;
}

/* If the condition is false, prints the text, which should name the case of a table, and fails. */
#define assert_case(condition, ...)                                                                \
        do {                                                                                       \
                if (!(condition)) {                                                                \
                        print_error(__VA_ARGS__);                                                  \
                        print_error("\n");                                                         \
                        fail();                                                                    \
                }                                                                                  \
        } while (0)
