#pragma once

/* Looks up users and groups of this machine with getpwnam(3), getgrnam(3) and getpwuid_r(3). All
 * may query a directory service, which may be slow. */

#include <sys/types.h>

#include "base/arena.h"

/* Finds the number of a user or group. Call these only while a configuration is read. A text of
 * digits that is not a name is the number itself. Returns -ENOENT if there is no such account.
 * Returns another negative errno if the lookup failed; it is then unknown whether the name exists.
 */
int account_find_user(const char *text, uid_t *ret);
int account_find_group(const char *text, gid_t *ret);

/* Finds the name of a user. Returns -ENOENT if there is no such account, and another negative errno
 * if the lookup failed; it is then unknown whether the user has a name. */
int account_find_name(uid_t uid, Arena *arena, const char **ret);
