#pragma once

/* Nodes and structs, by schema. */

#include "base/arena.h"
#include "model/node.h"
#include "model/schema.h"

/* The default of a field that is not a text, collection or object. */
typedef struct FieldValue {
        bool boolean;
        int enumerator;
        int64_t integer; /* the bits of usec_t and uint64_t too */
} FieldValue;
int decode_default(const Field *field, FieldValue *ret);

/* Fills *object (of schema->size, zeroed) from a mapping: applies defaults, and adds a diagnostic
 * for every unknown, missing, repeated or mistyped field. Texts are copied to arena. Returns 0, or
 * -EINVAL if there was an error, -ENOMEM. */
int decode_object(const Schema *schema, const Node *node, Arena *arena, void *object,
                  DiagList *diags);

/* The same of what another version of relman wrote: what no field is of is passed over. */
int decode_known(const Schema *schema, const Node *node, Arena *arena, void *object,
                 DiagList *diags);

/* The fields of what is called "in metadata", "in document". */
typedef struct FieldNames {
        const char *of;
        const char *const *items;
        size_t n;
} FieldNames;

/* Adds a diagnostic for each key of a mapping that is none of these, with the nearest one; some of
 * them, for they may be many, and the number of the rest. -EINVAL if there is one. */
int decode_check_keys(const Node *node, const FieldNames *names, DiagList *diags);

/* Sets the defaults alone. */
int decode_defaults(const Schema *schema, Arena *arena, void *object);

/* Sets kind, id and digest of an object that was made here and not read. -ENOMEM. */
int document_seal(Object *object, ObjectKind kind);

/* Reads a whole document (apiVersion, kind, metadata, spec) into a new object of its kind, with
 * place, id and digest. *ret is set only if all is well. ret_kind, ret_tenant and ret_name are set
 * as far as they could be read (name and tenant NULL otherwise; kind OBJECT_KIND_MAX_), so that a
 * broken document can be matched with the object it meant. */
typedef struct Decoded {
        Object *object; /* NULL if there were errors */
        ObjectKind kind;
        const char *tenant;
        const char *name;
} Decoded;
int decode_document(const Node *node, Arena *arena, Decoded *ret, DiagList *diags);
