#pragma once

/* Checks whether a Registry may use the daemon's secrets that it names. Specs only name secrets.
 * Without grants any tenant could name another tenant's password and send this password to its own
 * host. */

#include "base/error.h"
#include "model/registry.h"

typedef struct CredentialGrant {
        Place place;      /* must be first */
        const char *name; /* the secret, as specs name it: a credential, a path, or a credential
                             helper */
        Strings tenants;  /* "*": all */
        Strings hosts; /* hosts that may receive the secret: HOST or HOST:PORT as in url; "*": any
                        */
} CredentialGrant;

typedef struct CredentialGrants {
        CredentialGrant *items;
        size_t n;
        bool given; /* the configuration has the section; otherwise everything is granted */
} CredentialGrants;

/* True if the Registry or one of its mirrors names any secret: a password, a token, dockerConfig, a
 * helper, a client key or the secret of the hook. */
bool registry_uses_secrets(const RegistrySpec *registry);

/* Returns 0 if all secrets are granted. Otherwise returns -EACCES and ERROR_DENIED for the first
 * secret that is not granted to the tenant and host. The message has the line of relmand.yaml that
 * would grant the secret. grants NULL: everything is granted. */
int grants_check(const CredentialGrants *grants, const RegistrySpec *registry, Error *err);
