#pragma once

/* Macros for all folders. A local variable that owns something is declared with _cleanup_, which
 * frees it at the end of its scope. TAKE() passes the ownership on. */

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define _cleanup_(function)     __attribute__((__cleanup__(function)))
#define _printf_(format, first) __attribute__((__format__(__printf__, format, first)))
#define _unused_                __attribute__((__unused__))
#define _warn_unused_           __attribute__((__warn_unused_result__))

/* Returns the pointer and sets its variable to NULL, so that the clean-up of the variable frees
 * nothing. */
#define TAKE(pointer)                                                                              \
        __extension__({                                                                            \
                __typeof__(pointer) *take_from_ = &(pointer);                                      \
                __typeof__(pointer) take_value_ = *take_from_;                                     \
                *take_from_ = NULL;                                                                \
                take_value_;                                                                       \
        })

/* Same as TAKE(), for a file descriptor. */
#define TAKE_FD(fd)                                                                                \
        __extension__({                                                                            \
                int *take_from_ = &(fd), take_value_ = *take_from_;                                \
                *take_from_ = -1;                                                                  \
                take_value_;                                                                       \
        })

/* Defines FUNCTIONp() for _cleanup_: it calls the destructor FUNCTION(), which must return NULL, on
 * a pointer that is not NULL. */
#define DEFINE_FREEP(type, function)                                                               \
        _unused_ static inline void function##p(type **pointer)                                    \
        {                                                                                          \
                if (*pointer)                                                                      \
                        *pointer = function(*pointer);                                             \
        }

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define CONCAT_(a, b) a##b
#define CONCAT(a, b)  CONCAT_(a, b)

/* Evaluates each argument once. The names of the variables are new in each expansion, so that MIN()
 * works as an argument of MIN(). */
#define PICK_(a, b, op, x, y)                                                                      \
        ({                                                                                         \
                __typeof__(1 ? (a) : (b)) x = (a), y = (b);                                        \
                x op y ? x : y;                                                                    \
        })
#define PICK(a, b, op, n) PICK_(a, b, op, CONCAT(pick_x_, n), CONCAT(pick_y_, n))
#ifdef __cppcheck__ /* cppcheck cannot parse a statement expression as an operand */
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))
#else
#define MIN(a, b) PICK(a, b, <, __COUNTER__)
#define MAX(a, b) PICK(a, b, >, __COUNTER__)
#endif

/* True if two texts are equal. Compares the first byte inline, because most texts differ there. */
static inline bool streq(const char *a, const char *b)
{
        return *a == *b && strcmp(a, b) == 0;
}

/* True if both are NULL, or both are the same text. */
static inline int str_equal(const char *a, const char *b)
{
        return a == b || (a && b && streq(a, b));
}

/* Frees malloc()ed memory, for use with _cleanup_. */
static inline void freep(void *pointer)
{
        free(*(void **)pointer);
}
