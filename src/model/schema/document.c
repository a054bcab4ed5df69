/* Complete documents: apiVersion, kind, metadata, spec. */

#include <errno.h>

#include "base/limits.h"
#include "base/suggest.h"
#include "model/component.h"
#include "model/environment.h"
#include "model/registry.h"
#include "model/release.h"
#include "model/schema/decode.h"
#include "model/schema/encode.h"

static const char *text_of(const Node *node)
{
        return node && node->type == NODE_SCALAR ? node->text : NULL;
}

static int check_version(const Node *node, DiagList *diags)
{
        const Node *version = node_get(node, "apiVersion");

        if (!version)
                diag_error(diags, node->place,
                           "missing field \"apiVersion\"; this program reads " API_VERSION);
        else if (!text_of(version) || !streq(version->text, API_VERSION))
                diag_error(diags, version->place, "apiVersion must be " API_VERSION ", not \"%s\"",
                           text_of(version) ? version->text : "");
        else
                return 0;
        return -EINVAL;
}

static int read_kind(const Node *node, ObjectKind *ret, DiagList *diags)
{
        const Node *kind = node_get(node, "kind");
        const char *names[OBJECT_KIND_MAX_], *nearest;

        for (ObjectKind k = 0; k < OBJECT_KIND_MAX_; k++)
                names[k] = object_kind_to_string(k);
        if (!text_of(kind)) {
                diag_error(diags, node->place, "missing field \"kind\"");
                return -EINVAL;
        }
        if (object_kind_from_string(kind->text, ret) >= 0)
                return 0;
        nearest = suggest_nearest(kind->text, names, OBJECT_KIND_MAX_);
        diag_error(diags, kind->place,
                   "unknown kind \"%s\": the kinds are Registry, Component, Release, "
                   "ReleaseStream, Environment, Calendar and Group%s%s%s",
                   kind->text, nearest ? "; did you mean \"" : "", nearest ? nearest : "",
                   nearest ? "\"?" : "");
        return -EINVAL;
}

static int check_keys(const Node *node, DiagList *diags)
{
        static const char *const keys[] = { "apiVersion", "kind", "metadata", "spec" };

        return decode_check_keys(node, &(FieldNames){ "document", keys, ARRAY_SIZE(keys) }, diags);
}

/* Reads name and tenant if possible, regardless of other errors. */
static int read_identity(const Node *node, Arena *arena, Decoded *ret)
{
        const Node *metadata = node_get(node, "metadata");
        const char *name = text_of(node_get(metadata, "name"));
        const Node *tenant = node_get(metadata, "tenant");

        if (!name || !name_is_valid(name) || (tenant && !text_of(tenant)))
                return 0;
        ret->name = arena_strdup(arena, name);
        ret->tenant = arena_strdup(arena, tenant ? tenant->text : DEFAULT_TENANT);
        return ret->name && ret->tenant ? 0 : -ENOMEM;
}

int document_seal(Object *object, ObjectKind kind)
{
        _cleanup_(buffer_done) Buffer canonical;

        object->kind = kind;
        object->id = object_id(kind, object->meta.tenant, object->meta.name);
        buffer_init(&canonical, SPEC_FILE_MAX * 4);
        if (encode_document(object, ENCODE_NO_DEFAULTS, &canonical) < 0)
                return canonical.failed;
        digest_sha256(canonical.data, canonical.size, object->digest);
        return 0;
}

/* Returns the worse of two results: -ENOMEM is worse than a fault of the document. */
static int worse(int a, int b)
{
        return a == -ENOMEM || b == -ENOMEM ? -ENOMEM : MIN(a, b);
}

static int decode_parts(const Node *node, ObjectKind kind, Arena *arena, Object **ret,
                        DiagList *diags)
{
        const KindSchema *schema = kind_schema(kind);
        const Node *metadata = node_get(node, "metadata"), *spec = node_get(node, "spec");
        const Node empty = { .type = NODE_MAPPING, .place = node->place };
        Object *object = arena_alloc(arena, schema->spec->size);
        int worst, r;

        if (!object)
                return -ENOMEM;
        worst = decode_object(&meta_schema, metadata ? metadata : &empty, arena, &object->meta,
                              diags);
        r = decode_object(schema->spec, spec ? spec : &empty, arena, object, diags);
        worst = worse(worst, r);
        object->place = node->place;
        if (worst == 0)
                worst = document_seal(object, kind);
        if (worst == 0)
                *ret = object;
        return worst;
}

int decode_document(const Node *node, Arena *arena, Decoded *ret, DiagList *diags)
{
        int worst, r;

        *ret = (Decoded){ .kind = OBJECT_KIND_MAX_ };
        if (node->type != NODE_MAPPING) {
                diag_error(
                        diags, node->place,
                        "a document must be a mapping with apiVersion, kind, metadata and spec, not %s",
                        node_type_to_string(node->type, node->style));
                return -EINVAL;
        }
        if (read_identity(node, arena, ret) < 0)
                return -ENOMEM;
        worst = check_version(node, diags);
        r = check_keys(node, diags);
        worst = MIN(worst, r);
        r = read_kind(node, &ret->kind, diags);
        if (r < 0) {
                ret->kind = OBJECT_KIND_MAX_;
                return r;
        }
        r = decode_parts(node, ret->kind, arena, &ret->object, diags);
        worst = worse(worst, r);
        if (worst < 0)
                ret->object = NULL;
        return worst;
}
