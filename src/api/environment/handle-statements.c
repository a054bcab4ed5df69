/* GET /api/v1/environments/{id}/statements: the signed statements of an environment. */

#include "api/lookup.h"
#include "model/schema/json-writer.h"
#include "store/statements.h"

static void write_statement(Json *json, const StatementRow *row)
{
        json_begin(json, NULL, '{');
        json_int(json, "number", row->number);
        json_text(json, "digest", row->digest);
        json_time(json, "at", row->at);
        json_raw(json, "envelope", row->envelope);
        json_end(json, '}');
}

/* Reads the statements. An environment that no document declares any more still has them: its id is
 * computed from the tenant and the name. */
static int read_statements(Request *request, StatementRows *ret, Error *err)
{
        const char *name = request_parameter(request, "id");
        _cleanup_(error_done) Error missing = { 0 };
        const Object *object = find_object(request, KIND_ENVIRONMENT, name, &missing);
        const Uuid id =
                object ? object->id : object_id(KIND_ENVIRONMENT, request_tenant(request), name);
        int64_t number;
        Page page;
        int r;

        r = request_page(request, &page, &number, err);
        if (r >= 0)
                r = store_statements(reconciler_store(request->api->reconciler), id.text, &page,
                                     &request->arena, ret, err);
        if (r >= 0 && !object && ret->n == 0 && page.offset == 0) {
                r = missing.code;
                error_move(err, &missing);
        }
        return r;
}

int handle_statements(Request *request, Error *err)
{
        Json json = { .out = &request->answer.body };
        StatementRows rows;
        int r = read_statements(request, &rows, err);

        if (r < 0)
                return r;
        json_begin(&json, NULL, '[');
        for (size_t i = 0; i < rows.n; i++)
                write_statement(&json, &rows.items[i]);
        json_end(&json, ']');
        return 0;
}
