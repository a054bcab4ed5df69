#pragma once

/* Forbids functions that have no safe use here; each line names the replacement. The build includes
 * this header into every file. The system headers come first, because their declarations would be
 * errors after the pragma. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>

/* Only gcc checks these. With _FORTIFY_SOURCE, clang sees some of them as macros, and refuses to
 * poison a macro. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC poison strcpy strcat strncat  /* buffer.h, arena.h: bounded */
#pragma GCC poison sprintf vsprintf       /* snprintf, buffer_printf */
#pragma GCC poison strtok                 /* strchrnul, memchr */
#pragma GCC poison atoi atol atoll        /* parse.h: reports what is wrong */
#pragma GCC poison gmtime localtime ctime /* time.h: no static buffer, always UTC */
#pragma GCC poison mktemp tmpnam tempnam  /* file.h */
#pragma GCC poison system popen           /* no shell, ever */
#pragma GCC poison select                 /* sd-event */
#endif
