#pragma once

/* Allocates texts, and checks texts from outside. */

#include <stdbool.h>
#include <stddef.h>

#include "base/macros.h"

/* Formats like printf(). Returns malloc()ed text, or NULL if memory ran out. */
char *text_printf(const char *format, ...) _printf_(1, 2);

/* True if text begins with beginning, or is equal to it. */
bool text_begins_with(const char *text, const char *beginning);

/* True if text is longer than end and ends with it. */
bool text_ends_with(const char *text, const char *end);

/* Writes bytes as hexadecimal digits in lower case, and a NUL. ret has room for 2 * size + 1. */
void text_hex(const unsigned char *data, size_t size, char *ret);

/* Returns the lower case of an ASCII letter, in every locale. */
static inline char text_lower(char c)
{
        return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

/* True for a-z and 0-9, in every locale. For short texts this is faster than strspn(), which makes
 * a table of the allowed characters in each call. */
static inline bool text_is_lower_or_digit(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Returns the ending of a noun after a number: "" after 1, else "s". */
static inline const char *text_plural(size_t n)
{
        return n == 1 ? "" : "s";
}

/* Returns the separator before item i of a list of n items in a sentence: "" before the first item,
 * `last` (such as " and ") before the last one, ", " before the others. */
static inline const char *text_separator(size_t i, size_t n, const char *last)
{
        return i == 0 ? "" : i + 1 == n ? last : ", ";
}

/* The control characters that a text may contain. */
typedef enum TextLines {
        /* no control character, and no bidirectional control; for text that tables show */
        TEXT_ONE_LINE,
        TEXT_LINES, /* line feed and tab */
} TextLines;

/* The first character of a text that is not allowed. */
typedef struct TextFault {
        size_t offset;   /* in bytes */
        const char *why; /* such as "control character" or "invalid UTF-8"; static */
        char name[16];   /* "U+009B", or "byte 0xFF" for invalid UTF-8 */
} TextFault;

/* Checks a text from outside before it is written to lockfiles, events or terminals. The text must
 * be valid UTF-8 (RFC 3629) without C0 and C1 control characters, DEL, the line separators U+2028
 * and U+2029, and noncharacters such as U+FFFE. A text of one line must not hold U+202A to U+202E
 * and U+2066 to U+2069 either, which reorder the text around them; the marks U+200E, U+200F and
 * U+061C are ordinary in text from right to left. Returns false and describes the first character
 * that is not allowed in *ret_fault. ret_fault may be NULL. size counts bytes; a NUL is a control
 * character. */
bool text_is_printable(const char *text, size_t size, TextLines lines, TextFault *ret_fault);
