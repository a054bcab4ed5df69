#include "model/schema/schema.h"

#include "model/document-node.h"

/* clang-format off */
static const Field meta_fields[] = {
        { .name = "name", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(Meta, name), .required = true,
          .doc = "The object's name, one of its kind in its tenant: lower-case letters, digits, dots, hyphens and underscores, letters and digits at both ends. At most 255 characters; 240 for a Component, Release or Environment, whose lockfiles are named after it." },
        { .name = "tenant", .type = FIELD_STRING, .format = FORMAT_NAME, .offset = offsetof(Meta, tenant), .default_value = DEFAULT_TENANT,
          .doc = "The object's tenant. Objects refer only to objects of the same tenant." },
        { .name = "displayName", .type = FIELD_STRING, .offset = offsetof(Meta, display_name),
          .doc = "A name for people. Default: the name." },
        { .name = "labels", .type = FIELD_PAIRS, .offset = offsetof(Meta, labels),
          .doc = "Pairs of text to find objects by." },
        { .name = "annotations", .type = FIELD_PAIRS, .offset = offsetof(Meta, annotations),
          .doc = "Pairs of text that relman stores and does not interpret." },
        { 0 },
};
/* clang-format on */

const Schema meta_schema = {
        .name = "metadata",
        .fields = meta_fields,
        .size = sizeof(Meta),
        .doc = "The metadata of every document.",
};

const Field *field_short(const Field *field)
{
        const Field *at = field->shorthand ? field->schema->fields : NULL;

        while (at && at->name && !streq(at->name, field->shorthand))
                at++;
        return at && at->name ? at : NULL;
}

bool field_is_short(const Field *field, const Node *node, Field *ret)
{
        const Field *inner = field_short(field);

        if (!inner || (node->type != NODE_SCALAR && node->type != NODE_SEQUENCE))
                return false;
        *ret = *inner;
        ret->name = field->name;
        return true;
}

const KindSchema *kind_schema(ObjectKind kind)
{
        static const KindSchema *const schemas[OBJECT_KIND_MAX_] = {
                [KIND_REGISTRY] = &registry_schema,
                [KIND_COMPONENT] = &component_schema,
                [KIND_RELEASE] = &release_schema,
                [KIND_STREAM] = &stream_schema,
                [KIND_ENVIRONMENT] = &environment_schema,
                [KIND_CALENDAR] = &calendar_schema,
                [KIND_GROUP] = &group_schema,
        };

        return schemas[kind];
}
