#pragma once

/* Which Registry may use which secret of the daemon. Specs only name secrets; without grants any
 * tenant could name the password of another and send it to a host of its own. */

#include "base/error.h"
#include "model/registry.h"

typedef struct CredentialGrant {
        Place place;      /* first */
        const char *name; /* as specs name it: a credential, a path, or a credential helper */
        Strings tenants;  /* "*": every one */
        Strings hosts;    /* where it may be sent: HOST or HOST:PORT as in url; "*": anywhere */
} CredentialGrant;

typedef struct CredentialGrants {
        CredentialGrant *items;
        size_t n;
        bool given; /* the configuration has the section; without it everything is granted */
} CredentialGrants;

/* Whether the Registry names any secret: a password, a token, dockerConfig, a helper, the key of a
 * client certificate or the secret of its hook, its mirrors' too. */
bool registry_uses_secrets(const RegistrySpec *registry);

/* -EACCES, ERROR_DENIED: the first secret that is not granted to the tenant and the host, with the
 * line of relmand.yaml that would grant it. grants may be NULL: then everything is granted. */
int grants_check(const CredentialGrants *grants, const RegistrySpec *registry, Error *err);
