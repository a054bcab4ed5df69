#pragma once

/* Checks the framing of a request, in the head as it was on the wire.
 *
 * libmicrohttpd decodes a request in place and returns C strings. The strings do not
 * show a NUL, a folded line or a bare line feed. So a proxy may have seen another request than
 * relman does. The check refuses every head that RFC 9112 does not allow. */

#include <microhttpd.h>
#include <stdbool.h>
#include <stddef.h>

/* The target of a request line before it is decoded. Belongs to a connection. */
typedef struct RawTarget {
        const char *start;
        size_t size;
        const char *fault; /* why the target is malformed; NULL: it is not */
} RawTarget;

/* Records a target. Called before the library splits and decodes it. */
void raw_target_note(RawTarget *raw, const char *target);

/* Returns the path of a decoded target without its query. In a target in absolute form a host
 * precedes the path. That host replaces the field Host (RFC 9112, 3.2.2); relman ignores both. */
const char *target_path(const char *target);

/* The arguments of the library's access handler, and the target recorded before. */
typedef struct RawHead {
        struct MHD_Connection *connection;
        const RawTarget *target;
        const char *method, *path, *version;
} RawHead;

/* Checks a head. Returns 0, or the status of a refusal with the reason in ret_why. */
unsigned framing_check(const RawHead *head, const char **ret_why);
