#pragma once

/* Writes answers as YAML. */

#include <stdio.h>

#include "model/document-node.h"

void yaml_print(const Node *node);

/* Does the same to a stream. The caller checks the stream for write errors. */
void yaml_write(const Node *node, FILE *out);
