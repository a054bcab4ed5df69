#include "base/account.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/limits.h"
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

/* Returns -ERANGE if the account does not fit into size bytes. */
static int account_read_name(uid_t uid, size_t size, Arena *arena, const char **ret)
{
        _cleanup_(freep) char *texts = malloc(size);
        struct passwd user, *found = NULL;
        int error;

        if (!texts)
                return -ENOMEM;
        error = getpwuid_r(uid, &user, texts, size, &found);
        if (error != 0 || !found)
                return account_error(error);
        *ret = arena_strdup(arena, found->pw_name);
        return *ret ? 0 : -ENOMEM;
}

int account_find_name(uid_t uid, Arena *arena, const char **ret)
{
        size_t size = ACCOUNT_MAX;
        int r;

        do {
                r = account_read_name(uid, size, arena, ret);
                size *= 4;
        } while (r == -ERANGE && size <= ACCOUNT_OF_SERVICE_MAX);
        return r;
}
