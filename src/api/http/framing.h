#pragma once

/* The framing of a request: what its head looked like on the wire.
 *
 * libmicrohttpd decodes a request in place and hands out C strings. A NUL, a folded line or a bare
 * line feed is lost on the way, and a proxy in front may have seen another request than relman
 * does. The check refuses every head that RFC 9112 does not allow. */

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

/* The target of a request line before it is decoded. Belongs to a connection. */
typedef struct RawTarget {
        const char *start;
        size_t size;
        const char *fault; /* what is wrong with it; NULL: nothing */
} RawTarget;

/* Notes a target. Called before the library splits and decodes it. */
void raw_target_note(RawTarget *raw, const char *target);

/* The path of a decoded target without its query. A target may be in absolute form, with a host
 * before its path, which counts instead of the Host field and is as little looked at (RFC 9112,
 * 3.2.2). */
const char *target_path(const char *target);

/* The arguments of the library's access handler, and what was noted before. */
typedef struct RawHead {
        struct MHD_Connection *connection;
        const RawTarget *target;
        const char *method, *path, *version;
} RawHead;

/* Checks a head. Returns 0, or the status to refuse the request with and the reason in ret_why. */
unsigned framing_check(const RawHead *head, const char **ret_why);
