#pragma once

/* Secrets: text in a file, or in a systemd credential; one line, unless has_lines. */

#include <stdbool.h>

#include "base/error.h"

/* Where a secret is; both NULL: there is none. */
typedef struct SecretPlace {
        const char *file;       /* path */
        const char *credential; /* name, in folder */
        const char *folder;     /* $CREDENTIALS_DIRECTORY; NULL: none */
        bool has_lines; /* several lines are allowed; the program that uses the secret encodes them
                         */
} SecretPlace;

/* Returns a malloc()ed text without trailing line breaks; *ret is NULL if there is no secret.
 * Without has_lines, characters that could end a header are refused. */
int secret_read(const SecretPlace *place, char **ret, Error *err);

/* Overwrites and frees the secret, and sets it to NULL; for _cleanup_ too. */
void secret_forget(char **secret);
