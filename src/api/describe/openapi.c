#include "config.h"

#include "api/describe/openapi.h"

#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/describe/schema.h"
#include "base/limits.h"
#include "model/schema/encode.h"
#include "model/schema/json-schema.h"
#include "model/schema/json-writer.h"
#include "model/schema/schema.h"

#define PROBLEM "application/problem+json"

static bool ends_with(const char *text, size_t size, const char *end)
{
        size_t n = strlen(end);

        return size >= n && strncmp(text + size - n, end, n) == 0;
}

/* --- schemas ---------------------------------------------------------------------------------- */

static const struct {
        const char *word, *json;
} simple_types[] = {
        { "text", "\"type\":\"string\"" },
        { "uuid", "\"type\":\"string\",\"format\":\"uuid\"" },
        { "time", "\"type\":\"string\",\"format\":\"date-time\"" },
        { "digest",
          "\"type\":\"string\",\"pattern\":\"^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$\"" },
        { "int", "\"type\":\"integer\"" },
        { "bool", "\"type\":\"boolean\"" },
        { "map", "\"type\":\"object\",\"additionalProperties\":{\"type\":\"string\"}" },
        { "object", "\"type\":\"object\"" },
};

static void write_words(const char *words, size_t size, Buffer *out)
{
        (void)buffer_puts(out, "\"type\":\"string\",\"enum\":[\"");
        for (size_t i = 0; i < size; i++)
                (void)(words[i] == '|' ? buffer_puts(out, "\",\"") : buffer_putc(out, words[i]));
        (void)buffer_puts(out, "\"]");
}

/* Writes the schema of a type, without its braces. */
static void write_plain(const char *type, size_t size, Buffer *out)
{
        for (size_t i = 0; i < ARRAY_SIZE(simple_types); i++)
                if (strlen(simple_types[i].word) == size &&
                    strncmp(simple_types[i].word, type, size) == 0) {
                        (void)buffer_puts(out, simple_types[i].json);
                        return;
                }
        if (memchr(type, '|', size))
                write_words(type, size, out);
        else
                (void)buffer_printf(out, "\"$ref\":\"#/components/schemas/%.*s\"", (int)size, type);
}

static void write_some(const char *type, size_t size, Buffer *out)
{
        if (!ends_with(type, size, "?")) {
                write_plain(type, size, out);
                return;
        }
        (void)buffer_puts(out, "\"anyOf\":[{");
        write_plain(type, size - 1, out);
        (void)buffer_puts(out, "},{\"type\":\"null\"}]");
}

static void write_type(const char *type, Buffer *out)
{
        size_t size = strlen(type);

        if (!ends_with(type, size, "[]")) {
                write_some(type, size, out);
                return;
        }
        (void)buffer_puts(out, "\"type\":\"array\",\"items\":{");
        write_some(type, size - 2, out);
        (void)buffer_putc(out, '}');
}

static bool has_field(const ApiSchema *schema, const char *name)
{
        for (const ApiField *field = schema->fields; field->name; field++) {
                size_t size = strlen(field->name);

                size -= ends_with(field->name, size, "?");
                if (strlen(name) == size && strncmp(field->name, name, size) == 0)
                        return true;
        }
        return false;
}

/* Writes the fields of a component's document that the schema does not have. */
static void write_component_fields(const ApiSchema *schema, Buffer *out)
{
        for (const Field *field = component_schema.spec->fields; field->name; field++) {
                if (has_field(schema, field->name) || streq(field->name, "registry"))
                        continue;
                (void)buffer_putc(out, ',');
                json_schema_write_field(field, SCHEMA_OF_JSON, out);
        }
}

static void write_required(const ApiSchema *schema, Buffer *out)
{
        bool first = true;

        (void)buffer_puts(out, ",\"required\":[");
        for (const ApiField *field = schema->fields; field->name; field++) {
                if (ends_with(field->name, strlen(field->name), "?"))
                        continue;
                (void)buffer_printf(out, "%s\"%s\"", first ? "" : ",", field->name);
                first = false;
        }
        if (schema->component == 2)
                (void)buffer_printf(out, "%s\"imageRepository\"", first ? "" : ",");
        (void)buffer_putc(out, ']');
}

