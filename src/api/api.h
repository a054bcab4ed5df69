#pragma once

/* The API over HTTP: on a unix socket (its own, or one that systemd passes), and on TCP addresses
 * if the configuration names any.
 *
 * No client can hold up the loop: what takes long is answered later. Every error is an RFC 9457
 * problem document. */

#include <systemd/sd-event.h>

#include "api/http/server.h"
#include "reconcile/loop.h"
#include "reconcile/reconcile.h"

typedef struct Api Api;

typedef struct ApiOptions {
        HttpOptions http;
        const char *credentials;  /* folder of systemd credentials; NULL: none */
        const LoopStalls *stalls; /* for the metrics */
} ApiOptions;

/* Everything is borrowed and outlives the server. */
int api_new(sd_event *event, const ApiOptions *options, Reconciler *reconciler, Api **ret,
            Error *err);
Api *api_free(Api *api);
DEFINE_FREEP(Api, api_free)
