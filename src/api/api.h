#pragma once

/* The API over HTTP: on a unix socket (made here, or passed by systemd), and on TCP addresses if
 * the configuration names any.
 *
 * No client can block the loop: a long request is answered later. Every error is an RFC 9457
 * problem document. */

#include <systemd/sd-event.h>

#include "api/http/server.h"
#include "reconcile/loop.h"
#include "reconcile/reconcile.h"
#include "trust/signing.h"

typedef struct Api Api;

typedef struct ApiOptions {
        HttpOptions http;
        const char *credentials;  /* folder of systemd credentials; NULL: none */
        const Signing *signing;   /* NULL: nothing is signed */
        const LoopStalls *stalls; /* figures that /metrics shows */
} ApiOptions;

/* Borrows all of its arguments; they must outlive the server. */
int api_new(sd_event *event, const ApiOptions *options, Reconciler *reconciler, Api **ret,
            Error *err);
Api *api_free(Api *api);
DEFINE_FREEP(Api, api_free)
