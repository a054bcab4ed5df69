#pragma once

/* Listening, non-blocking sockets. */

#include <sys/types.h>

#include "base/error.h"

/* Opens a unix socket at a path. mode: the permissions of the socket, which decide who may connect.
 */
int socket_open_unix(const char *path, mode_t mode, Error *err);
int socket_open_tcp(const char *address, Error *err);
