#pragma once

/* Makes the description of a remote from the configuration: its cache and its secrets. */

#include "git/git.h"

/* Returns the folder of a cache, beside the database: one for each text, such as "URL BRANCH".
 * NULL: no memory. */
const char *git_cache_path(const char *state_path, const char *text, Arena *arena);

/* Names of systemd credentials. */
typedef struct GitCredentials {
        const char *folder;     /* $CREDENTIALS_DIRECTORY; NULL: none */
        const char *credential; /* for the server; NULL: none */
        const char *signing;    /* the key that signs commits; NULL: none */
} GitCredentials;

/* Adds the secrets to the remote. Checks that they can be read, for a better message than that of
 * the command. */
int git_remote_add_secrets(GitRemote *remote, const GitCredentials *credentials, Arena *arena,
                           Error *err);
