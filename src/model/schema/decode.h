#pragma once

/* Converts nodes to structs, by schema. */

#include "base/arena.h"
#include "model/document-node.h"
#include "model/schema/schema.h"

/* The default value of a field that is not a text, collection or object. */
typedef struct FieldValue {
        bool boolean;
        int enumerator;
        int64_t integer; /* also holds the bits of usec_t and uint64_t */
} FieldValue;
int decode_default(const Field *field, FieldValue *ret);

/* Fills *object (of schema->size, zeroed) from a mapping. Applies defaults, and adds a diagnostic
 * for every unknown, missing, repeated or mistyped field. Copies texts to arena. Returns 0, -EINVAL
 * if there was an error, or -ENOMEM. */
int decode_object(const Schema *schema, const Node *node, Arena *arena, void *object,
                  DiagList *diags);

/* Same as decode_object(), for documents written by another version of relman: skips unknown
 * fields. */
int decode_known(const Schema *schema, const Node *node, Arena *arena, void *object,
                 DiagList *diags);

/* The names of the fields that are allowed at one place, such as "in metadata" or "in document". */
typedef struct FieldNames {
        const char *of;
        const char *const *items;
        size_t n;
} FieldNames;

/* Adds a diagnostic, with the nearest field, for each key of a mapping that names does not list.
 * After a maximum number of these, only counts the keys. Returns -EINVAL if there is such a key. */
int decode_check_keys(const Node *node, const FieldNames *names, DiagList *diags);

/* Sets all fields of an object to their defaults. Reads nothing. */
int decode_defaults(const Schema *schema, Arena *arena, void *object);

/* Sets kind, id and digest of an object that was not read from a document. Returns 0 or a negative
 * errno. */
int document_seal(Object *object, ObjectKind kind);

/* decode_document() reads a complete document (apiVersion, kind, metadata, spec) into a new object
 * with place, id and digest. It sets kind, tenant and name even if the document has errors, so that
 * the caller can find the object of a broken document. Those that it cannot read are
 * OBJECT_KIND_MAX_, NULL and NULL. */
typedef struct Decoded {
        Object *object; /* NULL if there were errors */
        ObjectKind kind;
        const char *tenant;
        const char *name;
} Decoded;
int decode_document(const Node *node, Arena *arena, Decoded *ret, DiagList *diags);
