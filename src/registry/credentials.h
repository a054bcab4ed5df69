#pragma once

/* Secrets from files and systemd credentials, read when they are needed and forgotten after. */

#include <stdbool.h>

#include "base/error.h"
#include "model/registry.h"

typedef struct Credentials {
        char *username;
        char *password;
        char *token;          /* a bearer token to send as it is */
        char *identity_token; /* an OAuth2 refresh token, for the token server alone */
        char *helper;         /* nothing is known here: this credential helper must be asked */
        bool is_scoped;       /* another repository of the host may have other ones */
} Credentials;

/* All NULL if auth names none. folder: of systemd credentials, NULL if there is none. host and
 * repository: for dockerConfig; host as of host_canonical(). */
typedef struct CredentialsPlan {
        const RegistryAuth *auth;
        const char *folder;
        const char *host;
        const char *repository;
} CredentialsPlan;
int credentials_read(const CredentialsPlan *plan, Credentials *ret, Error *err);
bool credentials_are_secret(const Credentials *credentials); /* a token server would be sent some */
int credentials_copy(const Credentials *from, Credentials *ret);

/* docker-config.c: the credentials of a config.json of docker's, or an auth.json of podman's, for
 * an image. */
int credentials_from_docker(const char *json, size_t size, const CredentialsPlan *plan,
                            Credentials *ret, Error *err);
int credentials_from_helper(const char *json, size_t size, Credentials *ret, Error *err);
bool helper_name_is_valid(const char *name);
void credentials_done(Credentials *credentials); /* overwrites them */

/* "Basic dXNlcjpwYXNz", malloc()ed; NULL when memory ran out. */
char *credentials_basic(const Credentials *credentials);
