#pragma once

/* Docker credential helpers (docker-credential-NAME get) as child processes that never block the
 * loop: the server's URL on standard input, JSON on standard output. Bounded in time and output; no
 * shell; the group is killed at the end of its time. */

#include <systemd/sd-event.h>

#include "registry/credentials.h"

typedef struct Helper Helper;

/* Told once: credentials are borrowed, and empty if the helper knows none (anonymous then). */
typedef void (*HelperDone)(const Credentials *credentials, const Error *error, void *userdata);

typedef struct HelperPlan {
        const char *name;
        const char *server; /* what it is asked for */
        HelperDone done;
        void *userdata;
} HelperPlan;

int helper_start(sd_event *event, const HelperPlan *plan, Helper **ret, Error *err);
Helper *helper_free(Helper *helper); /* kills it; not from within done */
