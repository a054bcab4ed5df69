#include "model/image/image.h"

#include <errno.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/limits.h"
#include "base/text.h"
#include "model/image/host.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGIT "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

bool tag_is_valid(const char *tag, size_t size)
{
        static const char first[] = LOWER UPPER DIGIT "_";
        static const char rest[] = LOWER UPPER DIGIT "_.-";

        if (size == 0 || size > TAG_MAX || !tag[0] || !strchr(first, tag[0]))
                return false;
        for (size_t i = 1; i < size; i++)
                if (!tag[i] || !strchr(rest, tag[i]))
                        return false;
        return true;
}

bool tag_is_referrer(const char *tag)
{
        /* registered algorithms; the tag has the first 64 characters of a longer digest */
        static const char *const beginnings[] = { "sha256-", "sha512-", "blake3-" };

        for (size_t i = 0; i < ARRAY_SIZE(beginnings); i++) {
                size_t size = strlen(beginnings[i]);
                const char *end = tag + size + 64;

                if (strncmp(tag, beginnings[i], size) == 0 &&
                    strspn(tag + size, DIGIT "abcdef") == 64)
                        return *end == '\0' || *end == '.';
        }
        return false;
}

void tag_of_referrers(const char *digest, char ret[REFERRERS_TAG_MAX])
{
        int n = (int)strcspn(digest, ":");

        (void)snprintf(ret, REFERRERS_TAG_MAX, "%.*s-%.64s", n, digest, digest + n + 1);
}

/* True for [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)* */
static bool is_path_part(const char *text, size_t size)
{
        size_t i = 0;

        for (;;) {
                size_t run = 0, gap;

                while (text_is_lower_or_digit(text[i + run]))
                        run++;
                if (run == 0)
                        return false;
                i += run;
                if (i >= size)
                        return i == size;
                gap = strspn(text + i, "-");
                if (gap == 0)
                        gap = text[i] == '.'                    ? 1
                              : strncmp(text + i, "__", 2) == 0 ? 2
                              : text[i] == '_'                  ? 1
                                                                : 0;
                if (gap == 0)
                        return false;
                i += gap;
        }
}

/* True for a host name or an IPv6 address in brackets, with an optional port. A name has labels of
 * letters, digits and inner hyphens, with dots between them. */
static bool is_host(const char *text, size_t size)
{
        size_t i = 0, port;

        if (size > 0 && text[0] == '[') {
                i = 1 + strspn(text + 1, "0123456789abcdefABCDEF:");
                if (i < 3 || i >= size || text[i] != ']')
                        return false;
                i++;
        } else {
                for (;;) {
                        size_t run = 0;

                        while (text_is_lower_or_digit(text_lower(text[i + run])) ||
                               text[i + run] == '-')
                                run++;
                        if (run == 0 || text[i] == '-' || text[i + run - 1] == '-')
                                return false;
                        i += run;
                        if (i >= size || text[i] != '.')
                                break;
                        i++;
                }
        }
        if (i == size)
                return true;
        if (i > size || text[i] != ':')
                return false;
        port = strspn(text + i + 1, DIGIT);
        return port > 0 && port <= 5 && i + 1 + port == size;
}

static bool has_upper(const char *text, size_t size)
{
        for (size_t i = 0; i < size; i++)
                if (text[i] >= 'A' && text[i] <= 'Z')
                        return true;
        return false;
}

/* True if the first part is a host: "localhost", or a text that cannot be part of a path. */
static bool begins_with_host(const char *text, size_t size)
{
        return memchr(text, '.', size) || memchr(text, ':', size) || text[0] == '[' ||
               has_upper(text, size) || (size == 9 && strncmp(text, "localhost", 9) == 0);
}

/* Returns the size of the host at the beginning of a name; 0: the name has none. */
static size_t host_size(const char *text, size_t size)
{
        const char *slash = memchr(text, '/', size);
        size_t host = slash ? (size_t)(slash - text) : 0;

        return host > 0 && begins_with_host(text, host) ? host : 0;
}

static const char *canonical_host(Arena *arena, const char *text, size_t size)
{
        char *host = arena_strndup(arena, text, size);
        char canonical[HOST_MAX];

        if (!host)
                return NULL;
        for (char *p = host; *p; p++)
                *p = text_lower(*p);
        /* use one name for Docker Hub, which has several, so that the caller adds "library/" for
         * all of them */
        if (host_canonical(host, size, "443", canonical) && streq(canonical, "docker.io"))
                return "docker.io";
        return host;
}

static int parse_path(const char *text, const char *path, size_t size, Error *err)
{
        for (size_t i = 0; i <= size;) {
                size_t part = strcspn(path + i, "/");

                part = MIN(part, size - i);
                if (!is_path_part(path + i, part))
                        return error_set(
                                err, ERROR_INVALID, -EINVAL,
                                "image reference '%s': '%.*s' is not a repository name; it may hold "
                                "a-z, 0-9 and single . _ __ or - between them",
                                text, (int)part, path + i);
                i += part + 1;
        }
        return 0;
}

