#include "model/schema/json-schema.h"

#include <stdio.h>

#include "model/object.h"
#include "model/schema/encode.h"

static int write_schema(const Schema *schema, SchemaOf of, Buffer *out);

static const char *json_pattern(FieldFormat format)
{
        switch (format) {
        case FORMAT_NAME:
        case FORMAT_CHANNEL: return "^[a-z0-9]([a-z0-9._-]{0,253}[a-z0-9])?$";
        case FORMAT_DIGEST: return "^(sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$";
        case FORMAT_TAG: return "^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$";
        case FORMAT_ABSOLUTE_PATH: return "^/";
        case FORMAT_REGISTRY_URL: return "^(https?://|oci-layout:/)";
        case FORMAT_URL: return "^https?://";
        case FORMAT_PLATFORM:
                return "^[A-Za-z0-9_.-]+(\\([^()/]*\\))?/[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)?$";
        case FORMAT_TEXT:
        case FORMAT_REGEX:
        case FORMAT_RULE_REGEX:
        case FORMAT_DATE_FORMAT:
        case FORMAT_EXTRACT:
        case FORMAT_VERSION_OR_RANGE:
        case FORMAT_IMAGE_REPOSITORY:
        case FORMAT_IMAGE:
        case FORMAT_NAME_TEMPLATE:
        case FORMAT_LOCK_FORMAT:
        case FORMAT_MIRROR_NAME:
        case FORMAT_REPLACES:
        case FORMAT_ARGUMENT:
        case FORMAT_CREDENTIAL: break;
        }
        return NULL;
}

static void write_text_type(const Field *field, SchemaOf of, Buffer *out)
{
        const char *pattern = json_pattern(field->format);

        /* a plain YAML scalar such as 2.3 is read as text, so editors must allow it */
        (void)buffer_puts(out, of == SCHEMA_OF_YAML && (field->format == FORMAT_VERSION_OR_RANGE ||
                                                        field->format == FORMAT_TEXT)
                                       ? "\"type\":[\"string\",\"number\"]"
                                       : "\"type\":\"string\"");
        if (!pattern)
                return;
        (void)buffer_puts(out, ",\"pattern\":");
        (void)encode_string(pattern, out);
}

static void write_enum(const Field *field, Buffer *out)
{
        (void)buffer_puts(out, "\"enum\":[");
        for (size_t i = 0; field->names[i]; i++) {
                if (i > 0)
                        (void)buffer_putc(out, ',');
                (void)encode_string(field->names[i], out);
        }
        (void)buffer_putc(out, ']');
}

static void write_type(const Field *field, SchemaOf of, Buffer *out);

static void write_object_type(const Field *field, SchemaOf of, Buffer *out)
{
        const Field *inner = field_short(field);

        if (field->word) {
                (void)buffer_puts(out, "\"anyOf\":[{\"const\":");
                (void)encode_string(field->word, out);
                (void)buffer_puts(out, "},{");
        } else if (inner) {
                (void)buffer_puts(out, "\"anyOf\":[{");
                write_type(inner, of, out);
                (void)buffer_puts(out, "},{");
        }
        (void)write_schema(field->schema, of, out);
        if (field->word || inner)
                (void)buffer_puts(out, "}]");
}

static void write_strings_type(const Field *field, SchemaOf of, Buffer *out)
{
        if (field->single) {
                (void)buffer_puts(out, "\"anyOf\":[{");
                write_text_type(field, of, out);
                (void)buffer_puts(out, "},{");
        }
        (void)buffer_puts(out, "\"type\":\"array\",\"items\":{");
        write_text_type(field, of, out);
        (void)buffer_puts(out, field->single ? "}}]" : "}");
}

static void write_type(const Field *field, SchemaOf of, Buffer *out)
{
        switch (field->type) {
        case FIELD_STRING: write_text_type(field, of, out); break;
        case FIELD_BOOL: (void)buffer_puts(out, "\"type\":\"boolean\""); break;
        case FIELD_INTEGER:
                (void)buffer_printf(out, "\"type\":\"integer\",\"minimum\":%d", field->positive);
                break;
        case FIELD_DURATION:
                (void)buffer_puts(
                        out,
                        "\"type\":[\"string\",\"integer\"],\"pattern\":\"^(0|([0-9]+(d|h|m|s|ms|us))+)$\"");
                break;
        case FIELD_SIZE:
                (void)buffer_puts(
                        out, "\"type\":[\"string\",\"integer\"],\"pattern\":\"^[0-9]+[KMGT]?$\"");
                break;
        case FIELD_PERCENT:
                (void)buffer_puts(out, "\"type\":\"string\",\"pattern\":\"^[0-9]{1,3}%$\"");
                break;
        case FIELD_ENUM: write_enum(field, out); break;
        case FIELD_STRINGS: write_strings_type(field, of, out); break;
        case FIELD_PAIRS:
                (void)buffer_printf(out,
                                    "\"type\":\"object\",\"additionalProperties\":{\"type\":%s}",
                                    of == SCHEMA_OF_YAML ? "[\"string\",\"number\",\"boolean\"]"
                                                         : "\"string\"");
                break;
        case FIELD_OBJECT: write_object_type(field, of, out); break;
        case FIELD_LIST:
                (void)buffer_puts(out, "\"type\":\"array\",\"items\":{");
                write_object_type(field, of, out);
                (void)buffer_putc(out, '}');
                break;
        }
}

