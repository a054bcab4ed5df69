#pragma once

/* Kind Registry: a source of images, and how to access it. */

#include "base/time.h"
#include "model/host.h"
#include "model/object.h"
#include "model/resolve.h"

/* All types support the OCI distribution API; the named ones also have a vendor API that can be
 * cheaper. */
typedef enum RegistryType {
        REGISTRY_AUTO, /* by host */
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

/* Whether the versions of its components keep their digests when their tags move. */
typedef enum RegistryTags {
        REGISTRY_TAGS_IMMUTABLE,
        REGISTRY_TAGS_MUTABLE,
        REGISTRY_TAGS_MAX_,
} RegistryTags;

/* Names of files and credentials; secrets themselves are never in specs. Anonymous if all are NULL.
 */
typedef struct RegistryAuth {
        Place place; /* must be first; line 0: no auth was given */
        const char *username;
        const char *password_file;       /* absolute path */
        const char *password_credential; /* name of a systemd credential */
        const char *token_file;          /* a bearer token sent as it is */
        const char *docker_config;       /* absolute path of a config.json of docker's */
        const char *helper;              /* NAME of docker-credential-NAME */
        const char *realm;               /* the only token server credentials may go to */
} RegistryAuth;

typedef struct RegistryTls {
        const char *ca_file;   /* PEM, instead of the system's */
        const char *cert_file; /* PEM client certificate; with key_file */
        const char *key_file;
} RegistryTls;

typedef struct RegistryLimits {
        int64_t concurrency;         /* concurrent requests */
        int64_t requests_per_second; /* 0: no limit */
        usec_t timeout;              /* of one complete request */
} RegistryLimits;

/* How senders of webhooks authenticate. If both are NULL no webhook is accepted. */
typedef struct RegistryHook {
        const char *secret_file;       /* absolute path */
        const char *secret_credential; /* name of a systemd credential */
} RegistryHook;

/* Another registry with the same content, under the same repository names. */
typedef struct RegistryMirror {
        Place place; /* must be first */
        const char *url;
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
        const char *proxy; /* NULL: by the environment */
        RegistryAuth auth;
        RegistryTls tls;
        RegistryLimits limits;
        RegistryMirrors mirrors;
        RegistryHook hook;
        Resolve resolve;
} RegistrySpec;

typedef struct RegistrySpecs {
        const RegistrySpec **items;
        size_t n;
} RegistrySpecs;

const char *registry_type_to_string(RegistryType type);

/* The host (and port) of a registry's URL, as host_of_url(). False if it has none. */
bool registry_spec_host(const RegistrySpec *registry, char ret_host[HOST_MAX]);

/* True if an image reference with this host means the registry. Without a port the default one of
 * the registry's scheme applies. */
bool registry_serves(const RegistrySpec *registry, const char *image_host);
