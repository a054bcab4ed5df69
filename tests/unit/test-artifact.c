/* Tests that relman distinguishes container images from other artifacts. */

#include "base/limits.h"
#include "registry/internal.h"
#include "registry/wire/manifest-json.h"
#include "unit.h"

#define D       "\"digest\":\"sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""
#define OCI     "application/vnd.oci.image.config.v1+json"
#define DOCKER  "application/vnd.docker.container.image.v1+json"
#define EMPTY   "application/vnd.oci.empty.v1+json"
#define LAYER   "application/vnd.oci.image.layer.v1.tar+gzip"
#define MAN     "application/vnd.oci.image.manifest.v1+json"
#define TYPE(t) "{\"mediaType\":\"" t "\"," D "}"

/* A manifest with a configuration and layers; `more` precedes them. */
#define IMAGE(more, config, layers)                                                                \
        "{\"schemaVersion\":2," more "\"config\":" TYPE(config) ",\"layers\":[" layers "]}"
#define INDEX(more, entries) "{\"schemaVersion\":2," more "\"manifests\":[" entries "]}"
#define ENTRY(more, type)    "{" more "\"mediaType\":\"" type "\"," D "}"

#define UNKNOWN "\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"},"
#define LINUX   "\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"},"
#define ATTESTS "\"annotations\":{\"vnd.docker.reference.type\":\"attestation-manifest\"},"

static void test_what_a_manifest_is(void **state)
{
        static const struct {
                const char *json;
                const char *wanted; /* "": an image */
        } cases[] = {
                { IMAGE("", OCI, TYPE(LAYER)), "" },
                { IMAGE("", DOCKER, TYPE("application/vnd.docker.image.rootfs.diff.tar.gzip")),
                  "" },
                { IMAGE("", DOCKER,
                        TYPE("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")),
                  "" },
                { IMAGE("", OCI, TYPE("application/vnd.oci.image.layer.v1.tar+zstd")), "" },
                { IMAGE("", OCI, TYPE("application/vnd.oci.image.layer.v1.tar+gzip+encrypted")),
                  "" },
                { IMAGE("", OCI, TYPE("application/vnd.oci.image.layer.nondistributable.v1.tar")),
                  "" },
                { IMAGE("", OCI, TYPE("application/vnd.oci.image.layer.nydus.blob.v1")), "" },
                { IMAGE("", OCI, ""), "" }, /* an image without layers */
                /* images in old registries lack the type of a layer, or have a general type of
                 * configuration */
                { IMAGE("", OCI, "{" D "}"), "" },
                { IMAGE("", "application/octet-stream", TYPE(LAYER)), "" },
                { IMAGE("\"artifactType\":\"" OCI "\",", OCI, TYPE(LAYER)), "" },
                { "{\"config\":{" D "},\"layers\":[{" D "}]}", "" },

                { IMAGE("", "application/vnd.cncf.helm.config.v1+json",
                        TYPE("application/vnd.cncf.helm.chart.content.v1.tar+gzip")),
                  "a Helm chart" },
                { IMAGE("", "application/vnd.docker.plugin.v1+json",
                        TYPE("application/vnd.docker.image.rootfs.diff.tar.gzip")),
                  "a Docker plugin" },
                { IMAGE("", "application/vnd.buildkit.cacheconfig.v0", TYPE(LAYER)),
                  "a BuildKit cache" },
                { IMAGE("", OCI, TYPE("application/vnd.dev.cosign.simplesigning.v1+json")),
                  "a cosign signature" },
                { IMAGE("\"artifactType\":\"application/vnd.cncf.notary.signature\",", EMPTY,
                        TYPE("application/jose+json")),
                  "a Notation signature" },
                { IMAGE("", "application/vnd.cncf.notary.signature", TYPE("application/jose+json")),
                  "a Notation signature" },
                { IMAGE("\"artifactType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",",
                        EMPTY, TYPE("application/vnd.dev.sigstore.bundle.v0.3+json")),
                  "a Sigstore bundle" },
                { IMAGE("", EMPTY, TYPE("application/spdx+json")), "an SBOM" },
                { IMAGE("", OCI, TYPE("text/spdx+json")), "an SBOM" },
                { IMAGE("", EMPTY, TYPE("application/vnd.cyclonedx+json")), "an SBOM" },
                { IMAGE("", OCI, TYPE("application/vnd.in-toto+json")), "an attestation" },
                { IMAGE("", OCI, TYPE("application/vnd.dsse.envelope.v1+json")), "an attestation" },
                { IMAGE("\"artifactType\":\"application/vnd.example.model\",", OCI, TYPE(LAYER)),
                  "an artifact of type application/vnd.example.model" },
                { IMAGE("", "application/vnd.wasm.config.v0+json", TYPE("application/wasm")),
                  "an artifact of type application/vnd.wasm.config.v0+json" },
                { IMAGE("", EMPTY, ""), "an artifact of type application/vnd.oci.empty.v1+json" },
                { IMAGE("", "\\u001b[31m", TYPE(LAYER)), "an artifact of an unknown type" },

                { INDEX("", ENTRY(LINUX, MAN)), "" },
                { INDEX("", ENTRY("", MAN)), "" }, /* the platform is optional */
                { INDEX("", ENTRY(UNKNOWN ATTESTS, MAN) "," ENTRY(LINUX, MAN)), "" },
                { INDEX("", ENTRY("", "application/vnd.oci.image.index.v1+json")), "" },
                { INDEX("", "{" D "}"), "" },
                { INDEX("", ""), "an index without images" },
                { INDEX("", ENTRY(UNKNOWN, MAN)), "an index of attestations alone" },
                { INDEX("", ENTRY(ATTESTS LINUX, MAN)), "an index of attestations alone" },
                { INDEX("",
                        ENTRY("", LAYER) "," ENTRY("", "application/vnd.buildkit.cacheconfig.v0")),
                  "a BuildKit cache" },
                { INDEX("",
                        ENTRY("", "application/vnd.buildkit.cacheconfig.v0") "," ENTRY("", LAYER)),
                  "a BuildKit cache" },
                { INDEX("", ENTRY("\"artifactType\":\"application/spdx+json\",", MAN)), "an SBOM" },
                { INDEX("\"artifactType\":\"application/vnd.cncf.helm.config.v1+json\",",
                        ENTRY("", MAN)),
                  "a Helm chart" },
        };
        _cleanup_(arena_done) Arena arena;

        (void)state;
        arena_init(&arena, MANIFEST_MAX);
        for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
                _cleanup_(error_done) Error error = { 0 };
                ParsedManifest parsed;

                assert_case(manifest_parse(cases[i].json, strlen(cases[i].json), &arena, &parsed,
                                           &error) == 0 &&
                                    streq(parsed.artifact, cases[i].wanted),
                            "%s: %s", cases[i].json,
                            error.kind != ERROR_NONE ? error_message(&error) : parsed.artifact);
        }
}

static void test_a_type_of_another_case_is_refused(void **state)
{
        static const char json[] = IMAGE("\"ArtifactType\":\"application/x\",", OCI, TYPE(LAYER));
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena;
        ParsedManifest parsed;

        (void)state;
        arena_init(&arena, MANIFEST_MAX);
        assert_true(manifest_parse(json, sizeof(json) - 1, &arena, &parsed, &error) < 0);
        assert_int_equal(error.kind, ERROR_HOSTILE);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_manifest_is),
        cmocka_unit_test(test_a_type_of_another_case_is_refused),
};
TEST_PROGRAM("artifact", tests, NULL, NULL)
