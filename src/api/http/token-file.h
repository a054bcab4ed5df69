#pragma once

/* The file of bearer tokens. It is looked at for each request over TCP, so that what was taken out
 * of it is revoked at once, and read again only when it is another than before. */

#include <sys/stat.h>

#include "api/http/token.h"

typedef struct TokenFile {
        Arena arena;
        ApiTokens tokens;
        struct stat of;  /* the file they were read from */
        bool is_settled; /* a change of it from then on shows in its times */
} TokenFile;

/* Of the last read; they live until the next. What cannot be read has none, and the error says why.
 */
int token_file_read(TokenFile *file, const char *path, const ApiTokens **ret, Error *err);
void token_file_done(TokenFile *file);
