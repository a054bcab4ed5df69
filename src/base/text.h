#pragma once

/* Texts on the heap. */

#include "base/macros.h"

/* malloc()ed; NULL without memory. Unlike asprintf() it leaves nothing behind that must not be
 * freed. */
char *text_printf(const char *format, ...) _printf_(1, 2);
