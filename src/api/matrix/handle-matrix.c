/* GET /api/v1/matrix: what runs where, and what comes next.
 *
 * The ETag is a digest of the answer. If the client has the ETag of the last answer to the same
 * request, and nothing was stored since, the answer is 304 without reading anything. This holds for
 * a few seconds. Then the answer is made again, because the time alone can change it. */

#include <stdio.h>

#include "api/handlers.h"
#include "api/matrix/matrix.h"
#include "base/limits.h"

#define KNOWN_FOR (10 * USEC_PER_SEC)

/* Identifies the request: the caller's tenant and all parameters. */
static bool matrix_key(const Request *request, char ret[DIGEST_SIZE_MAX])
{
        static const char *const names[] = { "limit", "after", "label",       "text",  "q",
                                             "team",  "asOf",  "environment", "tenant" };
        _cleanup_(buffer_done) Buffer text;

        buffer_init(&text, API_HEADERS_MAX * 2);
        (void)buffer_puts(&text, request_tenant(request));
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
                const char *value = request_query(request, names[i]);

                (void)buffer_printf(&text, "\n%zu:%s", value ? strlen(value) + 1 : 0,
                                    value ? value : "");
        }
        if (text.failed)
                return false;
        digest_sha256(text.data, text.size, ret);
        return true;
}

/* Returns the known answer of the request, or the place for it: the oldest one. */
static KnownMatrix *find_known(Api *api, const char *key)
{
        KnownMatrix *oldest = &api->matrices[0];

        for (size_t i = 0; i < ARRAY_SIZE(api->matrices); i++) {
                if (streq(api->matrices[i].key, key))
                        return &api->matrices[i];
                if (api->matrices[i].made_at < oldest->made_at)
                        oldest = &api->matrices[i];
        }
        return oldest;
}

static bool is_current(const Request *request, const KnownMatrix *known, const char *key)
{
        StoreStats stats;

        store_stats(reconciler_store(request->api->reconciler), &stats);
        return streq(known->key, key) && known->n_transactions == stats.n_transactions &&
               known->model == reconciler_model(request->api->reconciler) &&
               time_monotonic() - known->made_at < KNOWN_FOR;
}

static void keep_known(const Request *request, const char *key, const char *etag,
                       KnownMatrix *known)
{
        StoreStats stats;

        store_stats(reconciler_store(request->api->reconciler), &stats);
        known->n_transactions = stats.n_transactions;
        known->model = reconciler_model(request->api->reconciler);
        known->made_at = time_monotonic();
        (void)snprintf(known->key, sizeof(known->key), "%s", key);
        (void)snprintf(known->etag, sizeof(known->etag), "%s", etag);
}

static void answer_unchanged(Request *request, const char *etag)
{
        request->answer.status = 304;
        buffer_clear(&request->answer.body);
        request_header_out(request, "ETag", arena_strdup(&request->arena, etag));
        request_header_out(request, "Cache-Control", "private, no-cache");
}

static int make_answer(Request *request, Error *err)
{
        Json json = { .out = &request->answer.body };
        Matrix matrix = { .n_components = 0 };
        int r = matrix_read(request, &matrix, err);

        if (r >= 0) {
                matrix_write(request, &matrix, &json);
                r = list_page_link(request, &matrix.page, err);
        }
        if (r >= 0 && request->answer.body.failed)
                r = error_oom(err);
        matrix_done(&matrix);
        return r;
}

int handle_matrix(Request *request, Error *err)
{
        const char *match = request_header(request, "If-None-Match");
        char key[DIGEST_SIZE_MAX] = "", digest[DIGEST_SIZE_MAX];
        KnownMatrix *known;
        const char *etag;
        int r = request_as_of(request, err);

        if (r < 0)
                return r;
        if (!matrix_key(request, key))
                return error_oom(err);
        known = find_known(request->api, key);
        if (match && is_current(request, known, key) && etag_is_listed(match, known->etag, true)) {
                answer_unchanged(request, known->etag);
                return 0;
        }
        r = make_answer(request, err);
        if (r < 0)
                return r;
        digest_sha256(request->answer.body.data, request->answer.body.size, digest);
        etag = arena_printf(&request->arena, "\"%.32s\"", digest + strlen("sha256:"));
        if (!etag)
                return error_oom(err);
        keep_known(request, key, etag, known);
        if (match && etag_is_listed(match, etag, true)) {
                answer_unchanged(request, etag);
                return 0;
        }
        request_header_out(request, "ETag", etag);
        request_header_out(request, "Cache-Control", "private, no-cache");
        return 0;
}
