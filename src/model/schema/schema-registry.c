#include "model/enum-names.h"
#include "model/registry.h"
#include "model/schema/schema.h"

/* clang-format off */
static const Field auth_fields[] = {
        { .name = "username", .type = FIELD_STRING, .offset = offsetof(RegistryAuth, username),
          .doc = "The user name; needs passwordFile or passwordCredential." },
        { .name = "passwordFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(RegistryAuth, password_file),
          .doc = "A file with the password; a line end after it is dropped. It is read again when the registry refuses the password." },
        { .name = "passwordCredential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(RegistryAuth, password_credential),
          .doc = "The name of a systemd credential (LoadCredential=) with the password." },
        { .name = "tokenFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(RegistryAuth, token_file),
          .doc = "A file with a bearer token, which is sent unchanged." },
        { .name = "dockerConfig", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(RegistryAuth, docker_config),
          .doc = "A config.json of docker login: auths, credHelpers and credsStore are supported. It is read again when the registry refuses its credentials." },
        { .name = "helper", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(RegistryAuth, helper),
          .doc = "The NAME of a credential helper docker-credential-NAME on the path; it runs at most every few minutes." },
        { .name = "realm", .type = FIELD_STRING, .format = FORMAT_URL, .offset = offsetof(RegistryAuth, realm),
          .doc = "The only token server that may get credentials. Needed only if the registry names a token server on another domain." },
        { 0 },
};
static const Schema auth_schema = {
        .name = "auth", .fields = auth_fields, .size = sizeof(RegistryAuth), .has_place = true,
        .doc = "How to log in. Secrets themselves are never in specs. Default: anonymous access.",
};

static const Field tls_fields[] = {
        { .name = "caFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(RegistryTls, ca_file),
          .doc = "PEM file with the authorities to trust instead of the system's." },
        { .name = "certFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(RegistryTls, cert_file),
          .doc = "PEM file with a client certificate; needs keyFile." },
        { .name = "keyFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(RegistryTls, key_file),
          .doc = "PEM file with the key of certFile." },
        { 0 },
};
static const Schema tls_schema = {
        .name = "tls", .fields = tls_fields, .size = sizeof(RegistryTls),
        .doc = "Transport security.",
};

static const Field limits_fields[] = {
        { .name = "concurrency", .type = FIELD_INTEGER, .offset = offsetof(RegistryLimits, concurrency), .positive = true, .default_value = "16",
          .doc = "The maximum number of concurrent requests." },
        { .name = "requestsPerSecond", .type = FIELD_INTEGER, .offset = offsetof(RegistryLimits, requests_per_second), .default_value = "0",
          .doc = "The maximum number of requests started in a second; 0: no limit." },
        { .name = "timeout", .type = FIELD_DURATION, .offset = offsetof(RegistryLimits, timeout), .positive = true, .default_value = "30s",
          .doc = "The maximum time of one complete request." },
        { 0 },
};
static const Schema limits_schema = {
        .name = "limits", .fields = limits_fields, .size = sizeof(RegistryLimits),
        .doc = "Limits on requests to this registry.",
};

static const Field mirror_fields[] = {
        { .name = "url", .type = FIELD_STRING, .format = FORMAT_REGISTRY_URL, .offset = offsetof(RegistryMirror, url), .required = true,
          .doc = "Its URL, as of a Registry." },
        { .name = "repository", .type = FIELD_STRING, .format = FORMAT_MIRROR_NAME, .offset = offsetof(RegistryMirror, repository),
          .doc = "The name of each repository there. ${repository} is its name at the registry (bitnami/redis), ${name} the last part of that (redis). Default: the same name." },
        { .name = "auth", .type = FIELD_OBJECT, .offset = offsetof(RegistryMirror, auth), .schema = &auth_schema,
          .doc = "How to log in there; a mirror never gets the registry's credentials." },
        { .name = "tls", .type = FIELD_OBJECT, .offset = offsetof(RegistryMirror, tls), .schema = &tls_schema,
          .doc = "Transport security." },
        { 0 },
};
static const Schema mirror_schema = {
        .name = "RegistryMirror", .fields = mirror_fields, .size = sizeof(RegistryMirror), .has_place = true,
        .doc = "Another registry with the same content.",
};

