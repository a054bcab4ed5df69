#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>

char *text_printf(const char *format, ...)
{
        char *text = NULL;
        va_list ap;
        int r;

        va_start(ap, format);
        r = vasprintf(&text, format, ap);
        va_end(ap);
        return r < 0 ? NULL : text;
}
