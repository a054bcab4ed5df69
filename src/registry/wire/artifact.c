#include "registry/wire/artifact.h"

#include "base/limits.h"
#include "base/macros.h"
#include "model/artifact.h"
#include "model/image/image.h"

#define TYPE_MAX 256 /* RFC 6838, 4.2: 127 characters on each side of the slash */

#define IS_IMAGE ""

/* A kind of artifact. The first row whose type is a prefix of the media type applies. */
typedef struct ArtifactType {
        const char *type;
        const char *is; /* name of the kind, for messages */
} ArtifactType;

/* name_artifact() compares these prefixes with artifactType, the media type of the configuration,
 * or that of the first layer. */
static const ArtifactType artifacts[] = {
        { "application/vnd.cncf.helm.", ARTIFACT_CHART_NAME },
        { "application/vnd.docker.plugin.", "a Docker plugin" },
        { "application/vnd.buildkit.cacheconfig.", "a BuildKit cache" },
        { "application/vnd.dev.cosign.", "a cosign signature" },
        { "application/vnd.cncf.notary.", "a Notation signature" },
        { "application/vnd.dev.sigstore.", "a Sigstore bundle" },
        { "application/vnd.dsse.", "an attestation" },
        { "application/vnd.in-toto", "an attestation" },
        { "application/spdx", "an SBOM" },
        { "text/spdx", "an SBOM" },
        { "application/vnd.cyclonedx", "an SBOM" },
        { "application/vnd.syft", "an SBOM" },
};

/* The first two are the standard types. Docker's client also accepts the others, because old
 * registries used them for configurations. */
static const char *const image_configs[] = {
        "application/vnd.oci.image.config.v1+json",
        "application/vnd.docker.container.image.v1+json",
        "application/octet-stream",
        "application/json",
        "text/html",
        "",
};

static const char *const layers[] = {
        "application/vnd.oci.image.layer.",
        "application/vnd.docker.image.rootfs.",
        "application/vnd.docker.container.image.rootfs.",
        "application/vnd.docker.layer.",
        "application/octet-stream",
        "application/x-gzip",
};

static bool begins_with_one_of(const char *type, const char *const *beginnings, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (strncmp(type, beginnings[i], strlen(beginnings[i])) == 0)
                        return true;
        return false;
}

static bool is_image_config(const char *type)
{
        for (size_t i = 0; i < ARRAY_SIZE(image_configs); i++)
                if (streq(type, image_configs[i]))
                        return true;
        return false;
}

/* Returns the kind of artifact for messages. An invalid media type is not quoted. NULL if memory
 * ran out. */
static const char *name_artifact(const char *type, Arena *arena)
{
        for (size_t i = 0; i < ARRAY_SIZE(artifacts); i++)
                if (strncmp(type, artifacts[i].type, strlen(artifacts[i].type)) == 0)
                        return artifacts[i].is;
        return media_type_is_valid(type) ? arena_printf(arena, "an artifact of type %s", type)
                                         : "an artifact of an unknown type";
}

static void read_type(JsonSpan object, const char *name, char ret[TYPE_MAX])
{
        (void)json_span_text(json_span_member(object, name), ret, TYPE_MAX);
}

/* --- an image manifest ------------------------------------------------------------------------ */

/* True if one layer has the type of an image layer or no type, or if there are no layers (an empty
 * image). Otherwise sets ret_first to the type of the first layer. */
static bool has_layers_of_an_image(JsonSpan array, char ret_first[TYPE_MAX])
{
        JsonCursor layer = { 0 };
        size_t n = 0;

        while (json_span_next(array, &layer)) {
                char type[TYPE_MAX];

                read_type(layer.value, "mediaType", type);
                if (type[0] == '\0' || begins_with_one_of(type, layers, ARRAY_SIZE(layers)))
                        return true;
                if (n++ == 0)
                        memcpy(ret_first, type, sizeof(type));
        }
        return n == 0;
}

static const char *of_image(JsonSpan manifest, JsonSpan array, Arena *arena)
{
        char config[TYPE_MAX], type[TYPE_MAX] = "";
        bool has_layers = has_layers_of_an_image(array, type);

        read_type(json_span_member(manifest, "config"), "mediaType", config);
        if (is_image_config(config))
                return has_layers ? IS_IMAGE : name_artifact(type, arena);
        /* the configuration is the empty descriptor of OCI 1.1: the first layer decides */
        if (streq(config, "application/vnd.oci.empty.v1+json") && type[0])
                return name_artifact(type, arena);
        return name_artifact(config, arena);
}

/* --- an index --------------------------------------------------------------------------------- */

static bool is_unknown_platform(JsonSpan platform)
{
        char os[16], architecture[16];

        return json_span_text(json_span_member(platform, "os"), os, sizeof(os)) &&
               json_span_text(json_span_member(platform, "architecture"), architecture,
                              sizeof(architecture)) &&
               streq(os, "unknown") && streq(architecture, "unknown");
}

static EntryIs read_entry(JsonSpan entry, char ret_type[TYPE_MAX])
{
        static const char *const manifests[] = {
                "application/vnd.oci.image.manifest.",
                "application/vnd.oci.image.index.",
                "application/vnd.docker.distribution.manifest.",
        };
        char artifact[TYPE_MAX], reference[64];

        read_type(entry, "mediaType", ret_type);
        if (ret_type[0] && !begins_with_one_of(ret_type, manifests, ARRAY_SIZE(manifests)))
                return ENTRY_OTHER;
        if (json_span_text(json_span_member(json_span_member(entry, "annotations"),
                                            "vnd.docker.reference.type"),
                           reference, sizeof(reference)) &&
            streq(reference, "attestation-manifest"))
                return ENTRY_ATTESTATION;
        if (is_unknown_platform(json_span_member(entry, "platform")))
                return ENTRY_ATTESTATION;
        read_type(entry, "artifactType", artifact);
        if (artifact[0] == '\0' || is_image_config(artifact))
                return ENTRY_IMAGE;
        memcpy(ret_type, artifact, sizeof(artifact));
        return ENTRY_OTHER;
}

EntryIs artifact_entry_is(JsonSpan entry)
{
        char type[TYPE_MAX];

        return read_entry(entry, type);
}

static const char *of_index(JsonSpan array, Arena *arena)
{
        const char *other = NULL;
        JsonCursor entry = { 0 };
        bool attests = false;

        while (json_span_next(array, &entry)) {
                char type[TYPE_MAX];
                EntryIs is = read_entry(entry.value, type);

                if (is == ENTRY_IMAGE)
                        return IS_IMAGE;
                attests = attests || is == ENTRY_ATTESTATION;
                /* a layer does not show the kind: a cache lists layers before the entry that shows
                 * it */
                if (is == ENTRY_OTHER && !begins_with_one_of(type, layers, ARRAY_SIZE(layers)))
                        other = name_artifact(type, arena);
        }
        if (other || arena->failed)
                return other;
        return attests ? "an index of attestations alone" : "an index without images";
}

/* --- any manifest ----------------------------------------------------------------------------- */

const char *artifact_of(JsonSpan manifest, Arena *arena)
{
        static const char *const names[] = { "artifactType", "manifests", "layers" };
        JsonSpan members[ARRAY_SIZE(names)];
        char artifact[TYPE_MAX];

        json_span_members(manifest, names, ARRAY_SIZE(names), members);
        (void)json_span_text(members[0], artifact, sizeof(artifact));
        if (artifact[0] && !is_image_config(artifact))
                return name_artifact(artifact, arena);
        return json_span_is_array(members[1]) ? of_index(members[1], arena)
                                              : of_image(manifest, members[2], arena);
}