static void write_schema(const ApiSchema *schema, Buffer *out)
{
        (void)buffer_printf(out, "\"%s\":{\"type\":\"object\",\"description\":", schema->name);
        (void)encode_string(schema->doc, out);
        if (schema->values) {
                (void)buffer_puts(out, ",\"additionalProperties\":{");
                write_type(schema->values, out);
                (void)buffer_puts(out, "}}");
                return;
        }
        (void)buffer_puts(out, ",\"properties\":{");
        for (const ApiField *field = schema->fields; field->name; field++) {
                size_t size = strlen(field->name);

                size -= ends_with(field->name, size, "?");
                (void)buffer_printf(out, "%s\"%.*s\":{\"description\":",
                                    field == schema->fields ? "" : ",", (int)size, field->name);
                (void)encode_string(field->doc, out);
                (void)buffer_putc(out, ',');
                write_type(field->type, out);
                (void)buffer_putc(out, '}');
        }
        if (schema->component > 0)
                write_component_fields(schema, out);
        (void)buffer_putc(out, '}');
        write_required(schema, out);
        (void)buffer_puts(out, ",\"additionalProperties\":false}");
}

/* --- operations ------------------------------------------------------------------------------- */

static const struct {
        const char *name, *type, *doc;
} parameters[] = {
        { "id", "text", "An id or a name." },
        { "otherId", "text", "A second id or name." },
        { "registry", "text", "The name of a Registry." },
        { "name", "text", "The name of a receiver." },
        { "secret", "text", "The hook's secret." },
        { "tenant", "text",
          "A tenant's name. Default: default. * in status and lists of objects: all tenants." },
        { "page", "int", "From 1." },
        { "pageSize", "int", "1 to 500. Default: 50." },
        { "status", "draft|ready|promoting|deployed|deprecated|archived", "With this status." },
        { "componentId", "text", "With this component, by id or name." },
        { "digest", "text", "A digest; in a search also the first 8 or more of its hex digits." },
        { "layer", "text", "With an image that has this layer: its digest." },
        { "base", "text",
          "With an image that names this base: its digest, or IMAGE@DIGEST. Digests of an index and "
          "of its platforms match each other if a release has them." },
        { "repository", "text", "In this repository, as imageRepository of a component." },
        { "version", "text", "With this version of some component." },
        { "text", "text", "With this text in the name or displayName, ignoring case." },
        { "label", "text", "With this label: KEY or KEY=VALUE." },
        { "since", "time", "Made at or after this time." },
        { "since@", "text",
          "At this time or later: a time, or a duration before now such as 2h. Without after, the "
          "newest 50000 of all tenants are searched for since, type and object." },
        { "asOf", "time",
          "As of this time, from the history. hold and pending are then null, and conditions is "
          "empty; what a document declares is that of today." },
        { "format", "policy-json|kyverno|vap",
          "Instead of the lockfile, a policy in this format: it admits the images of the release, of "
          "the one before, and what allowAlso of the Environment names." },
        { "type", "text", "Of this type; a trailing * matches all types with this prefix." },
        { "object", "text", "About this object: KIND/NAME, such as component/api." },
        { "until", "time", "Made before this time." },
        { "channel", "text", "In this channel." },
        { "limit", "int", "The maximum number." },
        { "tag", "text", "A tag." },
        { "component", "text", "A component, by id or name." },
        { "release", "text", "A release, by id or name." },
        { "afterTag", "text", "A tag: begin after it, in bytewise order." },
        { "after", "int",
          "A sequence: begin after it. 0: from the beginning. Default: the newest entries." },
        { "after@", "text",
          "A name: begin after it, in bytewise order. The Link header has the next page." },
        { "team", "text", "With this value of the label team or owner." },
        { "environment", "text", "With this text in the name or displayName of an environment." },
        { "q", "text", "The same as text; prefer text." },
        { "from", "time", "The earlier time." },
        { "to", "time", "The later time. Default: now." },
};

