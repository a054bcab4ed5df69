#pragma once

/* All verbs of relmanctl. Only main.c includes this: a verb that needs the table gets it through
 * its CtlCall. */

#include "ctl/ctl.h"

extern const Verb ctl_verbs[]; /* ended by one without a name */
