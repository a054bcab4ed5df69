#pragma once

/* The common part of all objects, and the small collection types. All of them are plain data: texts
 * and arrays are borrowed from an arena that outlives the object. */

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "base/digest.h"
#include "base/uuid.h"

#define API_VERSION    "relman/v1"
#define DEFAULT_TENANT "default"

typedef enum ObjectKind {
        KIND_REGISTRY,
        KIND_COMPONENT,
        KIND_RELEASE,
        KIND_STREAM,
        KIND_ENVIRONMENT,
        KIND_CALENDAR,
        KIND_GROUP,
        OBJECT_KIND_MAX_,
} ObjectKind;

const char *object_kind_to_string(ObjectKind kind); /* "Component", as in `kind:` */
const char *object_kind_to_noun(ObjectKind kind);   /* "component", as in messages, events, ids */
int object_kind_from_string(const char *text, ObjectKind *ret);

/* The source of an object: a spec, the API or a stream. */
typedef enum ManagedBy {
        MANAGED_BY_SPEC,
        MANAGED_BY_API,
        MANAGED_BY_STREAM, /* set for releases only */
        MANAGED_BY_MAX_,
} ManagedBy;

const char *managed_by_to_string(ManagedBy managed_by);
int managed_by_from_string(const char *text, ManagedBy *ret);

typedef struct Strings {
        const char **items;
        size_t n;
} Strings;

bool strings_has(const Strings *strings, const char *text);

typedef struct Pair {
        const char *key;
        const char *value;
} Pair;

typedef struct Pairs { /* in the order in which they were written */
        Pair *items;
        size_t n;
} Pairs;

typedef struct Meta {
        const char *name;
        const char *tenant;       /* never NULL; "default" if none was given */
        const char *display_name; /* NULL if none was given; see object_display_name() */
        Pairs labels;
        Pairs annotations;
} Meta;

/* The head of every object that a spec document declares. */
typedef struct Object {
        ObjectKind kind;
        Place place; /* place of the document; file is NULL if the object was read from the database
                      */
        Uuid id;     /* UUIDv5 of tenant, kind and name; UUIDv7 if the API made the object */
        ManagedBy managed_by;
        char digest[DIGEST_SIZE_MAX]; /* digest of the canonical document (schema_encode() without
                                         defaults) */
        Meta meta;
} Object;

/* Returns the UUIDv5 of tenant, kind and name, which is the same in every database. */
Uuid object_id(ObjectKind kind, const char *tenant, const char *name);
Uuid tenant_id(const char *tenant);
Uuid user_id(const char *tenant, const char *principal);

const char *
object_display_name(const Object *object); /* returns the name if no display name was given */

#define OBJECT_DESCRIBE_MAX 600

/* Orders objects of one kind by tenant, then by name, as a sorted model does. */
int object_compare(const Object *a, const Object *b);

/* True for ^[a-z0-9]([a-z0-9._-]{0,253}[a-z0-9])?$ */
bool name_is_valid(const char *name);
