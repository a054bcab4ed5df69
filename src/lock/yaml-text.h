#pragma once

#include "base/buffer.h"

/* Writes a text as a YAML scalar on one line. YAML 1.1 and 1.2 parsers read the scalar as a string
 * with this text, in block and flow style. The text must be valid UTF-8. */
void yaml_text(Buffer *out, const char *text);

/* Same as yaml_text(), but always with quotes. */
void yaml_quoted(Buffer *out, const char *text);

/* Writes REPOSITORY[:TAG]@DIGEST as a scalar in block style, and a newline. The parts must have
 * passed lock_check(); tag may be NULL. */
void yaml_image(Buffer *out, const char *repository, const char *tag, const char *digest);

/* The maximum length of a mapping key without the indicator '?', including quotes (YAML 1.2.2,
 * 7.4). */
#define YAML_KEY_MAX 1024
