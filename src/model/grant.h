#pragma once

/* Decides which Registry may use which secret of the daemon. Specs only name secrets. Without
 * grants any tenant could name another tenant's password and send it to its own host. */

#include "base/error.h"
#include "model/registry.h"

typedef struct CredentialGrant {
        Place place;      /* must be first */
        const char *name; /* as specs name it: a credential, a path, or a credential helper */
        Strings tenants;  /* "*": every one */
        Strings hosts;    /* hosts that may receive it: HOST or HOST:PORT as in url; "*": any */
} CredentialGrant;

typedef struct CredentialGrants {
        CredentialGrant *items;
        size_t n;
        bool given; /* the configuration has the section; without it everything is granted */
} CredentialGrants;

/* True if the Registry names any secret: a password, a token, dockerConfig, a helper, a client key
 * or the secret of its hook. Includes its mirrors. */
bool registry_uses_secrets(const RegistrySpec *registry);

/* Returns -EACCES and ERROR_DENIED for the first secret that is not granted to the tenant and
 * host; the message has the line of relmand.yaml that would grant it. grants NULL: everything is
 * granted. */
int grants_check(const CredentialGrants *grants, const RegistrySpec *registry, Error *err);
