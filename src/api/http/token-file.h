#pragma once

/* The file of bearer tokens. Each request over TCP checks whether the file changed, and reads it
 * again if so. So removing a token revokes it at once. */

#include <sys/stat.h>

#include "api/http/token.h"

typedef struct TokenFile {
        Arena arena;
        ApiTokens tokens;
        struct stat of;  /* of the file that was read */
        bool is_settled; /* old enough when read, so that its times show each later change */
} TokenFile;

/* Sets *ret to the tokens, valid until the next call. Fails if the file cannot be read or is
 * invalid. */
int token_file_read(TokenFile *file, const char *path, const ApiTokens **ret, Error *err);
void token_file_done(TokenFile *file);