static const Field hook_fields[] = {
        { .name = "secretFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(RegistryHook, secret_file),
          .doc = "A file with the secret; a line end after it is dropped." },
        { .name = "secretCredential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(RegistryHook, secret_credential),
          .doc = "The name of a systemd credential (LoadCredential=) with the secret." },
        { 0 },
};
static const Schema hook_schema = {
        .name = "hook", .fields = hook_fields, .size = sizeof(RegistryHook),
        .doc = "The secret shared with senders of push webhooks.",
};

static const Field registry_fields[] = {
        { .name = "url", .type = FIELD_STRING, .format = FORMAT_REGISTRY_URL, .offset = offsetof(RegistrySpec, url), .required = true,
          .doc = "Its URL: https://registry.example.com, http:// without transport security, or oci-layout:/srv/images, a directory in OCI image layout form, whose Registry components must name." },
        { .name = "type", .type = FIELD_ENUM, .offset = offsetof(RegistrySpec, type), .names = registry_type_names, .default_value = "auto",
          .doc = "The type of registry. auto decides by the host. All but oci, ecr and ghcr have a vendor API that lists tags with digests; harbor must be set explicitly." },
        { .name = "tags", .type = FIELD_ENUM, .offset = offsetof(RegistrySpec, tags), .names = registry_tags_names, .default_value = "immutable",
          .doc = "What happens when a tag moves whose version is in a release: immutable (the version keeps its digest until relmanctl allow-move) or mutable (channels and streams follow each move). A Component's own tags come first." },
        { .name = "proxy", .type = FIELD_STRING, .format = FORMAT_URL, .offset = offsetof(RegistrySpec, proxy),
          .doc = "An http or https proxy only for this registry. Default: HTTPS_PROXY and NO_PROXY of the environment." },
        { .name = "auth", .type = FIELD_OBJECT, .offset = offsetof(RegistrySpec, auth), .schema = &auth_schema,
          .doc = "How to log in." },
        { .name = "tls", .type = FIELD_OBJECT, .offset = offsetof(RegistrySpec, tls), .schema = &tls_schema,
          .doc = "Transport security." },
        { .name = "limits", .type = FIELD_OBJECT, .offset = offsetof(RegistrySpec, limits), .schema = &limits_schema,
          .doc = "Limits on requests to this registry." },
        { .name = "verify", .type = FIELD_LIST, .offset = offsetof(RegistrySpec, verify), .schema = &verify_schema, .place_offset = offsetof(RegistrySpec, verify_place),
          .doc = "Signatures that images of this registry must have; the default of verify of Components. A Component's own verify replaces it." },
        { .name = "resolve", .type = FIELD_OBJECT, .offset = offsetof(RegistrySpec, resolve), .schema = &resolve_schema, .word = "all", .word_offset = offsetof(Resolve, all),
          .doc = "Which tags of its components get a digest, unless a component sets it: all (the default), or only the newest of each channel." },
        { .name = "mirrors", .type = FIELD_LIST, .offset = offsetof(RegistrySpec, mirrors), .schema = &mirror_schema,
          .doc = "Used in this order for a manifest by digest that the registry does not have or cannot serve now. Only bytes that match the digest are accepted. A mirror never decides about tags." },
        { .name = "hook", .type = FIELD_OBJECT, .offset = offsetof(RegistrySpec, hook), .schema = &hook_schema,
          .doc = "Accepts push webhooks of this registry at POST /hooks/v1/NAME. Default: none. A hook starts a poll at once; its content is not trusted." },
        { 0 },
};
static const Schema spec_schema = {
        .name = "Registry", .fields = registry_fields, .size = sizeof(RegistrySpec),
        .doc = "A source of images, and how to access it. A component finds its registry by the host of its imageRepository, or names it.",
};
/* clang-format on */

const KindSchema registry_schema = { .kind = KIND_REGISTRY, .spec = &spec_schema };
