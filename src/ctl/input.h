#pragma once

#include "base/buffer.h"
#include "base/error.h"

/* Appends a file, or standard input if path is "-", to the buffer. */
int ctl_read_input(const char *path, Buffer *out, Error *err);