void json_schema_write_field(const Field *field, SchemaOf of, Buffer *out)
{
        (void)encode_string(field->name, out);
        (void)buffer_puts(out, ":{");
        write_type(field, of, out);
        (void)buffer_puts(out, ",\"description\":");
        (void)encode_string(field->doc, out);
        if (field->default_value) {
                bool bare = field->type == FIELD_BOOL || field->type == FIELD_INTEGER;

                (void)buffer_puts(out, ",\"default\":");
                (void)(bare ? buffer_puts(out, field->default_value)
                            : encode_string(field->default_value, out));
        }
        (void)buffer_putc(out, '}');
}

/* Writes the members of an object's JSON Schema, without the braces. */
static int write_schema(const Schema *schema, SchemaOf of, Buffer *out)
{
        bool first = true;

        (void)buffer_puts(out,
                          "\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
        for (const Field *field = schema->fields; field->name; field++) {
                if (field != schema->fields)
                        (void)buffer_putc(out, ',');
                json_schema_write_field(field, of, out);
        }
        (void)buffer_puts(out, "},\"required\":[");
        for (const Field *field = schema->fields; field->name; field++) {
                if (!field->required)
                        continue;
                if (!first)
                        (void)buffer_putc(out, ',');
                first = false;
                (void)encode_string(field->name, out);
        }
        return buffer_putc(out, ']');
}

static void write_kind(ObjectKind kind, Buffer *out)
{
        const Schema *spec = kind_schema(kind)->spec;

        (void)buffer_puts(out, "{\"title\":");
        (void)encode_string(object_kind_to_string(kind), out);
        (void)buffer_puts(out, ",\"description\":");
        (void)encode_string(spec->doc, out);
        (void)buffer_printf(
                out,
                ",\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"apiVersion\","
                "\"kind\",\"metadata\",\"spec\"],\"properties\":{\"apiVersion\":{\"const\":\"%s\"},"
                "\"kind\":{\"const\":\"%s\"},\"metadata\":{",
                API_VERSION, object_kind_to_string(kind));
        (void)write_schema(&meta_schema, SCHEMA_OF_YAML, out);
        (void)buffer_puts(out, "},\"spec\":{");
        (void)write_schema(spec, SCHEMA_OF_YAML, out);
        (void)buffer_puts(out, "}}}");
}

int json_schema_write(Buffer *out)
{
        (void)buffer_puts(out, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\","
                               "\"title\":\"relman specs\",\"oneOf\":[");
        for (ObjectKind kind = 0; kind < OBJECT_KIND_MAX_; kind++) {
                if (kind > 0)
                        (void)buffer_putc(out, ',');
                write_kind(kind, out);
        }
        return buffer_puts(out, "]}\n");
}

/* --- manual ----------------------------------------------------------------------------------- */

static const char *type_word(const Field *field)
{
        const Field *inner = field_short(field);

        if (inner && field->type == FIELD_LIST)
                return "list of texts or mappings";
        if (inner && inner->type == FIELD_STRINGS)
                return "text, list of texts or mapping";
        if (inner)
                return "number or mapping";
        switch (field->type) {
        case FIELD_STRING:
                return field->format == FORMAT_REGEX || field->format == FORMAT_RULE_REGEX
                               ? "regular expression"
                               : "text";
        case FIELD_BOOL: return "true or false";
        case FIELD_INTEGER: return "number";
        case FIELD_DURATION: return "duration";
        case FIELD_SIZE: return "size";
        case FIELD_PERCENT: return "percentage";
        case FIELD_ENUM: return "word";
        case FIELD_STRINGS: return field->single ? "text or list of texts" : "list of texts";
        case FIELD_PAIRS: return "mapping of texts";
        case FIELD_OBJECT: return "mapping";
        case FIELD_LIST: return "list";
        }
        return "";
}

/* Escapes backslashes and hyphens for roff. */
static void write_roff(const char *text, Buffer *out)
{
        for (; *text; text++)
                (void)(*text == '\\'  ? buffer_puts(out, "\\e")
                       : *text == '-' ? buffer_puts(out, "\\-")
                                      : buffer_putc(out, *text));
}

static void write_man_fields(const Schema *schema, const char *prefix, Buffer *out)
{
        for (const Field *field = schema->fields; field->name; field++) {
                char path[256];

                (void)snprintf(path, sizeof(path), "%s%s%s", prefix, prefix[0] ? "." : "",
                               field->name);
                (void)buffer_printf(out, ".TP\n\\fB%s\\fR (%s", path, type_word(field));
                if (field->required)
                        (void)buffer_puts(out, ", required");
                if (field->default_value) {
                        (void)buffer_puts(out, ", default \\fI");
                        write_roff(field->default_value, out);
                        (void)buffer_puts(out, "\\fR");
                }
                (void)buffer_puts(out, ")\n");
                write_roff(field->doc, out);
                for (size_t i = 0; field->type == FIELD_ENUM && field->names[i]; i++)
                        (void)buffer_printf(out, "%s\\fI%s\\fR", i == 0 ? "\nOne of " : ", ",
                                            field->names[i]);
                (void)buffer_puts(out, field->type == FIELD_ENUM ? ".\n" : "\n");
                if (field->schema) {
                        if (field->type == FIELD_LIST)
                                (void)snprintf(path + strlen(path), sizeof(path) - strlen(path),
                                               "[]");
                        write_man_fields(field->schema, path, out);
                }
        }
}

int schema_write_man(const Schema *schema, Buffer *out)
{
        write_man_fields(schema, "", out);
        return out->failed;
}

int schema_write_man_kind(ObjectKind kind, Buffer *out)
{
        const Schema *spec = kind_schema(kind)->spec;

        (void)buffer_printf(out, ".SS %s\n", object_kind_to_string(kind));
        write_roff(spec->doc, out);
        (void)buffer_putc(out, '\n');
        write_man_fields(spec, "spec", out);
        return out->failed;
}
