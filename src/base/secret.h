#pragma once

/* Reads secrets: text in a file or in a systemd credential. */

#include <stdbool.h>

#include "base/error.h"

/* The place of a secret. If file and credential are NULL, there is no secret. file has precedence.
 */
typedef struct SecretPlace {
        const char *file;       /* path */
        const char *credential; /* name, in folder */
        const char *folder;     /* $CREDENTIALS_DIRECTORY; NULL: none */
        bool has_lines; /* allows several lines; the user of the secret encodes the line breaks */
} SecretPlace;

/* Sets *ret to a malloc()ed text without trailing line breaks, or to NULL if place names no secret.
 * An empty secret is an error. Without has_lines, more than one line is an error too, because a
 * line break could end a header. */
int secret_read(const SecretPlace *place, char **ret, Error *err);

/* Overwrites and frees *secret, and sets it to NULL. Can be used with _cleanup_. */
void secret_forget(char **secret);
