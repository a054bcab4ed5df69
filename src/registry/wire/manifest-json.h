#pragma once

/* What manifests, indexes and image configurations say, as far as relman reads them. Bytes are
 * verified by who calls; results are in the arena. */

#include "base/arena.h"
#include "base/error.h"
#include "model/version-map.h"

/* An entry of an index that must be read to know its platforms. */
typedef struct IndexChild {
        const char *digest;
        const char *platform; /* that the entry names; NULL: none */
        bool is_index;        /* by its media type */
} IndexChild;

typedef struct ParsedManifest {
        bool is_index;
        const char *media_type;    /* "mediaType" of the document; NULL if it has none */
        const char *implied_type;  /* OCI's, by the document's members; NULL: they do not tell */
        PlatformDigests platforms; /* of an index: entries that are images and name a platform */
        IndexChild *children;      /* of an index: the others that may be images, in its order */
        size_t n_children;         /* MANIFEST_CHILDREN_MAX at most */
        const char *config_digest; /* of an image; NULL if it has none worth reading */
        const char *artifact;      /* as in Manifest */
} ParsedManifest;
int manifest_parse(const char *data, size_t size, Arena *arena, ParsedManifest *ret, Error *err);

/* The media type that a manifest has by its Content-Type (NULL or "": none was sent) and its own
 * members; from the arena, or borrowed. ERROR_HOSTILE if they contradict each other, or tell
 * nothing. */
int manifest_type(const char *content_type, const ParsedManifest *parsed, Arena *arena,
                  const char **ret, Error *err);

/* The Content-Type without its parameters, in lower case, from the arena. NULL if none was sent, if
 * it is no media type (RFC 6838), or one that says nothing about a manifest: application/json. */
const char *manifest_header_type(const char *content_type, Arena *arena);

typedef struct ParsedConfig {
        const char *platform; /* NULL if it does not say */
        int64_t created;      /* seconds since 1970; 0 if it does not say, or nonsense */
} ParsedConfig;
int config_parse(const char *data, size_t size, Arena *arena, ParsedConfig *ret, Error *err);
