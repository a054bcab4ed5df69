/* The fields of checks that relmand runs itself, in the configuration. */

#include "model/check-run.h"
#include "model/schema/schema.h"

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
          .doc = "The name that specs use in the field run of a check." },
        { .name = "exec", .type = FIELD_STRINGS, .offset = offsetof(CheckRunSpec, exec),
          .doc = "A program and its arguments, run without a shell. If it exits with 0, the check has passed. Exactly one of exec and http is required." },
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
