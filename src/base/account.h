#pragma once

/* Finds users and groups of this machine by name with getpwnam(3) and getgrnam(3). Both may query a
 * directory service. Call these functions only while a configuration is read. */

#include <sys/types.h>

/* Finds the number of a user or group. A text of digits that is not a name is the number itself.
 * Returns -ENOENT if there is no such account. Returns another negative errno if the lookup failed;
 * it is then unknown whether the name exists. */
int account_find_user(const char *text, uid_t *ret);
int account_find_group(const char *text, gid_t *ret);
