#include "model/registry.h"

#include <string.h>

bool registry_spec_host(const RegistrySpec *registry, char ret_host[HOST_MAX])
{
        return host_of_url(registry->url, ret_host);
}

bool registry_serves(const RegistrySpec *registry, const char *image_host)
{
        char own[HOST_MAX], other[HOST_MAX];

        return registry_spec_host(registry, own) &&
               host_canonical(image_host, strlen(image_host), host_default_port(registry->url),
                              other) &&
               streq(own, other);
}

bool registry_has_hook(const RegistrySpec *registry)
{
        return registry->hook.secret_file || registry->hook.secret_credential;
}

const VerifyRules *component_verify(const ComponentSpec *component, const RegistrySpec *registry)
{
        return component->verify.n > 0 || !registry ? &component->verify : &registry->verify;
}
