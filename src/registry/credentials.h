#pragma once

/* Reads secrets from files and systemd credentials when they are needed, and erases them after
 * use. */

#include <stdbool.h>

#include "base/error.h"
#include "model/registry.h"

typedef struct Credentials {
        char *username;
        char *password;
        char *token;          /* a bearer token, sent unchanged */
        char *identity_token; /* an OAuth2 refresh token, only for the token server */
        char *helper;         /* the credential helper that returns the credentials; NULL: none */
        bool is_scoped;       /* the file has different credentials for some repositories of the
                               * host */
} Credentials;

/* The places where credentials_read() looks for credentials. folder is the folder of systemd
 * credentials; NULL if there is none. host and repository select an entry in dockerConfig; host is
 * in the form of host_canonical(). If auth names no credentials, credentials_read() sets all
 * members of *ret to NULL. */
typedef struct CredentialsPlan {
        const RegistryAuth *auth;
        const char *folder;
        const char *host;
        const char *repository;
} CredentialsPlan;
int credentials_read(const CredentialsPlan *plan, Credentials *ret, Error *err);
/* True if relman would send the credentials to a token server: a password or a refresh token. */
bool credentials_are_secret(const Credentials *credentials);
int credentials_copy(const Credentials *from, Credentials *ret);

/* docker-config.c: finds the credentials of an image in docker's config.json or podman's
 * auth.json. */
int credentials_from_docker(const char *json, size_t size, const CredentialsPlan *plan,
                            Credentials *ret, Error *err);
int credentials_from_helper(const char *json, size_t size, Credentials *ret, Error *err);
bool helper_name_is_valid(const char *name);
void credentials_done(Credentials *credentials); /* overwrites and frees all texts */

/* Returns the value of the Authorization header, such as "Basic dXNlcjpwYXNz", malloc()ed. NULL if
 * memory ran out. */
char *credentials_basic(const Credentials *credentials);
