#pragma once

/* Writes a database as lines of JSON, and makes a database of such lines. The lines name tables and
 * columns of the schema with the number in the first line; store_export_schema() describes them.
 *
 * line 1:    {"format": "relman-export", "version": 1, "schema": 24, ...}
 * row:       {"table": "tenants", "row": {"id": "...", ...}}; columns that are NULL are omitted
 * numbering: {"table": "events", "sequence": 17}: the greatest number that the table ever gave
 * last line: {"end": {"rows": 1234, "digest": "sha256:..."}}; the digest is that of all lines
 * before
 *
 * Bytes are written in hexadecimal digits. Rows keep their order, so that an export of an imported
 * database has the same rows. */

#include <stdio.h>

#include "base/buffer.h"
#include "store/restore.h"

#define EXPORT_FORMAT  "relman-export"
#define EXPORT_VERSION 1
/* bytes of a line, without its end: what is written must be read */
#define EXPORT_LINE_MAX ((size_t)64 * 1024 * 1024)

typedef struct Exported {
        unsigned schema;
        uint64_t n_rows;
} Exported;

/* Writes all rows of the database at path, which may be one of an older schema. Nothing is written
 * to the database. */
int store_export(const char *path, FILE *to, Exported *ret, Error *err);

typedef struct ImportOptions {
        FILE *from;
        const char *name; /* of the source, for messages */
        const char *path; /* the database to make; must not exist */
        usec_t now;
} ImportOptions;

/* Makes the database at options->path: fills one of the schema of the lines, upgrades it, and puts
 * it in place like a backup (restore.h), with the same checks. Refuses lines that are incomplete or
 * of a newer schema. The error names the line. On failure there is no database. */
int store_import(const ImportOptions *options, Exported *ret, Restored *ret_restored, Error *err);

/* Appends the JSON Schema of a line of an export with the newest schema. */
int store_export_schema(Buffer *out, Error *err);

/* Describes a table, for the JSON Schema. */
typedef struct ExportTable {
        const char *name, *doc;
} ExportTable;

extern const ExportTable export_tables[]; /* by name; the last entry has no name */
