#pragma once

/* Answers as YAML, for people. */

#include "model/node.h"

void yaml_print(const Node *node);
