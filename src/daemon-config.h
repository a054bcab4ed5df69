#pragma once

/* The effective configuration of the daemon, and --check. */

#include "daemon-options.h"
#include "spec/config/config.h"

/* Reads the configuration file and applies the command line. Prints diagnostics to standard
 * error. */
int daemon_configure(const DaemonOptions *options, Config **ret, Error *err);

/* True if the file differs from the active configuration. */
bool daemon_config_changed(const DaemonOptions *options, const Config *config);

/* Prints the errors and warnings of the specs. Returns the exit status: 1 if the specs have an
 * error, otherwise 0. A negative result means that the specs could not be checked. */
int daemon_check(const Config *config, bool json, Error *err);
