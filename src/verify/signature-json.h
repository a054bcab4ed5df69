#pragma once

/* Reads the manifests and lists by which registries store signatures of images. Pure. */

#include "base/arena.h"
#include "base/error.h"

/* One signature, as a layer of a manifest. */
typedef struct SignatureLayer {
        bool is_bundle;        /* true: a Sigstore bundle; false: simple signing */
        const char *digest;    /* of the bundle, or of the payload that is signed */
        const char *signature; /* simple signing: the annotation; NULL: the layer has none */
} SignatureLayer;

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

/* Reads a list of referrers, or the index with the fallback tag. An entry without a known type may
 * hold a signature: cosign before 3.1.2 named none. ERROR_HOSTILE: the text is no index. */
int referrers_read(const char *text, size_t size, Arena *arena, Referrers *ret, Error *err);
