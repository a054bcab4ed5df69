#include "trust/notation/headers.h"

#include <errno.h>

#include "base/escape.h"

#define SHOWN_MAX 120 /* bytes of a text that a message quotes */

static bool is_text(Bytes bytes, const char *text)
{
        return bytes_equal(bytes, (Bytes){ (const void *)text, strlen(text) });
}

int notation_refuse(const char *why, Error *err)
{
        return error_set(err, ERROR_INVALID, -EINVAL, "not a Notary Project signature: %s", why);
}

static int refuse_text(const char *what, Bytes text, Error *err)
{
        char shown[SHOWN_MAX];

        escape_text((const char *)text.data, text.size, shown, sizeof(shown));
        return error_set(err, ERROR_INVALID, -EINVAL, "%s '%s'", what, shown);
}

int notation_note_critical(NotationHeaders *headers, Bytes name, Error *err)
{
        static const char *const names[] = {
                [CRITICAL_SCHEME] = NOTATION_HEADER_SCHEME,
                [CRITICAL_AUTHENTIC_TIME] = NOTATION_HEADER_AUTHENTIC_TIME,
                [CRITICAL_EXPIRY] = NOTATION_HEADER_EXPIRY,
                [CRITICAL_SIGNING_TIME] = NOTATION_HEADER_SIGNING_TIME,
        };

        headers->has_critical = true;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                if (!is_text(name, names[i]))
                        continue;
                if (headers->is_critical[i])
                        return refuse_text("the signature lists a critical attribute twice:", name,
                                           err);
                headers->is_critical[i] = true;
                return 0;
        }
        return refuse_text("the signature needs a program that processes its critical attribute",
                           name, err);
}

static int check_times(const NotationHeaders *headers, NotationEnvelope *envelope, Error *err)
{
        const usec_t time = envelope->scheme == NOTATION_X509 ? headers->signing_time
                                                              : headers->authentic_time,
                     other = envelope->scheme == NOTATION_X509 ? headers->authentic_time
                                                               : headers->signing_time;

        if (time == 0 || other != 0)
                return notation_refuse(envelope->scheme == NOTATION_X509
                                               ? "scheme 'notary.x509' requires signingTime and no "
                                                 "authenticSigningTime"
                                               : "scheme 'notary.x509.signingAuthority' requires "
                                                 "authenticSigningTime and no signingTime",
                                       err);
        envelope->signing_time = time;
        envelope->expiry = headers->expiry ? headers->expiry : USEC_INFINITY;
        return 0;
}

/* An attribute must be critical exactly if the scheme says so. Otherwise an old program could
 * ignore it. */
static int check_critical(const NotationHeaders *headers, Error *err)
{
        const struct {
                NotationCritical which;
                bool exists, must_be;
                const char *name;
        } cases[] = {
                { CRITICAL_SCHEME, true, true, "signingScheme" },
                { CRITICAL_EXPIRY, headers->expiry > 0, true, "expiry" },
                { CRITICAL_AUTHENTIC_TIME, headers->authentic_time > 0, true,
                  "authenticSigningTime" },
                { CRITICAL_SIGNING_TIME, headers->signing_time > 0, false, "signingTime" },
        };

        if (!headers->has_critical)
                return notation_refuse("it has no list of critical attributes", err);
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                const bool is_critical = headers->is_critical[cases[i].which];

                if (is_critical && !cases[i].exists)
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "attribute '%s' is critical, but missing", cases[i].name);
                if (!is_critical && cases[i].exists && cases[i].must_be)
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "attribute '%s' is not marked as critical", cases[i].name);
        }
        return 0;
}

int notation_check_headers(const NotationHeaders *headers, NotationEnvelope *envelope, Error *err)
{
        int r;

        if (!is_text(headers->content_type, NOTATION_PAYLOAD_TYPE))
                return refuse_text("the payload has another type than " NOTATION_PAYLOAD_TYPE ":",
                                   headers->content_type, err);
        if (is_text(headers->scheme, "notary.x509"))
                envelope->scheme = NOTATION_X509;
        else if (is_text(headers->scheme, "notary.x509.signingAuthority"))
                envelope->scheme = NOTATION_SIGNING_AUTHORITY;
        else
                return refuse_text("the signature has an unknown signing scheme", headers->scheme,
                                   err);
        if (headers->has_plugin)
                return notation_refuse("only a plugin of notation can verify it (attribute "
                                       "verificationPlugin)",
                                       err);
        r = check_times(headers, envelope, err);
        return r < 0 ? r : check_critical(headers, err);
}
