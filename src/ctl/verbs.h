#pragma once

/* The table of verbs. Only main.c and verbs.c include this file. A verb gets the table through its
 * CtlCall. */

#include "ctl/ctl.h"

extern const Verb ctl_verbs[]; /* the last entry has no name */
