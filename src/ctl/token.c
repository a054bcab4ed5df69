/* token: makes a bearer token. Prints the token once, and a line for api.tokenFile, which has only
 * the hash of the token. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/digest.h"
#include "base/text.h"
#include "base/time.h"
#include "ctl/options.h"
#include "model/object.h"

#define TOKEN_BYTES 32
/* a fixed prefix, so that scanners for leaked secrets recognize it */
#define TOKEN_PREFIX "relman_"

typedef struct Wanted {
        const char *name, *tenant, *role, *expires, *person;
} Wanted;

static int check(const Wanted *wanted, Error *err)
{
        usec_t time = 0;

        if (strpbrk(wanted->name, " \t\r\n") || wanted->name[0] == '#' || !wanted->name[0])
                return error_set(err, ERROR_INVALID, -EINVAL, "a token's name is one word");
        if (!streq(wanted->tenant, "*") && !name_is_valid(wanted->tenant))
                return error_set(err, ERROR_INVALID, -EINVAL, "'%s' is no tenant; * is every one",
                                 wanted->tenant);
        if (!streq(wanted->role, "read") && !streq(wanted->role, "write") &&
            !streq(wanted->role, "admin"))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--role takes read, write or admin, not '%s'", wanted->role);
        if (wanted->expires && time_parse(wanted->expires, &time) < 0)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--expires takes a time such as 2027-01-01T00:00:00Z, or a "
                                 "duration from now such as 90d, not '%s'",
                                 wanted->expires);
        if (wanted->expires && time <= time_wall())
                return error_set(err, ERROR_INVALID, -EINVAL, "--expires: %s has passed",
                                 wanted->expires);
        if (wanted->person &&
            (!wanted->person[0] || strpbrk(wanted->person, " \t\r\n") ||
             !text_is_printable(wanted->person, strlen(wanted->person), TEXT_ONE_LINE, NULL)))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--person takes one word: the name of who uses the token");
        return 0;
}

static int make(const Wanted *wanted, Error *err)
{
        char token[sizeof(TOKEN_PREFIX) + 2 * (size_t)TOKEN_BYTES] = TOKEN_PREFIX,
                                              digest[DIGEST_SIZE_MAX];
        unsigned char random[TOKEN_BYTES];

        if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
                return error_set(err, ERROR_INTERNAL, -EIO, "no random numbers to be had");
        text_hex(random, sizeof(random), token + strlen(TOKEN_PREFIX));
        digest_sha256(token, strlen(token), digest);
        printf("token, shown this once:\n%s\n\nline for api.tokenFile:\n%s %s %s %s%s%s%s%s\n",
               token, wanted->name, wanted->tenant, wanted->role, digest + strlen("sha256:"),
               wanted->expires ? " " : "", wanted->expires ? wanted->expires : "",
               wanted->person ? " person=" : "", wanted->person ? wanted->person : "");
        return CTL_OK;
}

/* Converts a duration to the time after that duration from now. Returns other text unchanged. */
static const char *expiry(const char *text, char ret[TIME_TEXT_SIZE])
{
        usec_t duration;

        return text && duration_parse(text, &duration) >= 0 && duration > 0
                       ? time_format(time_wall() + duration, ret)
                       : text;
}

int verb_token(const CtlCall *call, Error *err)
{
        static const char *const takes_options[] = { "tenant", "role", "expires", "person", NULL };
        const CtlTakes takes = { takes_options, 1, 1,
                                 "NAME [--tenant TENANT|*] [--role read|write|admin] "
                                 "[--expires TIME|DURATION] [--person PERSON]" };
        _cleanup_(ctl_options_done) CtlOptions options;
        char until[TIME_TEXT_SIZE];
        Wanted wanted;
        int r;

        r = ctl_options_parse(call, &takes, &options, err);
        if (r < 0)
                return r;
        wanted = (Wanted){ options.names[0], options.tenant ? options.tenant : DEFAULT_TENANT,
                           options.role ? options.role : "read", expiry(options.expires, until),
                           options.person };
        r = check(&wanted, err);
        return r < 0 ? r : make(&wanted, err);
}
