#pragma once

/* The file of bearer tokens. It is checked for each request over TCP, so that a removed token is
 * revoked at once, and read again only if it changed. */

#include <sys/stat.h>

#include "api/http/token.h"

typedef struct TokenFile {
        Arena arena;
        ApiTokens tokens;
        struct stat of;  /* the file that was read */
        bool is_settled; /* the file is old enough that each later change gives it other times */
} TokenFile;

/* Returns the tokens of the last read, valid until the next. An unreadable file has none, and err
 * has the reason. */
int token_file_read(TokenFile *file, const char *path, const ApiTokens **ret, Error *err);
void token_file_done(TokenFile *file);
