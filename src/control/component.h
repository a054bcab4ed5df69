#pragma once

/* The facts about a component polled by src/sync that other controllers may use. */

#include <stdbool.h>

#include "base/time.h"
#include "model/component.h"
#include "registry/registry.h"
#include "version/policy.h"

/* Borrowed: valid until the event loop continues. */
typedef struct Component {
        const char *id;
        const ComponentSpec *spec;
        const char *repository;   /* path of the repository within the registry */
        Registry *client;         /* NULL: its registry cannot be used */
        const char *registry_key; /* identifies the client, also after a reload */
        VersionPolicy **policy;   /* NULL until component_policy() */
        usec_t attempted_at; /* monotonic: end of the last poll by this spec, successful or not; 0:
                              * none */
        unsigned n_failures; /* polls in a row that failed */
        usec_t succeeded_at; /* wall: end of the last poll that succeeded; 0: none did */
        /* No poll has evaluated the versions by the rules of the present document. Nothing is
         * released from them before that. A suspended component keeps them. */
        bool versions_are_old;
        /* Some tags have no digest yet. The heads are current; other versions may be missing, or
         * get the name of another tag. */
        bool versions_are_pending;
} Component;

#define VERSIONS_ARE_OLD                                                                            \
        "component '%s': its rules changed and its versions were not evaluated by them yet; it is " \
        "polled again"

/* Returns its rules, compiled at first use. */
int component_policy(const Component *component, VersionPolicy **ret, Error *err);
