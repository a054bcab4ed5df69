#pragma once

/* Declarations that the files of this folder share: the Api struct, and functions for handlers. */

#include "api/api.h"
#include "api/http/request.h"
#include "api/write-request.h"
#include "base/digest.h"
#include "reconcile/command.h"
#include "store/events.h"
#include "store/releases.h"

/* The ETag of an answer of handle-matrix.c, and the state that it is of. */
typedef struct KnownMatrix {
        char key[DIGEST_SIZE_MAX]; /* identifies the request */
        char etag[40];
        uint64_t n_transactions; /* of the store */
        const Model *model;      /* only compared */
        usec_t made_at;          /* monotonic; 0: empty */
} KnownMatrix;

struct Api {
        sd_event *event;
        ApiOptions options;
        HttpServer http;
        Reconciler *reconciler;
        /* monotonic time of the last log entry about a secret that cannot be read */
        usec_t hook_logged_at;
        struct Follower *followers; /* list of event streams, in event-stream.c */
        sd_event_source *added, *sign;
        EventWatch watch;
        struct Held *held; /* lock/held.c */
        sd_event_source *held_turn;
        EventWatch held_watch;
        Buffer description; /* handle-openapi.c: the description of the API; empty until its first
                               request */
        KnownMatrix matrices[16];
        struct RegistryHistories *registry_histories; /* registry/history.c */
        usec_t started_at;                            /* wall: start of the server */
};

extern const Route api_routes[]; /* routes.c */

/* event-stream.c */
int followers_init(Api *api, Error *err);
size_t followers_count(const Api *api);
void followers_end(Api *api); /* ends all event streams */
void followers_done(Api *api);
/* Answers with a stream of the events after a sequence number. */
int follow_events(Request *request, int64_t after, Error *err);

/* lock/held.c */
int held_init(Api *api, Error *err);
size_t held_count(const Api *api);
void held_done(Api *api);

/* registry/history.c: keeps a sample of each registry's figures for each minute of the last hour.
 */
int registry_histories_init(Api *api, Error *err);
void registry_histories_done(Api *api);

/* handle-receivers.c: a token of one tenant sees only receivers of that tenant. */
bool receiver_is_visible(const Request *request, const ReceiverSpec *spec);

/* handle-tenants.c: ERROR_NOT_FOUND if the tenant does not exist, or the caller may not see it. */
int tenant_check(Request *request, const char *name, Error *err);
/* Lists the names of the tenants that the caller may see, sorted. */
int tenants_of_caller(Request *request, Strings *ret, Error *err);
/* Checks that the tenantId of a body, an id or a name, is the tenant of the request. */
int tenant_check_body(Request *request, const Node *value, Error *err);
