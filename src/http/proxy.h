#pragma once

/* Chooses the proxy of a request. relman does this instead of libcurl, because the check of
 * addresses must know whether a connection goes to a proxy. */

#include <stdbool.h>

/* Returns own, the proxy of a pool, if it is not NULL. Otherwise returns the proxy of the
 * environment: http_proxy for http: URLs, https_proxy or HTTPS_PROXY for others, or else all_proxy
 * or ALL_PROXY. Returns NULL if none is set, or if no_proxy or NO_PROXY matches the host. */
const char *proxy_for(const char *own, const char *url);

/* True if an entry of the list matches the host. An entry is "*", a domain ("example.com",
 * ".example.com", "*.example.com"), an address or a network ("10.0.0.0/8"). All but "*" may end
 * with ":PORT". Commas or blanks separate entries. An IPv6 host may have brackets. */
bool proxy_list_has(const char *list, const char *host, const char *port);
