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

/* Only for gcc: with _FORTIFY_SOURCE, some of these names are macros under clang, which refuses to
 * poison a macro. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC poison strcpy strcat strncat  /* use buffer.h, arena.h */
#pragma GCC poison sprintf vsprintf       /* use snprintf, buffer_printf */
#pragma GCC poison strtok                 /* use strchrnul, memchr */
#pragma GCC poison atoi atol atoll        /* use parse.h */
#pragma GCC poison gmtime localtime ctime /* use base/time.h */
#pragma GCC poison mktemp tmpnam tempnam  /* use base/file.h */
#pragma GCC poison system popen           /* use process.h: no shell */
#pragma GCC poison select                 /* use sd-event */
#endif
