#pragma once

/* Runs Docker credential helpers (docker-credential-NAME get) as child processes without blocking
 * the loop: the server's URL on standard input, JSON on standard output. Time and output are
 * bounded, no shell is used, and after the time limit the process group is killed. */

#include <systemd/sd-event.h>

#include "registry/credentials.h"

typedef struct Helper Helper;

/* Called once. credentials are borrowed, and empty if the helper has none (then use anonymous
 * access). */
typedef void (*HelperDone)(const Credentials *credentials, const Error *error, void *userdata);

typedef struct HelperPlan {
        const char *name;
        const char *server; /* the server to look up */
        HelperDone done;
        void *userdata;
} HelperPlan;

int helper_start(sd_event *event, const HelperPlan *plan, Helper **ret, Error *err);
Helper *helper_free(Helper *helper); /* kills it; not from within done */
