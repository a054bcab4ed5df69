#pragma once

/* Kind Registry: a source of images, and how to access it. */

#include "base/time.h"
#include "model/component.h"
#include "model/image/host.h"
#include "model/object.h"
#include "model/resolve.h"

/* The type of a registry. All types support the OCI distribution API; the named ones also have an
 * API of their vendor that can be cheaper. */
typedef enum RegistryType {
        REGISTRY_AUTO, /* the type is chosen by the host */
        REGISTRY_OCI,
        REGISTRY_DOCKERHUB,
        REGISTRY_GAR,
        REGISTRY_ECR,
        REGISTRY_ACR,
        REGISTRY_GHCR,
        REGISTRY_QUAY,
        REGISTRY_HARBOR,
        REGISTRY_GITLAB,
        REGISTRY_OCI_LAYOUT, /* a directory in OCI image layout form */
        REGISTRY_TYPE_MAX_,
} RegistryType;

/* Decides whether versions of components of this registry keep their digests when tags move. */
typedef enum RegistryTags {
        REGISTRY_TAGS_IMMUTABLE,
        REGISTRY_TAGS_MUTABLE,
        REGISTRY_TAGS_MAX_,
} RegistryTags;

/* The places of credentials: names of files and of systemd credentials. Specs never contain secrets
 * themselves. If all members are NULL, access is anonymous. */
typedef struct RegistryAuth {
        Place place; /* must be the first member; its line is 0 if the document has no auth */
        const char *username;
        const char *password_file;       /* absolute path */
        const char *password_credential; /* name of a systemd credential */
        const char *token_file;          /* file with a bearer token, which is sent unchanged */
        const char *docker_config;       /* absolute path of a config.json of Docker */
        const char *helper;              /* NAME of docker-credential-NAME */
        const char *realm; /* the only token server that gets the credentials; NULL: see
                              registry/realm.h */
} RegistryAuth;

typedef struct RegistryTls {
        const char *ca_file; /* file in PEM format, used instead of the system's certificates */
        /* file with a client certificate in PEM format; only with key_file */
        const char *cert_file;
        const char *key_file;
} RegistryTls;

typedef struct RegistryLimits {
        int64_t concurrency;         /* concurrent requests */
        int64_t requests_per_second; /* 0: no limit */
        usec_t timeout;              /* maximum time of one complete request */
} RegistryLimits;

/* The secret that authenticates senders of webhooks. If both members are NULL, relmand accepts no
 * webhook. */
typedef struct RegistryHook {
        const char *secret_file;       /* absolute path */
        const char *secret_credential; /* name of a systemd credential */
} RegistryHook;

/* Another registry with the same content. */
typedef struct RegistryMirror {
        Place place; /* must be first */
        const char *url;
        const char *repository; /* template for names of repositories at the mirror
                                   (model/mirror-name.h); NULL: the same names */
        RegistryAuth auth;
        RegistryTls tls;
} RegistryMirror;

typedef struct RegistryMirrors {
        RegistryMirror *items;
        size_t n;
} RegistryMirrors;

typedef struct RegistrySpec {
        Object object; /* must be first */
        const char *url;
        RegistryType type;
        RegistryTags tags;
        const char *proxy; /* NULL: the environment variables decide */
        RegistryAuth auth;
        RegistryTls tls;
        RegistryLimits limits;
        RegistryMirrors mirrors;
        RegistryHook hook;
        Resolve resolve;
        VerifyRules verify; /* of components without rules */
        Place verify_place; /* its line is 0 if the document does not have the field */
} RegistrySpec;

typedef struct RegistrySpecs {
        const RegistrySpec **items;
        size_t n;
} RegistrySpecs;

const char *registry_type_to_string(RegistryType type);

/* Sets ret_host to the host and port of a registry's URL, in the form of host_of_url(). Returns
 * false if the URL has no host. */
bool registry_spec_host(const RegistrySpec *registry, char ret_host[HOST_MAX]);

/* Returns the rules about signatures of a component: its own, otherwise those of its Registry,
 * which is NULL if none is declared. */
const VerifyRules *component_verify(const ComponentSpec *component, const RegistrySpec *registry);

/* True if relmand accepts webhooks of the registry. */
bool registry_has_hook(const RegistrySpec *registry);

/* True if an image reference with this host means the registry. A host without a port has the
 * default port of the registry's scheme. */
bool registry_serves(const RegistrySpec *registry, const char *image_host);
