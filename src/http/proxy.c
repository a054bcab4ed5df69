#include "http/proxy.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/macros.h"
#include "http/http.h"

#define ENTRY_SIZE 256 /* longest host name that is compared */

/* --- NO_PROXY --------------------------------------------------------------------------------- */

typedef struct RawAddress {
        unsigned char bytes[16];
        size_t size; /* bytes of the address: 4 or 16; 0: the text is not an address */
} RawAddress;

static RawAddress address_read(const char *text)
{
        RawAddress address = { .size = 4 };

        if (inet_pton(AF_INET, text, address.bytes) == 1)
                return address;
        address.size = inet_pton(AF_INET6, text, address.bytes) == 1 ? 16 : 0;
        return address;
}

/* True if the network, such as "10.0.0.0/8" or a single address, contains host. */
static bool network_has(char *network, const RawAddress *host)
{
        char *slash = strchr(network, '/'), *end = NULL;
        RawAddress base;
        unsigned long bits;

        if (slash)
                *slash = '\0';
        base = address_read(network);
        bits = slash ? strtoul(slash + 1, &end, 10) : base.size * 8;
        if (base.size != host->size || bits > base.size * 8 || (slash && (!slash[1] || *end)))
                return false;
        if (memcmp(base.bytes, host->bytes, bits / 8) != 0)
                return false;
        return bits % 8 == 0 ||
               ((base.bytes[bits / 8] ^ host->bytes[bits / 8]) >> (8 - bits % 8)) == 0;
}

static void trim_dots(char **name)
{
        size_t size;

        if (strncmp(*name, "*.", 2) == 0)
                (*name)++;
        if (**name == '.')
                (*name)++;
        size = strlen(*name);
        if (size > 0 && (*name)[size - 1] == '.')
                (*name)[size - 1] = '\0';
}

static bool domain_has(const char *domain, const char *host)
{
        size_t size = strlen(domain), n = strlen(host);

        if (size == 0 || size > n || strcasecmp(host + n - size, domain) != 0)
                return false;
        return size == n || host[n - size - 1] == '.';
}

/* Removes ":PORT" and brackets from an entry. Returns false if the entry is for another port. */
static bool split_port(char **entry, const char *port)
{
        char *close = **entry == '[' ? strchr(*entry, ']') : NULL;
        char *colon = strchr(close ? close : *entry, ':');

        if (close) {
                *close = '\0';
                (*entry)++;
                /* an IPv6 address without brackets */
        } else if (colon && strchr(colon + 1, ':'))
                return true;
        if (!colon)
                return true;
        *colon = '\0';
        return streq(colon + 1, port);
}

static bool entry_names(char *entry, const char *host, const char *port)
{
        RawAddress address = address_read(host);

        if (streq(entry, "*"))
                return true;
        if (!split_port(&entry, port))
                return false;
        if (address.size > 0)
                return network_has(entry, &address);
        trim_dots(&entry);
        return domain_has(entry, host);
}

bool proxy_list_has(const char *list, const char *host, const char *port)
{
        char entry[ENTRY_SIZE], plain[ENTRY_SIZE], *name = plain;
        size_t n = strlen(host);

        if (n == 0 || n >= sizeof(plain))
                return false;
        memcpy(plain, host, n + 1);
        if (plain[0] == '[' && plain[n - 1] == ']') {
                plain[n - 1] = '\0';
                name++;
        } else if (plain[n - 1] == '.')
                plain[n - 1] = '\0';
        for (list += strspn(list, " \t,"); *list; list += strspn(list, " \t,")) {
                size_t size = strcspn(list, " \t,");

                if (size < sizeof(entry)) {
                        memcpy(entry, list, size);
                        entry[size] = '\0';
                        if (entry_names(entry, name, port))
                                return true;
                }
                list += size;
        }
        return false;
}

/* --- the environment -------------------------------------------------------------------------- */

/* An empty variable counts as unset, as in curl. */
static const char *variable(const char *lower, const char *upper)
{
        const char *value = getenv(lower);

        if ((!value || !*value) && upper)
                value = getenv(upper);
        return value && *value ? value : NULL;
}

const char *proxy_for(const char *own, const char *url)
{
        _cleanup_(freep) char *host = NULL, *port = NULL;
        const char *proxy, *none;

        if (own)
                return own;
        /* not HTTP_PROXY, which CGI sets from a request's header "Proxy" */
        proxy = strncasecmp(url, "http:", 5) == 0 ? variable("http_proxy", NULL)
                                                  : variable("https_proxy", "HTTPS_PROXY");
        if (!proxy)
                proxy = variable("all_proxy", "ALL_PROXY");
        none = proxy ? variable("no_proxy", "NO_PROXY") : NULL;
        if (!none)
                return proxy;
        host = url_host(url);
        port = url_port(url);
        return host && port && proxy_list_has(none, host, port) ? NULL : proxy;
}
