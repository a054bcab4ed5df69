#pragma once

/* Schemas of bodies and answers, for the description of the API. */

/* A field. If its name ends with ?, the field may be absent. If its type ends with ?, the value may
 * be null. If its type ends with [], the value is a list. A type is one of:
 *   - text, uuid, digest, time, duration, url, int, bool
 *   - map (of texts), object (anything)
 *   - the possible words, with | between them
 *   - the name of a schema */
typedef struct ApiField {
        const char *name;
        const char *type;
        const char *doc;
} ApiField;

typedef struct ApiSchema {
        const char *name;
        const char *doc;
        const ApiField *fields; /* the last field has no name */
        const char *values;     /* type of the values of a map; NULL: the schema has fields */
        int component; /* 1: the schema also has the fields of a component's spec, all optional; 2:
                                the required fields of the spec are required */
} ApiSchema;

/* Tables of schemas. The last schema of a table has no name. */
extern const ApiSchema api_release_schemas[], api_status_schemas[], api_other_schemas[],
        api_web_schemas[];
