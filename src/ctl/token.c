/* A new bearer token: shown once; what is kept is a line with its hash for api.tokenFile. */

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/digest.h"
#include "base/text.h"
#include "base/time.h"
#include "ctl/ctl.h"
#include "model/object.h"

#define TOKEN_BYTES  32
#define TOKEN_PREFIX "relman_" /* so that scanners for leaked secrets know it */

typedef struct Wanted {
        const char *name, *tenant, *role, *expires, *person;
} Wanted;

static int check(const Wanted *wanted, Error *err)
{
        usec_t time;

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
                                 "--expires takes a time such as 2027-01-01T00:00:00Z");
        if (wanted->person &&
            (!wanted->person[0] || strpbrk(wanted->person, " \t\r\n") ||
             !text_is_printable(wanted->person, strlen(wanted->person), TEXT_ONE_LINE, NULL)))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "--person takes one word: the name of who uses the token");
        return 0;
}

static int make(const Wanted *wanted, Error *err)
{
        char token[sizeof(TOKEN_PREFIX) + 2 * (size_t)TOKEN_BYTES], digest[DIGEST_SIZE_MAX];
        unsigned char random[TOKEN_BYTES];
        size_t size;

        if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
                return error_set(err, ERROR_INTERNAL, -EIO, "no random numbers to be had");
        size = (size_t)snprintf(token, sizeof(token), "%s", TOKEN_PREFIX);
        for (size_t i = 0; i < sizeof(random); i++)
                size += (size_t)snprintf(token + size, sizeof(token) - size, "%02x", random[i]);
        digest_sha256(token, size, digest);
        printf("token, shown this once:\n%s\n\nline for api.tokenFile:\n%s %s %s %s%s%s%s%s\n",
               token, wanted->name, wanted->tenant, wanted->role, digest + strlen("sha256:"),
               wanted->expires ? " " : "", wanted->expires ? wanted->expires : "",
               wanted->person ? " person=" : "", wanted->person ? wanted->person : "");
        return CTL_OK;
}

int verb_token(int argc, char **argv, Error *err)
{
        static const struct option options[] = { { "tenant", required_argument, NULL, 't' },
                                                 { "role", required_argument, NULL, 'r' },
                                                 { "expires", required_argument, NULL, 'e' },
                                                 { "person", required_argument, NULL, 'p' },
                                                 { 0 } };
        static const char *const names[] = { "--tenant", "--role", "--expires", "--person" };
        Wanted wanted = { .tenant = DEFAULT_TENANT, .role = "read" };
        int c, r;

        opterr = 0;
        while ((c = getopt_long(argc, argv, ":", options, NULL)) >= 0)
                switch (c) {
                case 't': wanted.tenant = optarg; break;
                case 'r': wanted.role = optarg; break;
                case 'e': wanted.expires = optarg; break;
                case 'p': wanted.person = optarg; break;
                default:
                        return ctl_unknown("option of token, or a value is missing:",
                                           argv[optind - 1], names, ARRAY_SIZE(names), err);
                }
        if (optind != argc - 1)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "usage: relmanctl token NAME [--tenant TENANT|*] "
                                 "[--role read|write|admin] [--expires TIME] [--person PERSON]");
        wanted.name = argv[optind];
        r = check(&wanted, err);
        return r < 0 ? r : make(&wanted, err);
}