static void write_parameter(const char *name, size_t size, const char *in, bool required,
                            Buffer *out)
{
        for (size_t i = 0; i < ARRAY_SIZE(parameters); i++) {
                if (strlen(parameters[i].name) != size ||
                    strncmp(parameters[i].name, name, size) != 0)
                        continue;
                (void)buffer_printf(
                        out, "{\"name\":\"%.*s\",\"in\":\"%s\",\"required\":%s,\"description\":",
                        (int)(size - (name[size - 1] == '@')), name, in,
                        required ? "true" : "false");
                (void)encode_string(parameters[i].doc, out);
                (void)buffer_puts(out, ",\"schema\":{");
                write_type(parameters[i].type, out);
                (void)buffer_puts(out, "}}");
                return;
        }
        abort(); /* bug: a route has a parameter that has no description */
}

static void write_path_parameters(const Route *route, bool *first, Buffer *out)
{
        for (const char *p = strchr(route->pattern, '{'); p; p = strchr(p + 1, '{')) {
                (void)buffer_puts(out, *first ? "" : ",");
                write_parameter(p + 1, strcspn(p + 1, "}"), "path", true, out);
                *first = false;
        }
}

static bool is_hook(const Route *route)
{
        return strncmp(route->pattern, "/hooks/", strlen("/hooks/")) == 0;
}

static bool is_of_a_tenant(const Route *route)
{
        if (is_hook(route))
                return strstr(route->pattern, "{registry}") != NULL;
        return strncmp(route->pattern, "/api/", strlen("/api/")) == 0 &&
               route->access > ACCESS_OPEN;
}

static void write_query_parameters(const Route *route, bool *first, Buffer *out)
{
        size_t size;

        for (const char *p = route->query; p && *p; p += size + strspn(p + size, " ")) {
                bool required;

                size = strcspn(p, " ");
                required = p[size - 1] == '!';
                (void)buffer_puts(out, *first ? "" : ",");
                write_parameter(p, size - required, "query", required, out);
                *first = false;
        }
        if (!is_of_a_tenant(route))
                return;
        (void)buffer_puts(out, *first ? "" : ",");
        write_parameter("tenant", strlen("tenant"), "query", false, out);
        *first = false;
}

static void write_headers(const Route *route, bool *first, Buffer *out)
{
        static const char key[] =
                "{\"name\":\"Idempotency-Key\",\"in\":\"header\",\"required\":false,\"description\":"
                "\"A repeated request with the same key is executed only once.\",\"schema\":{"
                "\"type\":\"string\",\"maxLength\":255}}";
        static const char match[] =
                "{\"name\":\"If-Match\",\"in\":\"header\",\"required\":false,\"description\":"
                "\"Execute only if this is still the ETag.\",\"schema\":{\"type\":\"string\"}}";
        static const char none_match[] =
                "{\"name\":\"If-None-Match\",\"in\":\"header\",\"required\":false,\"description\":"
                "\"304 if this is still its ETag.\",\"schema\":{\"type\":\"string\"}}";
        static const char prefer[] =
                "{\"name\":\"Prefer\",\"in\":\"header\",\"required\":false,\"description\":"
                "\"wait=SECONDS, with If-None-Match: answer when the lockfile changes, or with 304 "
                "after this time. At most 300 seconds; Preference-Applied says how many.\","
                "\"schema\":{\"type\":\"string\"}}";

        if (route->gives && streq(route->gives, "lock")) {
                (void)buffer_printf(out, "%s%s,%s", *first ? "" : ",", none_match, prefer);
                *first = false;
        }
        if (route->errors && strstr(route->errors, "304")) {
                (void)buffer_printf(out, "%s%s", *first ? "" : ",", none_match);
                *first = false;
        }
        if (streq(route->method, "POST") && route->show) {
                (void)buffer_printf(out, "%s%s", *first ? "" : ",", key);
                *first = false;
        }
        if (route->errors && strstr(route->errors, "412")) {
                (void)buffer_printf(out, "%s%s", *first ? "" : ",", match);
                *first = false;
        }
}

