#pragma once

/* All verbs of relmanctl. Only main.c includes this file: a verb gets the table through its
 * CtlCall. */

#include "ctl/ctl.h"

extern const Verb ctl_verbs[]; /* ends with one without a name */
