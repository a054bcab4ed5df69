#pragma once

/* Writes the reference of specs and configuration from the schema tables. */

#include "base/buffer.h"
#include "model/schema/schema.h"

/* Writes the JSON Schema (draft 2020-12) of spec documents, for editors and linters. */
int json_schema_write(Buffer *out);

/* The language of the text that the schema describes. In YAML a plain scalar may be read as text;
 * in JSON a number is never text. */
typedef enum SchemaOf {
        SCHEMA_OF_YAML,
        SCHEMA_OF_JSON,
} SchemaOf;

/* Writes one field as "name": {...}. */
void json_schema_write_field(const Field *field, SchemaOf of, Buffer *out);

/* Writes the field reference as man(7) text, with a paragraph (.TP) for each field. */
int schema_write_man(const Schema *schema, Buffer *out);
int schema_write_man_kind(ObjectKind kind, Buffer *out);
