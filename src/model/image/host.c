#include "model/image/host.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/macros.h"
#include "base/text.h"

/* Returns the size of the host name, which ends before ":PORT". */
static size_t host_name_size(const char *text, size_t size)
{
        const char *close = size > 0 && text[0] == '[' ? memchr(text, ']', size) : NULL;
        const char *colon;

        if (close)
                return (size_t)(close - text) + 1;
        colon = memchr(text, ':', size);
        return colon ? (size_t)(colon - text) : size;
}

/* Writes an IPv6 address in brackets in its shortest form. Leaves any other host unchanged. */
static void host_shorten_address(char name[HOST_MAX])
{
        size_t size = strlen(name);
        char short_form[INET6_ADDRSTRLEN];
        struct in6_addr address;

        if (size < 3 || name[0] != '[' || name[size - 1] != ']')
                return;
        name[size - 1] = '\0';
        if (inet_pton(AF_INET6, name + 1, &address) == 1 &&
            inet_ntop(AF_INET6, &address, short_form, sizeof(short_form)))
                (void)snprintf(name, HOST_MAX, "[%s]", short_form);
        else
                name[size - 1] = ']';
}

static bool is_docker_hub(const char *host)
{
        return streq(host, "index.docker.io") || streq(host, "registry-1.docker.io");
}

bool host_canonical(const char *text, size_t size, const char *default_port, char ret[HOST_MAX])
{
        size_t name = host_name_size(text, size);
        const char *port = text + MIN(name + 1, size);
        size_t port_size = size - MIN(name + 1, size);

        if (size >= HOST_MAX)
                return false;
        for (; port_size > 1 && *port == '0'; port_size--)
                port++;
        if (port_size == strlen(default_port) && strncmp(port, default_port, port_size) == 0)
                port_size = 0;
        if (name > 1 && text[name - 1] == '.')
                name--;
        for (size_t i = 0; i < name; i++)
                ret[i] = text_lower(text[i]);
        ret[name] = '\0';
        host_shorten_address(ret);
        name = strlen(ret);
        if (port_size > 0)
                return snprintf(ret + name, HOST_MAX - name, ":%.*s", (int)port_size, port) <
                       (int)(HOST_MAX - name);
        if (is_docker_hub(ret))
                (void)snprintf(ret, HOST_MAX, "docker.io");
        return true;
}

const char *host_default_port(const char *url)
{
        return strncasecmp(url, "http:", 5) == 0 ? "80" : "443";
}

bool host_of_url(const char *url, char ret[HOST_MAX])
{
        const char *host = strstr(url, "://");

        return host &&
               host_canonical(host + 3, strcspn(host + 3, "/?#"), host_default_port(url), ret);
}
