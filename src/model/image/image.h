#pragma once

/* Image references, by the grammar of distribution/reference. docker.io, index.docker.io and
 * registry-1.docker.io are one registry; hosts are lower-cased. */

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "model/image/host.h"

typedef struct ImageReference {
        const char *host;       /* "registry.example.com:5000", "docker.io"; lower case */
        const char *repository; /* "myapp/api", "library/nginx" */
        const char *tag;        /* NULL if none */
        const char *digest;     /* NULL if none */
} ImageReference;

/* Parses host[:port]/path[:tag][@digest]. The first part is a host if it has a '.', ':' or upper
 * case, or is "localhost". Otherwise the host is docker.io. A path of one part on docker.io gets
 * "library/". Fails with ERROR_INVALID; the message names the fault and its place. */
int image_parse(const char *text, Arena *arena, ImageReference *ret, Error *err);

/* Writes the host of a valid image reference as host_canonical() does, without a default port.
 * Allocates nothing. Returns false if the host is too long. */
bool image_host(const char *text, char ret[HOST_MAX]);

/* Same as image_parse(), but the text must begin with a host. Policies of other tools compare names
 * as they are written, so "nginx" and "docker.io/library/nginx" may be two images. */
int image_parse_full(const char *text, Arena *arena, ImageReference *ret, Error *err);

bool tag_is_valid(const char *tag, size_t size); /* [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127} */
/* True for tags that clients derive from a digest, to store signatures and other referrers of an
 * image: sha256-HEX (OCI distribution-spec, referrers tag schema), and sha256-HEX.sig, .att, .sbom
 * and other endings (cosign). */
bool tag_is_referrer(const char *tag);

#define REFERRERS_TAG_MAX 96 /* bytes, with the NUL */
/* Writes the tag that clients derive from a valid digest: ALGORITHM-HEX, with the first 64
 * characters of the hexadecimal part. */
void tag_of_referrers(const char *digest, char ret[REFERRERS_TAG_MAX]);
bool media_type_is_valid(const char *type); /* RFC 6838, 4.2; without parameters */
