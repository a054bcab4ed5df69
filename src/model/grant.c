#include "model/grant.h"

#include <errno.h>

#define SECRETS_MAX 6

/* Collects the names of the secrets that one login uses. Returns their number. */
static size_t collect_secrets(const RegistryAuth *auth, const RegistryTls *tls,
                              const char *secrets[SECRETS_MAX])
{
        const char *const all[SECRETS_MAX] = { auth->password_file, auth->password_credential,
                                               auth->token_file,    auth->docker_config,
                                               auth->helper,        tls->key_file };
        size_t n = 0;

        for (size_t i = 0; i < SECRETS_MAX; i++)
                if (all[i])
                        secrets[n++] = all[i];
        return n;
}

bool registry_uses_secrets(const RegistrySpec *registry)
{
        const char *secrets[SECRETS_MAX];

        if (registry_has_hook(registry) ||
            collect_secrets(&registry->auth, &registry->tls, secrets) > 0)
                return true;
        for (size_t i = 0; i < registry->mirrors.n; i++)
                if (collect_secrets(&registry->mirrors.items[i].auth,
                                    &registry->mirrors.items[i].tls, secrets) > 0)
                        return true;
        return false;
}

static bool grants_has(const Strings *words, const char *word)
{
        for (size_t i = 0; i < words->n; i++)
                if (streq(words->items[i], "*") || strcasecmp(words->items[i], word) == 0)
                        return true;
        return false;
}

static bool grants_has_host(const Strings *hosts, const char *host, const char *url)
{
        char word[HOST_MAX];

        if (grants_has(hosts, host))
                return true;
        for (size_t i = 0; i < hosts->n; i++)
                if (host_canonical(hosts->items[i], strlen(hosts->items[i]), host_default_port(url),
                                   word) &&
                    streq(word, host))
                        return true;
        return false;
}

/* Checks that a grant allows sending one secret to the host of a URL. */
static int grants_check_one(const CredentialGrants *grants, const RegistrySpec *registry,
                            const char *secret, const char *url, Error *err)
{
        const Meta *meta = &registry->object.meta;
        const RegistrySpec at = { .url = url };
        char host[HOST_MAX] = "";

        if (!registry_spec_host(&at, host))
                host[0] = '\0'; /* a folder has no host: only the host "*" grants the secret */
        for (size_t i = 0; i < grants->n; i++) {
                const CredentialGrant *grant = &grants->items[i];

                if (streq(grant->name, secret) && grants_has(&grant->tenants, meta->tenant) &&
                    grants_has_host(&grant->hosts, host, url))
                        return 0;
        }
        return error_set(err, ERROR_DENIED, -EACCES,
                         "registry '%s' of tenant '%s' may not use '%s' for host '%s', and is not "
                         "asked: relmand.yaml does not grant it. To grant it, add to credentials: "
                         "{name: %s, tenants: [%s], hosts: ['%s']}",
                         meta->name, meta->tenant, secret, host, secret, meta->tenant, host);
}

/* Checks every host that may receive the secrets of a login: the host of the URL, a pinned token
 * server, and a proxy if the connection is not encrypted. */
static int grants_check_login(const CredentialGrants *grants, const RegistrySpec *registry,
                              const char *url, const RegistryAuth *auth, const RegistryTls *tls,
                              Error *err)
{
        const char *const urls[] = { url, auth->realm,
                                     strncmp(url, "http:", 5) == 0 ? registry->proxy : NULL };
        const char *secrets[SECRETS_MAX];
        size_t n = collect_secrets(auth, tls, secrets);
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++)
                for (size_t k = 0; k < ARRAY_SIZE(urls) && r >= 0; k++)
                        if (urls[k])
                                r = grants_check_one(grants, registry, secrets[i], urls[k], err);
        return r;
}

int grants_check(const CredentialGrants *grants, const RegistrySpec *registry, Error *err)
{
        const char *const hooks[] = { registry->hook.secret_file,
                                      registry->hook.secret_credential };
        int r;

        if (!grants || !grants->given)
                return 0;
        r = grants_check_login(grants, registry, registry->url, &registry->auth, &registry->tls,
                               err);
        for (size_t i = 0; i < registry->mirrors.n && r >= 0; i++) {
                const RegistryMirror *mirror = &registry->mirrors.items[i];

                r = grants_check_login(grants, registry, mirror->url, &mirror->auth, &mirror->tls,
                                       err);
        }
        for (size_t i = 0; i < ARRAY_SIZE(hooks) && r >= 0; i++)
                if (hooks[i])
                        r = grants_check_one(grants, registry, hooks[i], registry->url, err);
        return r;
}
