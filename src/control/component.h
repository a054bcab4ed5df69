#pragma once

/* What other controllers may know of a component that src/sync polls. */

#include <stdbool.h>

#include "base/time.h"
#include "model/component.h"
#include "registry/registry.h"
#include "version/policy.h"

/* Lent: valid until the event loop goes on. */
typedef struct Component {
        const char *id;
        const ComponentSpec *spec;
        const char *repository;   /* path within the registry */
        Registry *client;         /* NULL: its registry cannot be asked */
        const char *registry_key; /* tells one client from another, also after a reload */
        VersionPolicy **policy;   /* NULL until component_policy() */
        usec_t attempted_at; /* monotonic: end of the last poll by this spec, good or bad; 0: none
                              */
        /* No poll has evaluated the versions by the rules of the present document: nothing is
         * released from them until then. What is suspended keeps them. */
        bool versions_are_old;
} Component;

#define VERSIONS_ARE_OLD                                                                            \
        "component '%s': its rules changed and its versions were not evaluated by them yet; it is " \
        "polled again"

/* Its rules, compiled when first needed. */
int component_policy(const Component *component, VersionPolicy **ret, Error *err);
