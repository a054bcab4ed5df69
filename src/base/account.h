#pragma once

/* Looks up users and groups of this machine with getpwnam(3), getgrnam(3) and getpwuid_r(3). Each
 * of these may query a directory service, which may be slow. */

#include <sys/types.h>

#include "base/arena.h"

/* Sets *ret to the numeric id of a user or group. If no account has this name and text is a number,
 * the id is that number. These functions may block: call them only while a configuration is read.
 * Returns -ENOENT if there is no such account. Returns another negative errno if the lookup failed;
 * it is then unknown whether the name exists. */
int account_find_user(const char *text, uid_t *ret);
int account_find_group(const char *text, gid_t *ret);

/* Sets *ret to the name of a user, allocated from the arena. Returns -ENOENT if there is no such
 * account. Returns another negative errno if the lookup failed; it is then unknown whether the user
 * has a name. */
int account_find_name(uid_t uid, Arena *arena, const char **ret);
