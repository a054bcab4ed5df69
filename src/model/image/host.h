#pragma once

/* Hosts of registries in one canonical form for comparison. Specs, image references, grants and
 * Docker's config.json name hosts with or without a port, in upper or lower case. */

#include <stdbool.h>
#include <stddef.h>

#define HOST_MAX 512

/* Writes a host as "HOST", "HOST:PORT" or "[IPV6]:PORT": in lower case, without a trailing dot and
 * without default_port ("443"). Writes IPv6 addresses in their shortest form, and all names of
 * Docker Hub as "docker.io". Returns false if the host is too long. */
bool host_canonical(const char *text, size_t size, const char *default_port, char ret[HOST_MAX]);

/* Same as host_canonical(), for the host of a URL; the scheme sets the default port. Returns false
 * if the URL has no host. */
bool host_of_url(const char *url, char ret[HOST_MAX]);

/* Returns "80" for a URL of http, else "443". */
const char *host_default_port(const char *url);
