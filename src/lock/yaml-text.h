#pragma once

#include "base/buffer.h"

/* A text as a YAML scalar of one line that YAML 1.1 and 1.2 readers take for just this text, in
 * block and flow style. */
void yaml_text(Buffer *out, const char *text);
