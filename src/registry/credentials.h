#pragma once

/* Secrets from files and systemd credentials, read when they are needed and forgotten after. */

#include "base/error.h"
#include "model/registry.h"

typedef struct Credentials {
        char *username;
        char *password;
        char *token; /* a bearer token to send as it is */
} Credentials;

/* All NULL if auth names none. folder: of systemd credentials, NULL if there is none. */
int credentials_read(const RegistryAuth *auth, const char *folder, Credentials *ret, Error *err);
void credentials_done(Credentials *credentials); /* overwrites them */

/* "Basic dXNlcjpwYXNz", malloc()ed; NULL when memory ran out. */
char *credentials_basic(const Credentials *credentials);
