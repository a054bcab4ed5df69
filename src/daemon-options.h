#pragma once

/* relmand's command line, which overrides the configuration file. */

#include <stdbool.h>

#include "base/error.h"
#include "spec/config/config.h"

typedef struct DaemonOptions {
        const char *config;                /* NULL: the default path, if it exists */
        const char *specs, *state, *locks; /* NULL: the configuration file decides */
        bool once, check, check_config, json, confirm_prune;
        bool help, version;
} DaemonOptions;

/* Returns ERROR_INVALID if an option or argument is wrong. Texts in *ret are borrowed from argv. */
int daemon_options_parse(int argc, char **argv, DaemonOptions *ret, Error *err);
const char *daemon_options_help(void);
