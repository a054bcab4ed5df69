#pragma once

/* The facts about a polled component that src/sync offers to the other controllers. */

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
        VersionPolicy **policy;   /* *policy is NULL until component_policy() is called */
        usec_t attempted_at; /* monotonic: end of the last poll by this spec, successful or not; 0:
                              * none */
        unsigned n_failures; /* polls in a row that failed */
        usec_t succeeded_at; /* wall: end of the last poll that succeeded; 0: none did */
        /* The rules changed, and no poll has evaluated the versions by the new rules. Nothing is
         * released from the versions until then. False if the component is suspended. */
        bool versions_are_old;
        /* Some tags have no digest yet. The heads are current. Other versions may be missing, or
         * may later be named after another tag. False if the component is suspended. */
        bool versions_are_pending;
} Component;

#define VERSIONS_ARE_OLD                                                                            \
        "component '%s': its rules changed and its versions were not evaluated by them yet; it is " \
        "polled again"

/* Returns the rules of the component in *ret. The first call compiles them. */
int component_policy(const Component *component, VersionPolicy **ret, Error *err);
