#include "base/account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>

#include "base/macros.h"
#include "base/parse.h"

/* getpwnam(3) lists the errno values that mean "no such name". Any other errno is a failure, such
 * as the lack of memory that glibc 2.41 may report here. */
static int account_error(int error)
{
        static const int absent[] = { 0, ENOENT, ESRCH, EBADF, EPERM };

        for (size_t i = 0; i < ARRAY_SIZE(absent); i++)
                if (error == absent[i])
                        return -ENOENT;
        return -error;
}

static int account_number(const char *text, int r, uint32_t *ret)
{
        uint64_t number;

        if (r != -ENOENT || parse_uint64(text, &number) < 0 || number >= UINT32_MAX)
                return r;
        *ret = (uint32_t)number;
        return 0;
}

int account_find_user(const char *text, uid_t *ret)
{
        const struct passwd *user;

        errno = 0;
        user = getpwnam(text);
        if (!user)
                return account_number(text, account_error(errno), ret);
        *ret = user->pw_uid;
        return 0;
}

int account_find_group(const char *text, gid_t *ret)
{
        const struct group *group;

        errno = 0;
        group = getgrnam(text);
        if (!group)
                return account_number(text, account_error(errno), ret);
        *ret = group->gr_gid;
        return 0;
}
