#include "spec/config-checks.h"

#include <errno.h>

#include "base/limits.h"

/* clang-format off */
static const Field check_http_fields[] = {
        { .name = "url", .type = FIELD_STRING, .format = FORMAT_URL, .offset = offsetof(CheckHttpSpec, url), .required = true,
          .doc = "The URL, of http or https." },
        { .name = "method", .type = FIELD_ENUM, .offset = offsetof(CheckHttpSpec, method), .names = check_method_names, .default_value = "GET",
          .doc = "GET, or POST with the lock as JSON in the body." },
        { .name = "status", .type = FIELD_STRINGS, .single = true, .offset = offsetof(CheckHttpSpec, statuses),
          .doc = "The status that says that the check has passed, or a list of them. Default: 200." },
        { .name = "tokenFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(CheckHttpSpec, token_file),
          .doc = "A file with a bearer token for the request." },
        { .name = "tokenCredential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(CheckHttpSpec, token_credential),
          .doc = "The same from a systemd credential." },
        { .name = "caFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(CheckHttpSpec, ca_file),
          .doc = "A PEM file with trusted authorities, instead of the system's." },
        { 0 },
};
static const Schema check_http_schema = {
        .name = "http", .fields = check_http_fields, .size = sizeof(CheckHttpSpec),
        .doc = "An HTTP request and the status that it expects.",
};
static const Field check_run_fields[] = {
        { .name = "name", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(CheckRunSpec, name), .required = true,
          .doc = "The name that the field run of a check has." },
        { .name = "exec", .type = FIELD_STRINGS, .offset = offsetof(CheckRunSpec, exec),
          .doc = "A program and its arguments, run without a shell. If it exits with 0, the check has passed. One of exec and http." },
        { .name = "http", .type = FIELD_OBJECT, .schema = &check_http_schema, .offset = offsetof(CheckRunSpec, http),
          .doc = "A request. If the answer has the expected status, the check has passed. With no answer, 408, 429 or 5xx it is sent again until the timeout; any other status is a failure. Redirects are not followed." },
        { .name = "timeout", .type = FIELD_DURATION, .positive = true, .offset = offsetof(CheckRunSpec, timeout), .default_value = "5m",
          .doc = "How long one run may take; at most 30d. After that it has failed." },
        { .name = "tenants", .type = FIELD_STRINGS, .single = true, .offset = offsetof(CheckRunSpec, tenants),
          .doc = "The tenants whose Environments may use it. Default: all." },
        { 0 },
};
/* clang-format on */

const Schema check_run_schema = {
        .name = "checks",
        .fields = check_run_fields,
        .size = sizeof(CheckRunSpec),
        .has_place = true,
        .doc = "A check that relmand runs itself.",
};

static int check_statuses(const CheckRunSpec *run, DiagList *diags)
{
        int r = 0;

        for (size_t i = 0; i < run->http.statuses.n; i++) {
                const char *text = run->http.statuses.items[i];

                if (strlen(text) == 3 && strspn(text, "0123456789") == 3 && text[0] >= '2' &&
                    text[0] <= '5')
                        continue;
                diag_error(diags, run->place,
                           "check '%s': field \"status\": \"%s\" is not a status between 200 and "
                           "599",
                           run->name, text);
                r = -EINVAL;
        }
        return r;
}

static int check_one(const CheckRunSpec *run, DiagList *diags)
{
        char longest[DURATION_TEXT_SIZE];

        if ((run->exec.n == 0) == !run->http.url)
                diag_error(diags, run->place, "check '%s': one of exec and http must be given",
                           run->name);
        else if (run->exec.n > 0 && run->exec.items[0][0] != '/')
                diag_error(diags, run->place,
                           "check '%s': field \"exec\": \"%s\" is not an absolute path", run->name,
                           run->exec.items[0]);
        else if (run->timeout > CHECK_TIMEOUT_MAX)
                diag_error(diags, run->place, "check '%s': timeout is longer than %s", run->name,
                           duration_format(CHECK_TIMEOUT_MAX, longest));
        else
                return check_statuses(run, diags);
        return -EINVAL;
}

static int check_tenants(const CheckRunSpec *run, DiagList *diags)
{
        int r = 0;

        for (size_t i = 0; i < run->tenants.n; i++)
                if (!name_is_valid(run->tenants.items[i])) {
                        diag_error(diags, run->place,
                                   "check '%s': field \"tenants\": \"%s\" is not the name of a "
                                   "tenant",
                                   run->name, run->tenants.items[i]);
                        r = -EINVAL;
                }
        return r;
}

int config_check_runs(const CheckRunSpecs *runs, DiagList *diags)
{
        int worst = 0, r;

        for (size_t i = 0; i < runs->n; i++) {
                const CheckRunSpec *run = &runs->items[i];

                for (size_t j = 0; j < i; j++)
                        if (streq(runs->items[j].name, run->name)) {
                                diag_error(diags, run->place,
                                           "there is a check '%s' already, at line %u", run->name,
                                           runs->items[j].place.line);
                                worst = -EINVAL;
                        }
                r = check_one(run, diags);
                worst = MIN(worst, r);
                r = check_tenants(run, diags);
                worst = MIN(worst, r);
        }
        return worst;
}
