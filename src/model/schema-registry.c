#include "model/names.h"
#include "model/registry.h"
#include "model/schema.h"

/* clang-format off */
static const Field auth_fields[] = {
        { .name = "username", .type = FIELD_STRING, .offset = offsetof(RegistryAuth, username),
          .doc = "The user to log in as; goes with passwordFile or passwordCredential." },
        { .name = "passwordFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(RegistryAuth, password_file),
          .doc = "A file that holds the password; a line end after it is dropped. It is read again when the registry refuses it." },
        { .name = "passwordCredential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(RegistryAuth, password_credential),
          .doc = "The name of a systemd credential (LoadCredential=) that holds the password." },
        { .name = "tokenFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(RegistryAuth, token_file),
          .doc = "A file that holds a bearer token, sent as it is." },
        { .name = "dockerConfig", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(RegistryAuth, docker_config),
          .doc = "A config.json as docker login writes it: auths, credHelpers and credsStore are understood. It is read again when the registry refuses what it holds." },
        { .name = "helper", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(RegistryAuth, helper),
          .doc = "The NAME of a credential helper docker-credential-NAME on the path; it is asked every few minutes at most." },
        { .name = "realm", .type = FIELD_STRING, .format = FORMAT_URL, .offset = offsetof(RegistryAuth, realm),
          .doc = "The one token server that credentials may go to. Needed only if the registry names a token server on another domain." },
        { 0 },
};
static const Schema auth_schema = {
        .name = "auth", .fields = auth_fields, .size = sizeof(RegistryAuth), .has_place = true,
        .doc = "How to log in. Secrets themselves are never in specs. Without it relman asks anonymously.",
};

static const Field tls_fields[] = {
        { .name = "caFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(RegistryTls, ca_file),
          .doc = "PEM file with the authorities to trust instead of the system's." },
        { .name = "certFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(RegistryTls, cert_file),
          .doc = "PEM file with a client certificate to show the registry; goes with keyFile." },
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
          .doc = "Most requests under way at once." },
        { .name = "requestsPerSecond", .type = FIELD_INTEGER, .offset = offsetof(RegistryLimits, requests_per_second), .default_value = "0",
          .doc = "Most requests begun in a second; 0 is no limit of our own." },
        { .name = "timeout", .type = FIELD_DURATION, .offset = offsetof(RegistryLimits, timeout), .positive = true, .default_value = "30s",
          .doc = "How long one request may take in all." },
        { 0 },
};
static const Schema limits_schema = {
        .name = "limits", .fields = limits_fields, .size = sizeof(RegistryLimits),
        .doc = "Manners towards this registry.",
};

static const Field mirror_fields[] = {
        { .name = "url", .type = FIELD_STRING, .format = FORMAT_REGISTRY_URL, .offset = offsetof(RegistryMirror, url), .required = true,
          .doc = "Where it is, as of a Registry. Repositories have the same names there." },
        { .name = "auth", .type = FIELD_OBJECT, .offset = offsetof(RegistryMirror, auth), .schema = &auth_schema,
          .doc = "How to log in there; the registry's own credentials are never shown to a mirror." },
        { .name = "tls", .type = FIELD_OBJECT, .offset = offsetof(RegistryMirror, tls), .schema = &tls_schema,
          .doc = "Transport security." },
        { 0 },
};
static const Schema mirror_schema = {
        .name = "RegistryMirror", .fields = mirror_fields, .size = sizeof(RegistryMirror), .has_place = true,
        .doc = "Another place that has the same content.",
};

static const Field hook_fields[] = {
        { .name = "secretFile", .type = FIELD_STRING, .format = FORMAT_ABSOLUTE_PATH, .offset = offsetof(RegistryHook, secret_file),
          .doc = "A file that holds the secret; a line end after it is dropped." },
        { .name = "secretCredential", .type = FIELD_STRING, .format = FORMAT_CREDENTIAL, .offset = offsetof(RegistryHook, secret_credential),
          .doc = "The name of a systemd credential (LoadCredential=) that holds it." },
        { 0 },
};
static const Schema hook_schema = {
        .name = "hook", .fields = hook_fields, .size = sizeof(RegistryHook),
        .doc = "The secret that senders of push webhooks share with us.",
};

static const Field registry_fields[] = {
        { .name = "url", .type = FIELD_STRING, .format = FORMAT_REGISTRY_URL, .offset = offsetof(RegistrySpec, url), .required = true,
          .doc = "Where it is: https://registry.example.com, http:// for one without transport security, or oci-layout:/srv/images, a directory in OCI image layout form, of which components name the Registry." },
        { .name = "type", .type = FIELD_ENUM, .offset = offsetof(RegistrySpec, type), .names = registry_type_names, .default_value = "auto",
          .doc = "What it is. auto decides by the host. Of all but oci, ecr and ghcr an API of its own is asked for tags with their digests, where it may be; harbor must be named." },
        { .name = "proxy", .type = FIELD_STRING, .format = FORMAT_URL, .offset = offsetof(RegistrySpec, proxy),
          .doc = "An http or https proxy to go through, for this registry alone; without it HTTPS_PROXY and NO_PROXY of the environment count." },
        { .name = "auth", .type = FIELD_OBJECT, .offset = offsetof(RegistrySpec, auth), .schema = &auth_schema,
          .doc = "How to log in." },
        { .name = "tls", .type = FIELD_OBJECT, .offset = offsetof(RegistrySpec, tls), .schema = &tls_schema,
          .doc = "Transport security." },
        { .name = "limits", .type = FIELD_OBJECT, .offset = offsetof(RegistrySpec, limits), .schema = &limits_schema,
          .doc = "Manners towards this registry." },
        { .name = "mirrors", .type = FIELD_LIST, .offset = offsetof(RegistrySpec, mirrors), .schema = &mirror_schema,
          .doc = "Asked in this order for a manifest by digest that the registry does not have or cannot give now; only bytes that have the digest are believed. What a tag is, a mirror is never asked." },
        { .name = "hook", .type = FIELD_OBJECT, .offset = offsetof(RegistrySpec, hook), .schema = &hook_schema,
          .doc = "Takes push webhooks of this registry at POST /hooks/v1/NAME; without it there are none. A hook makes relman look at once; what it says is never believed." },
        { 0 },
};
static const Schema spec_schema = {
        .name = "Registry", .fields = registry_fields, .size = sizeof(RegistrySpec),
        .doc = "Where images come from, and how to ask there. A component finds its registry by the host of its imageRepository, or names it.",
};
/* clang-format on */

const KindSchema registry_schema = { .kind = KIND_REGISTRY, .spec = &spec_schema };
