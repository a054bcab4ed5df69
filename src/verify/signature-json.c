#include "verify/signature-json.h"

#include <errno.h>
#include <string.h>

#include "base/digest.h"
#include "base/escape.h"
#include "base/limits-trust.h"
#include "base/limits.h"
#include "base/text.h"
#include "registry/wire/json-span.h"
#include "trust/notation/envelope.h"
#include "trust/simple-signing.h"

#define TYPE_MAX    256 /* RFC 6838, 4.2: 127 characters on each side of the slash */
#define SHOWN_MAX   120
#define SIZE_MOST   9007199254740992.0 /* 2^53 */
#define NOTARY_TYPE "application/vnd.cncf.notary.signature"
#define BUNDLE_TYPE "application/vnd.dev.sigstore.bundle"
/* https://github.com/secure-systems-lab/dsse, envelope.md */
#define ENVELOPE_TYPE "application/vnd.dsse.envelope.v1+json"

/* Reads an object with an array of this name. */
static int read_array(const char *text, size_t size, const char *name, JsonSpan *ret_object,
                      JsonSpan *ret, Error *err)
{
        static const char *const names[] = { "manifests", "layers", "config",      "artifactType",
                                             "mediaType", "digest", "annotations", "subject",
                                             "size",      NULL };
        static const char *const open[] = { "annotations", NULL };
        const JsonKeys keys = { .names = names, .open = open, .exact = true };
        JsonSpan json;
        int r = json_span_read(text, size, &keys, &json, err);

        if (r < 0)
                return r;
        *ret_object = json;
        *ret = json_span_member(json, name);
        if (json_span_is_array(*ret))
                return 0;
        return error_set(err, ERROR_HOSTILE, -EBADMSG, "it has no array '%s'", name);
}

static int read_digest(JsonSpan entry, Arena *arena, const char **ret, Error *err)
{
        char digest[DIGEST_SIZE_MAX];

        if (!json_span_text(json_span_member(entry, "digest"), digest, sizeof(digest)) ||
            !digest_is_valid(digest))
                return error_set(err, ERROR_HOSTILE, -EBADMSG, "an entry has no digest");
        *ret = arena_strdup(arena, digest);
        return *ret ? 0 : error_oom(err);
}

/* --- signatures ------------------------------------------------------------------------------- */

static int read_annotation(JsonSpan annotations, const char *name, Arena *arena, const char **ret,
                           Error *err)
{
        JsonSpan annotation = json_span_member(annotations, name);
        char *text;

        *ret = NULL;
        if (!json_span_is_text(annotation))
                return 0;
        text = arena_alloc_bytes(arena, annotation.size + 1);
        if (!text)
                return error_oom(err);
        (void)json_span_text(annotation, text, annotation.size + 1);
        *ret = text;
        return 0;
}

static int read_annotations(JsonSpan layer, Arena *arena, CosignAnnotations *ret, Error *err)
{
        const JsonSpan annotations = json_span_member(layer, "annotations");
        const struct {
                const char *name, **value;
        } all[] = {
                { COSIGN_SIGNATURE_ANNOTATION, &ret->signature },
                { COSIGN_CERTIFICATE_ANNOTATION, &ret->certificate },
                { COSIGN_CHAIN_ANNOTATION, &ret->chain },
                { COSIGN_ENTRY_ANNOTATION, &ret->entry },
                { COSIGN_STAMP_ANNOTATION, &ret->stamp },
        };
        int r = 0;

        for (size_t i = 0; i < ARRAY_SIZE(all) && r >= 0; i++)
                r = read_annotation(annotations, all[i].name, arena, all[i].value, err);
        return r;
}

/* Finds the format of a media type. Returns false if it is not that of a signature. */
static bool find_format(const char *type, LayerFormat *ret)
{
        static const struct {
                const char *type;
                bool has_versions; /* other media types of the format begin so */
        } formats[] = {
                [LAYER_SIMPLE] = { SIMPLE_SIGNING_MEDIA_TYPE, false },
                [LAYER_BUNDLE] = { BUNDLE_TYPE, true },
                [LAYER_ENVELOPE] = { ENVELOPE_TYPE, false },
        };

        for (size_t i = 0; i < ARRAY_SIZE(formats); i++)
                if (formats[i].has_versions ? text_begins_with(type, formats[i].type)
                                            : streq(type, formats[i].type)) {
                        *ret = (LayerFormat)i;
                        return true;
                }
        return false;
}

static int read_layer(JsonSpan layer, Arena *arena, SignatureLayers *ret, Error *err)
{
        SignatureLayer *item = &ret->items[ret->n];
        char type[TYPE_MAX];
        int r;

        (void)json_span_text(json_span_member(layer, "mediaType"), type, sizeof(type));
        if (!find_format(type, &item->format))
                return 0;
        r = read_digest(layer, arena, &item->digest, err);
        if (r >= 0)
                r = read_annotations(layer, arena, &item->annotations, err);
        if (r >= 0 && json_span_number(json_span_member(layer, "size")) > MANIFEST_MAX) {
                item->fault = arena_printf(arena, "it has more than %d bytes", MANIFEST_MAX);
                r = item->fault ? 0 : error_oom(err);
        }
        ret->n += r >= 0;
        return r;
}

