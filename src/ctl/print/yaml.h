#pragma once

/* Writes answers as YAML, for people. */

#include <stdio.h>

#include "model/node.h"

void yaml_print(const Node *node);

/* Does the same to a stream, which keeps its write errors. */
void yaml_write(const Node *node, FILE *out);
