#include "model/registry.h"

#include <stdio.h>

/* Splits "https://host:port/path" as far as is needed here. */
bool registry_spec_host(const RegistrySpec *registry, char *ret_host, size_t ret_size)
{
        const char *host = strstr(registry->url, "://");
        size_t size;

        if (!host)
                return false;
        host += 3;
        size = strcspn(host, "/");
        if (size >= ret_size)
                return false;
        for (size_t i = 0; i < size; i++)
                ret_host[i] =
                        (char)(host[i] >= 'A' && host[i] <= 'Z' ? host[i] - 'A' + 'a' : host[i]);
        ret_host[size] = '\0';
        if (streq(ret_host, "registry-1.docker.io") || streq(ret_host, "index.docker.io"))
                (void)snprintf(ret_host, ret_size, "docker.io");
        return true;
}