/* --- Notary Project --------------------------------------------------------------------------- */

static bool has_text(JsonSpan object, const char *name, const char *wanted)
{
        char text[TYPE_MAX];

        return json_span_text(json_span_member(object, name), text, sizeof(text)) &&
               streq(text, wanted);
}

/* Before artifactType, the type of the configuration said what a manifest is. */
static bool is_notary(JsonSpan manifest)
{
        return has_text(manifest, "artifactType", NOTARY_TYPE) ||
               has_text(json_span_member(manifest, "config"), "mediaType", NOTARY_TYPE);
}

static int read_subject(JsonSpan manifest, Arena *arena, LayerSubject *ret, Error *err)
{
        const JsonSpan subject = json_span_member(manifest, "subject");
        const double size = json_span_number(json_span_member(subject, "size"));
        char digest[DIGEST_SIZE_MAX], type[TYPE_MAX];

        if (!json_span_text(json_span_member(subject, "digest"), digest, sizeof(digest)) ||
            !json_span_text(json_span_member(subject, "mediaType"), type, sizeof(type)) ||
            !(size > 0 && size <= SIZE_MOST))
                return 0;
        ret->digest = arena_strdup(arena, digest);
        ret->media_type = arena_strdup(arena, type);
        ret->size = (int64_t)size;
        return ret->digest && ret->media_type ? 0 : error_oom(err);
}

/* The specification allows exactly one layer. A second one could be the one that others verify. */
static int read_notary(JsonSpan manifest, JsonSpan layers, Arena *arena, SignatureLayers *ret,
                       Error *err)
{
        SignatureLayer *item = &ret->items[0];
        JsonCursor cursor = { 0 };
        char type[TYPE_MAX], shown[SHOWN_MAX];
        int r;

        if (!json_span_next(layers, &cursor))
                return 0;
        (void)json_span_text(json_span_member(cursor.value, "mediaType"), type, sizeof(type));
        *item = (SignatureLayer){ .format = streq(type, NOTATION_COSE_MEDIA_TYPE) ? LAYER_COSE
                                                                                  : LAYER_JWS };
        r = read_digest(cursor.value, arena, &item->digest, err);
        if (r >= 0)
                r = read_subject(manifest, arena, &item->subject, err);
        if (r < 0)
                return r;
        ret->n = 1;
        if (json_span_count(layers) > 1)
                item->fault = "its manifest has more than one layer";
        else if (item->format == LAYER_JWS && !streq(type, NOTATION_JWS_MEDIA_TYPE)) {
                escape_text(type, strlen(type), shown, sizeof(shown));
                item->fault = arena_printf(arena, "its type '%s' is neither JWS nor COSE", shown);
                return item->fault ? 0 : error_oom(err);
        }
        return 0;
}

int signature_layers_read(const char *text, size_t size, Arena *arena, SignatureLayers *ret,
                          Error *err)
{
        JsonCursor cursor = { 0 };
        JsonSpan manifest, layers;
        int r = read_array(text, size, "layers", &manifest, &layers, err);

        *ret = (SignatureLayers){ 0 };
        if (r < 0)
                return r;
        ret->items = arena_alloc_array(arena, json_span_count(layers) + 1, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(err);
        if (is_notary(manifest))
                return read_notary(manifest, layers, arena, ret, err);
        while (r >= 0 && json_span_next(layers, &cursor))
                r = read_layer(cursor.value, arena, ret, err);
        return r;
}

/* --- referrers -------------------------------------------------------------------------------- */

static bool may_be_signature(JsonSpan entry, SignatureMakers makers)
{
        const struct {
                const char *beginning;
                bool is_wanted;
        } types[] = {
                { BUNDLE_TYPE, makers.sigstore },
                { "application/vnd.dev.cosign.", makers.sigstore },
                { NOTARY_TYPE, makers.notary },
                { "application/vnd.oci.empty.", true },
                { "application/vnd.oci.image.config.", true },
        };
        char type[TYPE_MAX];

        (void)json_span_text(json_span_member(entry, "artifactType"), type, sizeof(type));
        for (size_t i = 0; i < ARRAY_SIZE(types); i++)
                if (text_begins_with(type, types[i].beginning))
                        return types[i].is_wanted;
        return type[0] == '\0';
}

int referrers_read(const char *text, size_t size, SignatureMakers makers, Arena *arena,
                   Referrers *ret, Error *err)
{
        JsonCursor cursor = { 0 };
        JsonSpan index, entries;
        int r = read_array(text, size, "manifests", &index, &entries, err);

        *ret = (Referrers){ 0 };
        if (r < 0)
                return r;
        ret->digests =
                arena_alloc_array(arena, json_span_count(entries) + 1, sizeof(*ret->digests));
        if (!ret->digests)
                return error_oom(err);
        while (r >= 0 && json_span_next(entries, &cursor)) {
                if (!may_be_signature(cursor.value, makers)) {
                        ret->n_others++;
                        continue;
                }
                r = read_digest(cursor.value, arena, &ret->digests[ret->n], err);
                ret->n += r >= 0;
        }
        return r;
}
