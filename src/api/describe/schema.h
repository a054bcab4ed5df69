#pragma once

/* Schemas of bodies and answers, for the description of the API. */

/* A name that ends with ? may be absent; a type that ends with ? may be null. Types: text, uuid,
 * digest, time, duration, url, int, bool, map (of texts), object (anything), one
 * of
 * words, a schema's name; with [] a list of these. */
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
