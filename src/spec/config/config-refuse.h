#pragma once

/* Messages about values of the configuration. */

#include "base/diag.h"

/* Reports the text of a field: it is `what`, such as "not an absolute path". Returns -EINVAL. */
int config_refuse(Place place, DiagList *diags, const char *field, const char *text,
                  const char *what);
