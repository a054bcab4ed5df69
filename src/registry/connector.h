#pragma once

/* Connectors for registries whose own API lists tags with their digests, and often with push times.
 * With such a list, relman needs no request for each tag. The type of the Registry, or its host,
 * selects the connector from a table. If the API refuses a repository, for example for lack of
 * rights, relman reads the list of OCI's API instead (fall-back.c).
 *
 *   dockerhub  /v2/namespaces/NS/repositories/NAME/tags, on hub.docker.com, anonymously
 *   quay       /api/v1/repository/NAME/tag/, anonymously: robot accounts have no right to it
 *   harbor     /api/v2.0/projects/P/repositories/R/artifacts, with the robot's password; not for
 *              a project that is a proxy cache
 *   gar        OCI's list, to which this registry adds a map of digests
 *   acr        /acr/v1/NAME/_tags
 *   gitlab     /gitlab/v1/repositories/NAME/tags/list/ */

#include "registry/internal.h"
#include "registry/tag-collector.h"

typedef struct Connector {
        const char *name;
        RequestAuth auth;
        bool by_number; /* the next page is &page=N; otherwise the Link header has its URL */
        /* Returns the URL of the first page, malloc()ed. NULL if memory ran out. */
        char *(*list_url)(const Registry *registry, const char *repository);
        /* Adds the tags of a page. Sets *ret_more to whether another page follows; the caller uses
         * it only with by_number. Returns 0 or more, or a negative errno: ERROR_HOSTILE if the page
         * is malformed. */
        int (*parse)(JsonSpan page, TagCollector *collector, bool *ret_more, Error *err);
        /* Returns the URL of a request whose answer shows whether the list has all tags of a
         * repository, malloc()ed. lists_all() evaluates the answer. Both members are NULL if the
         * list always has all tags. */
        char *(*check_url)(const Registry *registry, const char *repository);
        bool (*lists_all)(JsonSpan answer);
} Connector;

/* Returns the connector of a registry. NULL if only OCI's API can be used. spec may be NULL. */
const Connector *connector_find(const RegistrySpec *spec, const char *host);
