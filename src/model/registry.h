#pragma once

/* Kind Registry: a source of images, and how to access it. */

#include "base/time.h"
#include "model/host.h"
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

/* Whether the versions of its components keep their digests when their tags move. */
typedef enum RegistryTags {
        REGISTRY_TAGS_IMMUTABLE,
        REGISTRY_TAGS_MUTABLE,
        REGISTRY_TAGS_MAX_,
} RegistryTags;

/* Where the credentials are: names of files and of systemd credentials. Secrets themselves are
 * never in specs. If all members are NULL, access is anonymous. */
typedef struct RegistryAuth {
        Place place; /* must be the first member; its line is 0 if the document has no auth */
        const char *username;
        const char *password_file;       /* absolute path */
        const char *password_credential; /* name of a systemd credential */
        const char *token_file;          /* a bearer token sent as it is */
        const char *docker_config;       /* absolute path of a config.json of docker's */
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

/* How senders of webhooks authenticate. If both are NULL no webhook is accepted. */
typedef struct RegistryHook {
        const char *secret_file;       /* absolute path */
        const char *secret_credential; /* name of a systemd credential */
} RegistryHook;

/* Another registry with the same content. */
typedef struct RegistryMirror {
        Place place; /* must be first */
        const char *url;
        const char *repository; /* the names of repositories there: model/mirror-name.h; NULL: the
                                   same names */
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
} RegistrySpec;

typedef struct RegistrySpecs {
        const RegistrySpec **items;
        size_t n;
} RegistrySpecs;

const char *registry_type_to_string(RegistryType type);

/* Sets the host, with its port, of a registry's URL, in the form of host_of_url(). False if the URL
 * has no host. */
bool registry_spec_host(const RegistrySpec *registry, char ret_host[HOST_MAX]);

/* True if an image reference with this host means the registry. Without a port the default one of
 * the registry's scheme applies. */
bool registry_serves(const RegistrySpec *registry, const char *image_host);
