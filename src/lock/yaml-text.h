#pragma once

#include "base/buffer.h"

/* A text as a YAML scalar of one line that YAML 1.1 and 1.2 readers take for just this text, in
 * block and flow style. The text must be valid UTF-8. */
void yaml_text(Buffer *out, const char *text);

/* The same, always in quotes. */
void yaml_quoted(Buffer *out, const char *text);

/* REPOSITORY[:TAG]@DIGEST as such a scalar in block style, and the end of the line. The parts must
 * have passed lock_check(); tag may be NULL. */
void yaml_image(Buffer *out, const char *repository, const char *tag, const char *digest);

/* YAML 1.2.2, 7.4: a key that has no mark of its own is at most this long, quotes included. */
#define YAML_KEY_MAX 1024
