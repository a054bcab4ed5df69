#pragma once

/* Which proxy a request goes through. relman decides this itself and not libcurl, because the
 * address guard must know it: with a proxy the address that is connected to is the proxy's. */

#include <stdbool.h>

/* own: the proxy set for a pool, which wins over the environment; NULL if there is none. Else
 * http_proxy for http: URLs, https_proxy or HTTPS_PROXY for others, all_proxy or ALL_PROXY, unless
 * no_proxy or NO_PROXY names the host. Returns own, or a value of the environment; NULL: none. */
const char *proxy_for(const char *own, const char *url);

/* True if an entry of the list names the host: "*", a host and all below it ("example.com",
 * ".example.com", "*.example.com"), an address, a network ("10.0.0.0/8"), each also with ":PORT".
 * Entries are separated by commas or blanks. An IPv6 host stands in brackets. */
bool proxy_list_has(const char *list, const char *host, const char *port);
