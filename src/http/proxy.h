#pragma once

/* Chooses the proxy of a request. relman does this instead of libcurl because the address guard
 * must know it: with a proxy the connection goes to the proxy's address. */

#include <stdbool.h>

/* own: the proxy of a pool, which overrides the environment; NULL if there is none. Otherwise
 * http_proxy for http: URLs, https_proxy or HTTPS_PROXY for others, all_proxy or ALL_PROXY, unless
 * no_proxy or NO_PROXY matches the host. Returns own, or a value of the environment; NULL: none. */
const char *proxy_for(const char *own, const char *url);

/* True if an entry of the list matches the host: "*", a domain ("example.com", ".example.com",
 * "*.example.com"), an address, a network ("10.0.0.0/8"), each also with ":PORT". Entries are
 * separated by commas or blanks. An IPv6 host has brackets. */
bool proxy_list_has(const char *list, const char *host, const char *port);
