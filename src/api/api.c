#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "api/http/access.h"
#include "api/http/linger.h"
#include "api/http/request.h"

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
        r = requests_init(api, err);
        if (r >= 0)
                r = followers_init(api, err);
        if (r >= 0)
                r = listeners_open(api, err);
        if (r < 0)
                return r;
        api_check_tokens(api);
        *ret = TAKE(api);
        return 0;
}

Api *api_free(Api *api)
{
        if (!api)
                return NULL;
        listeners_close(api);
        followers_done(api);
        lingers_done(api);
        sd_event_source_disable_unref(api->go_on);
        buffer_done(&api->description);
        token_file_done(&api->tokens);
        free(api->cert);
        if (api->key)
                OPENSSL_cleanse(api->key, strlen(api->key));
        free(api->key);
        free(api);
        return NULL;
}
