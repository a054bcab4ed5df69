#pragma once

/* Converts nodes to structs, by schema. */

#include "base/arena.h"
#include "model/node.h"
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

/* Adds a diagnostic, with the nearest field, for each key of a mapping that is not listed. The
 * number of diagnostics is bounded; the rest is counted. Returns -EINVAL if there is such a key. */
int decode_check_keys(const Node *node, const FieldNames *names, DiagList *diags);

/* Sets all fields of an object to their defaults. Reads nothing. */
int decode_defaults(const Schema *schema, Arena *arena, void *object);

/* Sets kind, id and digest of an object that was built in memory, not read. -ENOMEM. */
int document_seal(Object *object, ObjectKind kind);

/* Reads a complete document (apiVersion, kind, metadata, spec) into a new object of its kind, with
 * place, id and digest. *ret is set only on success. ret_kind, ret_tenant and ret_name are set if
 * they could be read (otherwise OBJECT_KIND_MAX_, NULL, NULL), so that a broken document can be
 * matched with its object. */
typedef struct Decoded {
        Object *object; /* NULL if there were errors */
        ObjectKind kind;
        const char *tenant;
        const char *name;
} Decoded;
int decode_document(const Node *node, Arena *arena, Decoded *ret, DiagList *diags);
