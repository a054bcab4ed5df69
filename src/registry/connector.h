#pragma once

/* Connectors for registries whose own API lists tags with their digests, and often with push times:
 * no tag then needs its own request. A connector is chosen from one table, by the Registry's type
 * or its host. If the API refuses a repository (for lack of rights), OCI's list is read instead
 * (fall-back.c).
 *
 *   dockerhub  /v2/namespaces/NS/repositories/NAME/tags, on hub.docker.com, anonymously
 *   quay       /api/v1/repository/NAME/tag/, anonymously: robot accounts have no right to it
 *   harbor     /api/v2.0/projects/P/repositories/R/artifacts, with the robot's password; not for
 *              a project that is a proxy cache
 *   gar        OCI's list, which has a map of digests here
 *   acr        /acr/v1/NAME/_tags
 *   gitlab     /gitlab/v1/repositories/NAME/tags/list/ */

#include "registry/internal.h"
#include "registry/tag-collector.h"

typedef struct Connector {
        const char *name;
        RequestAuth auth;
        bool by_number; /* pages are numbered: &page=N; else by the Link header */
        /* malloc()ed; NULL when memory ran out. */
        char *(*list_url)(const Registry *registry, const char *repository);
        /* Adds the page's tags. With numbered pages *ret_more is set if another one follows.
         * ERROR_HOSTILE if the page is malformed; -ENOMEM. */
        int (*parse)(JsonSpan page, TagCollector *collector, bool *ret_more, Error *err);
        /* An URL whose answer shows whether the list holds all tags of a repository; malloc()ed.
         * NULL: it always does. */
        char *(*check_url)(const Registry *registry, const char *repository);
        bool (*lists_all)(JsonSpan answer);
} Connector;

/* Returns NULL if only OCI's API can be used. spec may be NULL. */
const Connector *connector_find(const RegistrySpec *spec, const char *host);