static void write_error(unsigned status, Buffer *out)
{
        (void)buffer_printf(out, ",\"%u\":{\"description\":", status);
        (void)encode_string(MHD_get_reason_phrase_for(status), out);
        if (status == MHD_HTTP_NOT_MODIFIED) {
                (void)buffer_putc(out, '}');
                return;
        }
        (void)buffer_puts(out, ",\"content\":{\"" PROBLEM
                               "\":{\"schema\":{\"$ref\":\"#/components/schemas/Problem\"}}}}");
}

/* Writes the second answer of a hook, to the validation event of Event Grid. */
static void write_hook_validation(Buffer *out)
{
        (void)buffer_puts(out, ",\"200\":{\"description\":\"OK\",\"content\":{"
                               "\"application/json\":{\"schema\":{");
        write_type("HookValidation", out);
        (void)buffer_puts(out, "}}}}");
}

static void write_responses(const Route *route, Buffer *out)
{
        unsigned status = route->status > 0 ? route->status : 200;

        (void)buffer_printf(out, ",\"responses\":{\"%u\":{\"description\":", status);
        (void)encode_string(MHD_get_reason_phrase_for(status), out);
        if (route->gives && streq(route->gives, "file"))
                (void)buffer_puts(out, ",\"content\":{\"application/vnd.sqlite3\":{\"schema\":{"
                                       "\"type\":\"string\",\"format\":\"binary\"}}}");
        else if (route->gives && streq(route->gives, "lock"))
                (void)buffer_puts(out, ",\"content\":{\"application/yaml\":{\"schema\":{\"type\":"
                                       "\"string\"}},\"application/json\":{\"schema\":{\"type\":"
                                       "\"object\"}}}},\"304\":{\"description\":\"Not Modified\"");
        else if (route->gives) {
                (void)buffer_puts(out, ",\"content\":{\"application/json\":{\"schema\":{");
                write_type(route->gives, out);
                (void)buffer_puts(out, "}}");
                if (streq(route->pattern, "/api/v1/events"))
                        (void)buffer_puts(out, ",\"text/event-stream\":{\"schema\":{\"type\":"
                                               "\"string\"}}");
                (void)buffer_putc(out, '}');
        } else
                (void)buffer_puts(out, ",\"content\":{\"text/plain\":{\"schema\":{\"type\":"
                                       "\"string\"}}}");
        (void)buffer_putc(out, '}');
        if (is_hook(route) && streq(route->gives, "Looked") && streq(route->method, "POST"))
                write_hook_validation(out);
        if (route->access != ACCESS_OPEN || is_hook(route))
                write_error(401, out);
        if (route->access > ACCESS_READ || route->of_all_tenants || route->or_all_tenants)
                write_error(403, out);
        if (route_checks_query(route) && !(route->errors && strstr(route->errors, "400")))
                write_error(400, out);
        if (is_of_a_tenant(route) && !is_hook(route) &&
            !(route->errors && strstr(route->errors, "404")))
                write_error(404, out); /* the tenant may not exist */
        for (const char *p = route->errors; p && *p;
             p += strcspn(p, " ") + (strchr(p, ' ') != NULL))
                write_error((unsigned)strtoul(p, NULL, 10), out);
        write_error(500, out);
        (void)buffer_putc(out, '}');
}

static void write_operation(const Route *route, Buffer *out)
{
        static const char *const roles[] = { "anybody", "read", "write", "admin" };
        bool first = true;

        (void)buffer_putc(out, '"');
        for (const char *p = route->method; *p; p++)
                (void)buffer_putc(out, (char)(*p - 'A' + 'a'));
        (void)buffer_printf(out, "\":{\"operationId\":\"%s\",\"tags\":[\"%s\"],\"summary\":",
                            route->name, route->tag);
        (void)encode_string(route->summary, out);
        (void)buffer_printf(out, ",\"description\":\"Role: %s.\",\"parameters\":[",
                            roles[route->access]);
        write_path_parameters(route, &first, out);
        write_query_parameters(route, &first, out);
        write_headers(route, &first, out);
        (void)buffer_putc(out, ']');
        if (route->access == ACCESS_OPEN)
                (void)buffer_puts(out, ",\"security\":[]");
        if (route->takes) {
                (void)buffer_puts(out, ",\"requestBody\":{\"content\":{\"application/json\":"
                                       "{\"schema\":{");
                write_type(route->takes, out);
                (void)buffer_puts(out, "}}}}");
        }
        write_responses(route, out);
        (void)buffer_putc(out, '}');
}

