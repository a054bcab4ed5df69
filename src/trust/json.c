#include "trust/json.h"

#include <string.h>

#include "base/escape.h"

#define SHOWN_MAX 200 /* bytes of a text that a message quotes */

int trust_refuse_payload(const char *what, const char *text, const char *wanted, Error *err)
{
        char shown[SHOWN_MAX];

        if (!text)
                return error_set(err, ERROR_HOSTILE, -EBADMSG, "the signed payload has no %s",
                                 what);
        return error_set(err, ERROR_HOSTILE, -EBADMSG,
                         "the %s of the signed payload is '%s', not %s", what,
                         escape_text(text, strlen(text), shown, sizeof(shown)), wanted);
}
