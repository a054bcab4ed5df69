#pragma once

/* Where the database of the daemon is, for verbs that work while no daemon runs. */

#include "ctl/options.h"
#include "spec/config/config.h"

/* Sets *ret to --state, or to the path in the configuration, which *ret_config owns. */
int ctl_state_path(const CtlOptions *options, Config **ret_config, const char **ret, Error *err);
