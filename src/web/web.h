#pragma once

/* The files of the page, embedded at build by src/web/embed. */

#include <stddef.h>

typedef struct WebFile {
        const char *path; /* path of the URL: "/", or "/web/HASH/NAME" */
        const char *type; /* media type */
        const char *etag, *gzip_etag;
        const unsigned char *plain;
        size_t plain_size;
        const unsigned char *gzip; /* NULL: compression does not make the file smaller */
        size_t gzip_size;
} WebFile;

extern const WebFile web_files[];
extern const size_t web_n_files;