/* Cuts "@digest" and ":tag" off the end; *size is the size of the rest. */
static int parse_end(const char *text, size_t *size, Arena *arena, ImageReference *image,
                     Error *err)
{
        const char *at = memchr(text, '@', *size), *colon;

        if (at) {
                image->digest = arena_strdup(arena, at + 1);
                if (!image->digest)
                        return error_oom(err);
                if (!digest_is_valid(image->digest))
                        return error_set(
                                err, ERROR_INVALID, -EINVAL,
                                "image reference '%s': '%s' is not a digest; it must be sha256: and 64 "
                                "or sha512: and 128 lower-case hexadecimal digits",
                                text, image->digest);
                *size = (size_t)(at - text);
        }
        colon = memrchr(text, ':', *size);
        /* a colon with a slash after it begins a port; otherwise it begins a tag: "nginx:1.25" */
        if (colon && !memchr(colon, '/', *size - (size_t)(colon - text))) {
                size_t n = *size - (size_t)(colon - text) - 1;

                image->tag = arena_strndup(arena, colon + 1, n);
                if (!image->tag)
                        return error_oom(err);
                if (!tag_is_valid(image->tag, n))
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "image reference '%s': '%s' is not a tag", text,
                                         image->tag);
                *size = (size_t)(colon - text);
        }
        return 0;
}

static int parse_name(const char *text, size_t size, Arena *arena, ImageReference *image,
                      Error *err)
{
        const size_t host = host_size(text, size);
        const char *path = text;
        int r;

        image->host = "docker.io";
        if (host > 0) {
                if (!is_host(text, host))
                        return error_set(err, ERROR_INVALID, -EINVAL,
                                         "image reference '%s': '%.*s' is not a host", text,
                                         (int)host, text);
                image->host = canonical_host(arena, text, host);
                path = text + host + 1;
        }
        size -= (size_t)(path - text);
        r = parse_path(text, path, size, err);
        if (r < 0)
                return r;
        if (image->host && streq(image->host, "docker.io") && !memchr(path, '/', size))
                image->repository = arena_printf(arena, "library/%.*s", (int)size, path);
        else
                image->repository = arena_strndup(arena, path, size);
        if (!image->host || !image->repository)
                return error_oom(err);
        if (strlen(image->host) + strlen(image->repository) + 1 > REPOSITORY_MAX)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "image reference '%s': host and name together are longer than %d "
                                 "characters",
                                 text, REPOSITORY_MAX);
        return 0;
}

bool image_host(const char *text, char ret[HOST_MAX])
{
        static const char hub[] = "docker.io";
        size_t size = host_size(text, strlen(text));
        const char *host = size > 0 ? text : hub;

        if (size == 0)
                size = strlen(hub);
        /* the name of Docker Hub has no port, as in image_parse() */
        if (host_canonical(host, size, "443", ret) && streq(ret, hub))
                return true;
        return host_canonical(host, size, "", ret);
}

int image_parse(const char *text, Arena *arena, ImageReference *ret, Error *err)
{
        ImageReference image = { 0 };
        size_t size = strlen(text);
        int r;

        if (size == 0)
                return error_set(err, ERROR_INVALID, -EINVAL, "image reference is empty");
        if (strstr(text, "://"))
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "image reference '%s': leave the scheme out: host/name", text);
        if (size == 64 && strspn(text, DIGIT "abcdef") == size)
                return error_set(err, ERROR_INVALID, -EINVAL,
                                 "image reference '%s' is an image id, not a name", text);
        r = parse_end(text, &size, arena, &image, err);
        if (r >= 0)
                r = parse_name(text, size, arena, &image, err);
        if (r < 0)
                return r;
        *ret = image;
        return 0;
}

int image_parse_full(const char *text, Arena *arena, ImageReference *ret, Error *err)
{
        const char *slash = strchr(text, '/');
        int r = image_parse(text, arena, ret, err);

        if (r < 0 || (slash && begins_with_host(text, (size_t)(slash - text))))
                return r;
        return error_set(err, ERROR_INVALID, -EINVAL,
                         "image reference '%s' has no host; write %s/%s", text, ret->host,
                         ret->repository);
}

/* --- media types ------------------------------------------------------------------------------ */

/* Returns the size of a restricted-name of RFC 6838: at most 127 characters, all of them printable
 * ASCII. */
static size_t media_name_span(const char *name)
{
        size_t n = strspn(name, LOWER UPPER DIGIT "!#$&-^_.+");

        return n > 0 && n <= 127 && strchr(LOWER UPPER DIGIT, name[0]) ? n : 0;
}

bool media_type_is_valid(const char *type)
{
        size_t n = media_name_span(type), m;

        if (n == 0 || type[n] != '/')
                return false;
        m = media_name_span(type + n + 1);
        return m > 0 && type[n + 1 + m] == '\0';
}
