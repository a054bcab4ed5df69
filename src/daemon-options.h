#pragma once

/* relmand's command line; it beats the configuration file. */

#include <stdbool.h>

#include "base/error.h"
#include "spec/config.h"

typedef struct DaemonOptions {
        const char *config;                /* NULL: the default path, if it is there */
        const char *specs, *state, *locks; /* NULL: as configured */
        bool once, check, check_config, json, confirm_prune;
        bool help, version;
} DaemonOptions;

/* Fails with ERROR_INVALID that says what is wrong. Texts are borrowed from argv. */
int daemon_options_parse(int argc, char **argv, DaemonOptions *ret, Error *err);
const char *daemon_options_help(void);
