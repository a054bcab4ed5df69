#pragma once

/* Users and groups of this machine by name, as getpwnam(3) and getgrnam(3) find them. Both may ask
 * a directory service, so they are called while a configuration is read, never later. */

#include <sys/types.h>

/* Finds the number of a user or a group; a text of digits that is no name is the number itself.
 * Returns -ENOENT if there is no such account, or another negative errno if the look-up failed:
 * then nothing is known about the name. */
int account_find_user(const char *text, uid_t *ret);
int account_find_group(const char *text, gid_t *ret);
