#pragma once

/* relmand's command line, which overrides the configuration file. */

#include <stdbool.h>

#include "base/error.h"
#include "spec/config.h"

typedef struct DaemonOptions {
        const char *config;                /* NULL: the default path, if it exists */
        const char *specs, *state, *locks; /* NULL: as configured */
        bool once, check, check_config, json, confirm_prune;
        bool help, version;
} DaemonOptions;

/* Fails with ERROR_INVALID, which describes the fault. Texts are borrowed from argv. */
int daemon_options_parse(int argc, char **argv, DaemonOptions *ret, Error *err);
const char *daemon_options_help(void);
