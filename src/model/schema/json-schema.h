#pragma once

/* Writes the reference of specs and configuration from the schema tables. */

#include "base/buffer.h"
#include "model/schema/schema.h"

/* JSON Schema (draft 2020-12) of spec documents, for editors and linters. */
int json_schema_write(Buffer *out);

/* True in the schema for YAML, where a plain scalar may be read as text. In JSON a number is never
 * text. */
typedef enum SchemaOf {
        SCHEMA_OF_YAML,
        SCHEMA_OF_JSON,
} SchemaOf;

/* One field, as "name": {...}. */
void json_schema_write_field(const Field *field, SchemaOf of, Buffer *out);

/* The field reference as man(7) text, one .TP a field. */
int schema_write_man(const Schema *schema, Buffer *out);
int schema_write_man_kind(ObjectKind kind, Buffer *out);
