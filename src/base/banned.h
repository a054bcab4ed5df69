#pragma once

/* Force-included into every file: functions that have no safe use here, each with what to use
 * instead. The system headers come first, so that only uses are poisoned, not declarations. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>

/* Only gcc checks these: clang defines some of them as macros when it fortifies, and then refuses
 * to poison them. */
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
