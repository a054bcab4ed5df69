#include <stdlib.h>

#include "api/http/parameters.h"
#include "api/internal.h"

/* Sets the actor of a request that changes something or copies the complete database. For
 * other requests, checks the query parameters if the route requires that. */
static int on_begin(Request *request, Error *err)
{
        if (request->route->access > ACCESS_READ)
                return request_begin_write(request, err);
        return route_checks_query(request->route) ? request_check_query(request, err) : 0;
}

static const HttpApplication application = {
        .routes = api_routes,
        .begin = on_begin,
        .record = request_audit,
        .check_tenant = tenant_check,
        .stop = followers_end,
};

int api_new(sd_event *event, const ApiOptions *options, Reconciler *reconciler, Api **ret,
            Error *err)
{
        _cleanup_(api_freep) Api *api = calloc(1, sizeof(*api));
        int r;

        if (!api)
                return error_oom(err);
        api->event = event;
        buffer_init(&api->description, 0);
        api->options = *options;
        api->started_at = time_wall();
        api->reconciler = reconciler;
        r = http_server_init(&api->http, event, &api->options.http, &application, api, err);
        if (r >= 0)
                r = followers_init(api, err);
        if (r >= 0)
                r = held_init(api, err);
        if (r >= 0)
                r = registry_histories_init(api, err);
        if (r >= 0)
                r = http_server_open(&api->http, err);
        if (r < 0)
                return r;
        *ret = TAKE(api);
        return 0;
}

Api *api_free(Api *api)
{
        if (!api)
                return NULL;
        http_server_close(&api->http);
        followers_done(api);
        held_done(api);
        registry_histories_done(api);
        http_server_done(&api->http);
        buffer_done(&api->description);
        free(api);
        return NULL;
}
