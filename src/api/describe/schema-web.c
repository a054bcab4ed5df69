/* Schemas of answers that the page needs. */

#include "api/describe/schema.h"

/* clang-format off */
static const ApiField session_fields[] = {
        { "principal", "text", "Who the caller is: token:NAME, uid:NUMBER, or proxy:USER." },
        { "person", "text?", "The person behind it, whose approvals count; null: not known yet." },
        { "role", "read|write|admin", "What the caller may do." },
        { "tenant", "text?", "The only tenant that the caller may see; null: all." },
        { "tenants", "text[]", "The tenants that the caller may see." },
        { "method", "token|session|socket|proxy", "How the caller logged in." },
        { "expiresAt", "time?", "When the session ends; null: the caller has no session." },
        { "csrfToken", "text?", "The value of the header X-CSRF-Token that changes need; null: they need none." },
        { 0 },
};

static const ApiField session_ended_fields[] = {
        { "ended", "bool", "Whether there was a session." },
        { 0 },
};

const ApiSchema api_web_schemas[] = {
        { "Session", "Who the caller is.", session_fields, NULL, 0 },
        { "SessionEnded", "The end of a session.", session_ended_fields, NULL, 0 },
        { 0 },
};
/* clang-format on */
