#pragma once

/* Secrets: one line of text in a file, or in a systemd credential. */

#include "base/error.h"

/* Where a secret is; both NULL: there is none. */
typedef struct SecretPlace {
        const char *file;       /* path */
        const char *credential; /* name, in folder */
        const char *folder;     /* $CREDENTIALS_DIRECTORY; NULL: none */
} SecretPlace;

/* malloc()ed; *ret is NULL if there is none. Anything that could end a header is refused. */
int secret_read(const SecretPlace *place, char **ret, Error *err);

/* Overwrites and frees it, and sets it to NULL; for _cleanup_ too. */
void secret_forget(char **secret);
