#include <errno.h>
#include <stdio.h>

#include "ctl/ctl.h"
#include "model/schema/json-schema.h"
#include "spec/config/config.h"
#include "store/export.h"

#define SCHEMA_MAX ((size_t)4 * 1024 * 1024)

/* Writes the field reference of relman-spec(5) or relmand.yaml(5). The build uses it with --man
 * NAME. */
static int write_man(const char *name, Buffer *out, Error *err)
{
        int r = 0;

        if (streq(name, "config"))
                return schema_write_man(&config_schema, out);
        if (streq(name, "metadata"))
                return schema_write_man(&meta_schema, out);
        if (!streq(name, "kinds"))
                return error_set(err, ERROR_INVALID, -EINVAL, "there is no reference of '%s'",
                                 name);
        for (int kind = 0; kind < OBJECT_KIND_MAX_ && r >= 0; kind++)
                r = schema_write_man_kind((ObjectKind)kind, out);
        return r;
}

int verb_schema(const CtlCall *call, Error *err)
{
        _cleanup_(buffer_done) Buffer out;
        int r;

        buffer_init(&out, SCHEMA_MAX);
        if (call->argc == 1)
                r = json_schema_write(&out);
        else if (call->argc == 2 && streq(call->argv[1], "export"))
                r = store_export_schema(&out, err);
        else if (call->argc == 3 && streq(call->argv[1], "--man"))
                r = write_man(call->argv[2], &out, err);
        else
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "schema takes no argument, or export");
        if (r < 0)
                return out.failed ? error_oom(err) : r;
        (void)fputs(out.data, stdout); /* main() checks for write errors */
        return CTL_OK;
}
