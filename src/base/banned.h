#pragma once

/* Force-included into every file: functions that have no safe use here, each with what to use
 * instead. The system headers come first, so that only uses are poisoned, not declarations. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>

/* clang has some of them as macros where it fortifies, and refuses to poison those: gcc looks for
 * all. */
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC poison strcpy strcat strncat  /* buffer.h, arena.h: bounded */
#pragma GCC poison sprintf vsprintf       /* snprintf, buffer_printf */
#pragma GCC poison strtok                 /* strchrnul, memchr */
#pragma GCC poison atoi atol atoll        /* parse.h: says what is wrong */
#pragma GCC poison gmtime localtime ctime /* time.h: no static buffer, always UTC */
#pragma GCC poison mktemp tmpnam tempnam  /* file.h */
#pragma GCC poison system popen           /* no shell, ever */
#pragma GCC poison select                 /* sd-event */
#endif
