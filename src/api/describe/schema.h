#pragma once

/* Schemas of bodies and answers, for the description of the API. */

/* A field. A name that ends with ? may be absent. A type that ends with ? may be null. A type is
 * text, uuid, digest, time, duration, url, int, bool, map (of texts), object (anything), several
 * words with | between them, or the name of a schema. A type that ends with [] is a list. */
typedef struct ApiField {
        const char *name;
        const char *type;
        const char *doc;
} ApiField;

typedef struct ApiSchema {
        const char *name;
        const char *doc;
        const ApiField *fields; /* ends with one without a name */
        const char *values;     /* not NULL: a map of this type, without fields */
        int component; /* 1: also has the fields of a component's spec, all optional; 2: same, with
                          the required fields required */
} ApiSchema;

/* Tables of schemas; each ends with one without a name. */
extern const ApiSchema api_release_schemas[], api_status_schemas[], api_other_schemas[];
