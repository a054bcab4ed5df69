#pragma once

/* Runs Docker credential helpers (docker-credential-NAME get) as child processes without blocking
 * the event loop. A helper reads the server's URL from standard input and writes JSON to standard
 * output. Time and output are limited. After the time limit relman kills the process group of the
 * helper. No shell is used. */

#include <systemd/sd-event.h>

#include "registry/credentials.h"

typedef struct Helper Helper;

/* Called once. credentials are borrowed. If the helper has none, they are empty and access is
 * anonymous. error is NULL on success. */
typedef void (*HelperDone)(const Credentials *credentials, const Error *error, void *userdata);

typedef struct HelperPlan {
        const char *name;
        const char *server; /* the server whose credentials are requested */
        HelperDone done;
        void *userdata;
} HelperPlan;

int helper_start(sd_event *event, const HelperPlan *plan, Helper **ret, Error *err);
Helper *helper_free(Helper *helper); /* kills a running helper; must not be called from done */