/* True for the first route of its path. The document has each path once, written at its first
 * route, because the routes of a path need not be adjacent. */
static bool is_first(const Route *routes, const Route *route)
{
        for (const Route *other = routes; other < route; other++)
                if (streq(other->pattern, route->pattern))
                        return false;
        return true;
}

static void write_paths(const Route *routes, Buffer *out)
{
        (void)buffer_puts(out, "\"paths\":{");
        for (const Route *route = routes; route->method; route++) {
                bool first = true;

                if (!route->name || !is_first(routes, route))
                        continue;
                (void)buffer_printf(out, "%s\"%s\":{", route == routes ? "" : ",", route->pattern);
                for (const Route *other = route; other->method; other++) {
                        if (!streq(other->pattern, route->pattern))
                                continue;
                        (void)buffer_puts(out, first ? "" : ",");
                        first = false;
                        write_operation(other, out);
                }
                (void)buffer_putc(out, '}');
        }
        (void)buffer_puts(out, "},");
}

static void write_tags(Buffer *out)
{
        static const char *const tags[][2] = {
                { "Components",
                  "Image repositories and the rules that turn their tags into versions." },
                { "Version maps", "Digests as versions." },
                { "Releases", "Sets of digests." },
                { "Environments", "Places where releases run." },
                { "Registries", "Sources of images." },
                { "Streams", "Automatic releases." },
                { "Events", "Events, receivers and the audit." },
                { "Specs", "The documents that declare objects." },
                { "Service", "The service itself." },
                { "Hooks", "Push webhooks of registries and Git servers." },
        };

        (void)buffer_puts(out, "\"tags\":[");
        for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
                (void)buffer_printf(out, "%s{\"name\":\"%s\",\"description\":", i > 0 ? "," : "",
                                    tags[i][0]);
                (void)encode_string(tags[i][1], out);
                (void)buffer_putc(out, '}');
        }
        (void)buffer_puts(out, "],");
}

void openapi_write(const Route *routes, Buffer *out)
{
        const ApiSchema *const schemas[] = { api_release_schemas, api_status_schemas,
                                             api_other_schemas, api_web_schemas };

        (void)buffer_puts(
                out,
                "{\"openapi\":\"3.1.0\",\"info\":{\"title\":\"relman\",\"version\":\"" PACKAGE_VERSION
                "\",\"description\":\"Release management for container images: which digests "
                "make up a release, and where it runs.\",\"license\":{\"name\":\"Apache-2.0\","
                "\"identifier\":\"Apache-2.0\"}},\"servers\":[{\"url\":\"/\",\"description\":\"This "
                "one; over its unix socket without a token.\"}],\"security\":[{\"token\":[]},{\"session\":[]}],");
        write_tags(out);
        write_paths(routes, out);
        (void)buffer_puts(out, "\"components\":{\"securitySchemes\":{\"token\":{\"type\":\"http\","
                               "\"scheme\":\"bearer\",\"description\":\"Over TCP: relmanctl token "
                               "makes one.\"},\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\","
                               "\"name\":\"__Host-relman_session\",\"description\":\"For browsers: "
                               "POST /api/v1/session sets it. Without TLS its name is "
                               "relman_session. Changes also need the header X-CSRF-Token.\"}},"
                               "\"schemas\":{");
        for (size_t i = 0; i < ARRAY_SIZE(schemas); i++)
                for (const ApiSchema *schema = schemas[i]; schema->name; schema++) {
                        (void)buffer_puts(out, schema == schemas[0] ? "" : ",");
                        write_schema(schema, out);
                }
        (void)buffer_puts(out, "}}}\n");
}
