#pragma once

/* Reads the parts of manifests, indexes and image configurations that relman needs. The caller
 * verifies the digest of the bytes. Results are allocated from the arena. */

#include "base/arena.h"
#include "base/error.h"
#include "model/image-facts.h"
#include "model/version-map.h"

/* An entry of an index whose manifest must be read for its platforms. */
typedef struct IndexChild {
        const char *digest;
        const char *platform; /* NULL: the entry names none */
        bool is_index;        /* the media type is that of an index */
} IndexChild;

typedef struct ParsedManifest {
        bool is_index;
        const char *media_type;   /* "mediaType" of the document; NULL if it has none */
        const char *implied_type; /* OCI's type that the members imply; NULL: they do not imply
                                   * one */
        /* of an index: the entries with a platform, without nested indexes */
        PlatformDigests platforms;
        IndexChild *children;      /* other entries of an index that may be images, in order */
        size_t n_children;         /* MANIFEST_CHILDREN_MAX at most */
        const char *config_digest; /* configuration of an image; NULL if the configuration is of
                                    * another kind */
        const char *artifact;      /* as in Manifest */
        ImageFacts facts;          /* without digest */
} ParsedManifest;
int manifest_parse(const char *data, size_t size, Arena *arena, ParsedManifest *ret, Error *err);

/* Sets *ret to the media type of a manifest. Takes it from the Content-Type (NULL or "": none was
 * sent) and the members of the manifest. *ret is allocated from the arena, borrowed from parsed, or
 * static. ERROR_HOSTILE if Content-Type and mediaType contradict each other, or if there is no
 * type. */
int manifest_type(const char *content_type, const ParsedManifest *parsed, Arena *arena,
                  const char **ret, Error *err);

/* Returns the Content-Type without parameters, in lower case, allocated from the arena. NULL if
 * there is none, if it is not a media type (RFC 6838), or if it is generic, such as
 * application/json. */
const char *manifest_header_type(const char *content_type, Arena *arena);

typedef struct ParsedConfig {
        const char *platform; /* NULL if it is missing */
        int64_t created;      /* seconds since 1970; 0 if it is missing or invalid */
        Pairs labels;         /* all labels, not sorted */
        bool is_cut;          /* some labels were skipped: facts-json.h */
} ParsedConfig;
int config_parse(const char *data, size_t size, Arena *arena, ParsedConfig *ret, Error *err);
