#pragma once

/* Secrets: text in a file, or in a systemd credential; one line, unless has_lines. */

#include <stdbool.h>

#include "base/error.h"

/* Where a secret is; both NULL: there is none. */
typedef struct SecretPlace {
        const char *file;       /* path */
        const char *credential; /* name, in folder */
        const char *folder;     /* $CREDENTIALS_DIRECTORY; NULL: none */
        bool has_lines;         /* it may have several: who uses it encodes it */
} SecretPlace;

/* malloc()ed, without line breaks at its end; *ret is NULL if there is none. Without has_lines
 * anything that could end a header is refused. */
int secret_read(const SecretPlace *place, char **ret, Error *err);

/* Overwrites and frees it, and sets it to NULL; for _cleanup_ too. */
void secret_forget(char **secret);
