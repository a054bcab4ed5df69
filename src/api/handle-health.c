#include "api/handlers.h"

int handle_healthz(Request *request, Error *err)
{
        int r;

        r = store_probe(reconciler_store(request->api->reconciler), err);
        if (r < 0)
                return r;
        (void)buffer_puts(&request->answer.body, "{\"status\":\"ok\"}\n");
        return 0;
}
