/* GET / and /web/HASH/NAME: the files of the page. They contain no data, so they need no login. */

#include <stdint.h>
#include <string.h>

#include "api/handlers.h"
#include "web/web.h"

/* No inline code, and nothing from elsewhere. */
#define POLICY                                                                                     \
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "          \
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

/* True if the client accepts gzip (RFC 9110, 12.5.3). Ignores weights other than q=0. */
static bool accepts_gzip(const char *header)
{
        for (const char *p = header ? header : ""; *p; p += strcspn(p, ","), p += *p == ',') {
                size_t size, blank;
                const char *weight;

                p += strspn(p, " \t");
                size = strcspn(p, " \t;,");
                if (!(size == 4 && strncasecmp(p, "gzip", 4) == 0) && !(size == 1 && *p == '*'))
                        continue;
                weight = p + size + strspn(p + size, " \t");
                if (*weight != ';')
                        return true;
                weight++;
                blank = strspn(weight, " \t");
                if (strncasecmp(weight + blank, "q=0", 3) != 0)
                        return true;
                weight += blank + 3;
                weight += *weight == '.';
                weight += strspn(weight, "0");
                return *weight >= '1' && *weight <= '9';
        }
        return false;
}

static const WebFile *find_file(const char *path)
{
        for (size_t i = 0; i < web_n_files; i++)
                if (streq(web_files[i].path, path))
                        return &web_files[i];
        return NULL;
}

/* Headers of every file. A name with a hash never has other contents, so browsers may keep it. */
static void add_headers(Request *request, const WebFile *file, const char *etag)
{
        bool has_hash = !streq(file->path, "/");

        request_header_out(request, "ETag", etag);
        request_header_out(request, "Cache-Control",
                           has_hash ? "public, max-age=31536000, immutable" : "no-cache");
        request_header_out(request, "Vary", "Accept-Encoding");
        request_header_out(request, "Content-Security-Policy", POLICY);
        request_header_out(request, "Referrer-Policy", "no-referrer");
        request_header_out(request, "Cross-Origin-Opener-Policy", "same-origin");
        request_header_out(request, "Cross-Origin-Resource-Policy", "same-origin");
}

int handle_web(Request *request, Error *err)
{
        const WebFile *file = request->api->options.web ? find_file(request->path) : NULL;
        const char *known = request_header(request, "If-None-Match");
        Buffer *body = arena_alloc(&request->arena, sizeof(*body));
        bool is_gzip;

        if (!body)
                return error_oom(err);
        if (!file) {
                request_problem(request, 404, "there is nothing at %s", request->path);
                return 0;
        }
        is_gzip = file->gzip && accepts_gzip(request_header(request, "Accept-Encoding"));
        add_headers(request, file, is_gzip ? file->gzip_etag : file->etag);
        if (known && etag_is_listed(known, is_gzip ? file->gzip_etag : file->etag, true)) {
                request->answer.status = 304;
                return 0;
        }
        if (is_gzip)
                request_header_out(request, "Content-Encoding", "gzip");
        /* nothing writes to a shared buffer */
        *body = (Buffer){ .data = (char *)(uintptr_t)(is_gzip ? file->gzip : file->plain),
                          .size = is_gzip ? file->gzip_size : file->plain_size };
        request->answer.type = file->type;
        request->answer.shared = body;
        return 0;
}
