#pragma once

/* The API over HTTP, on a unix socket and on the TCP addresses of the configuration. systemd may
 * pass the sockets.
 *
 * No client can block the event loop: long requests are answered later. Every error is a problem
 * document (RFC 9457). */

#include <systemd/sd-event.h>

#include "api/http/server.h"
#include "reconcile/loop.h"
#include "reconcile/reconcile.h"
#include "trust/signing.h"

typedef struct Api Api;

typedef struct ApiOptions {
        HttpOptions http;
        const char *credentials;  /* folder of systemd credentials; NULL: none */
        const Signing *signing;   /* NULL: relmand signs nothing */
        const LoopStalls *stalls; /* figures that /metrics shows */
        bool web;                 /* serve the page at / */
} ApiOptions;

/* Borrows all of its arguments; they must outlive the server. */
int api_new(sd_event *event, const ApiOptions *options, Reconciler *reconciler, Api **ret,
            Error *err);
Api *api_free(Api *api);
DEFINE_FREEP(Api, api_free)
