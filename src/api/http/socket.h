#pragma once

/* Listening, non-blocking sockets. */

#include <sys/types.h>

#include "base/error.h"

/* mode: who may connect. */
int socket_open_unix(const char *path, mode_t mode, Error *err);
int socket_open_tcp(const char *address, Error *err);
