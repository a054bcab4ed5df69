#pragma once

/* Reads the manifests and lists by which registries store signatures of images. Pure. */

#include "base/arena.h"
#include "base/error.h"
#include "trust/annotations.h"

typedef enum LayerFormat {
        LAYER_SIMPLE,   /* a payload of simple signing */
        LAYER_BUNDLE,   /* a Sigstore bundle */
        LAYER_ENVELOPE, /* a DSSE envelope with an attestation */
        LAYER_JWS,      /* a Notary Project signature */
        LAYER_COSE,     /* the same in the other format */
        LAYER_FORMAT_MAX_,
} LayerFormat;

/* The image that a manifest with signatures says to refer to. Not signed. */
typedef struct LayerSubject {
        const char *digest; /* NULL: the manifest has no subject */
        const char *media_type;
        int64_t size;
} LayerSubject;

/* One signature, as a layer of a manifest. */
typedef struct SignatureLayer {
        LayerFormat format;
        const char *digest; /* of the bytes of the layer */
        CosignAnnotations annotations;
        LayerSubject subject; /* Notary Project only */
        const char *fault;    /* why the layer cannot be used; NULL: it can */
} SignatureLayer;

/* True if the layer is a Notary Project signature. */
static inline bool layer_is_notary(const SignatureLayer *layer)
{
        return layer->format == LAYER_JWS || layer->format == LAYER_COSE;
}

typedef struct SignatureLayers {
        SignatureLayer *items;
        size_t n;
} SignatureLayers;

/* Reads the layers with signatures. Skips layers of other types. ERROR_HOSTILE: the text is no
 * image manifest. */
int signature_layers_read(const char *text, size_t size, Arena *arena, SignatureLayers *ret,
                          Error *err);

/* The manifests of a list of referrers that may hold signatures. */
typedef struct Referrers {
        const char **digests;
        size_t n, n_others; /* n_others: the number of entries of other types */
} Referrers;

/* The programs whose signatures are searched. */
typedef struct SignatureMakers {
        bool sigstore, notary;
} SignatureMakers;

/* Reads a list of referrers, or the index with the fallback tag. Skips signatures of other makers.
 * An entry without a known type may hold any signature: cosign before 3.1.2 named none.
 * ERROR_HOSTILE: the text is no index. */
int referrers_read(const char *text, size_t size, SignatureMakers makers, Arena *arena,
                   Referrers *ret, Error *err);
