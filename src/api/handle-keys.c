/* /api/v1/keys: the public keys that verify signatures of relmand. They belong to no tenant. */

#include "api/handlers.h"
#include "api/internal.h"
#include "model/schema/json-writer.h"

#define PEM_MAX ((size_t)16 * 1024)

/* Returns when the key replaced another one: the last time before its own end at which a key was
 * replaced. 0: it is the oldest. */
static usec_t key_since(const Signing *signing, size_t i)
{
        const usec_t end = signing->until[i];
        usec_t since = 0;

        for (size_t j = 1; j < signing->keys.n; j++)
                if (j != i && (end == 0 || signing->until[j] < end))
                        since = MAX(since, signing->until[j]);
        return since;
}

static int write_key(const Signing *signing, size_t i, Json *json, Error *err)
{
        const TrustKey *key = signing->keys.items[i];
        _cleanup_(buffer_done) Buffer pem;
        int r;

        buffer_init(&pem, PEM_MAX);
        r = trust_key_write_public(key, &pem, err);
        if (r < 0)
                return r;
        json_begin(json, NULL, '{');
        json_text(json, "id", trust_key_id(key));
        json_text(json, "algorithm", trust_key_algorithm(key));
        json_text(json, "publicKey", pem.data);
        json_time(json, "from", key_since(signing, i));
        json_time(json, "until", signing->until[i]);
        json_end(json, '}');
        return 0;
}

int handle_keys(Request *request, Error *err)
{
        const Signing *signing = request->api->options.signing;
        Json json = { .out = &request->answer.body };
        int r = 0;

        json_begin(&json, NULL, '[');
        for (size_t i = 0; signing && i < signing->keys.n && r >= 0; i++)
                r = write_key(signing, i, &json, err);
        json_end(&json, ']');
        return r;
}
