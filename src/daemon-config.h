#pragma once

/* What the daemon runs with, and --check. */

#include "daemon-options.h"
#include "spec/config.h"

/* The configuration file with the command line over it; diagnostics go to standard error. */
int daemon_configure(const DaemonOptions *options, Config **ret, Error *err);

/* True if the file is another now than the one that is in force. */
bool daemon_config_changed(const DaemonOptions *options, const Config *config);

/* Prints what is wrong with the specs. Returns the exit status: 0, or 1 if something is. */
int daemon_check(const Config *config, bool json, Error *err);
