#pragma once

/* Checks fields of a component that exclude each other, or that are incomplete. */

#include "base/diag.h"
#include "model/component.h"

/* Returns 0 or -EINVAL. */
int component_check(const ComponentSpec *component, DiagList *diags);
