#pragma once

/* Kinds of artifacts in repositories, as a component requests them and releases record them. */

#include <stdbool.h>

typedef enum ArtifactKind {
        ARTIFACT_IMAGE, /* a container image */
        ARTIFACT_CHART, /* a Helm chart */
        ARTIFACT_OTHER, /* a signature, an SBOM, a cache, ... */
        ARTIFACT_KIND_MAX_,
} ArtifactKind;

/* The artifacts that count as versions of a component. */
typedef enum ComponentArtifact {
        COMPONENT_ARTIFACT_IMAGE,
        COMPONENT_ARTIFACT_CHART,
        COMPONENT_ARTIFACT_ANY,
        COMPONENT_ARTIFACT_MAX_,
} ComponentArtifact;

/* The text of Manifest.artifact for a Helm chart. */
#define ARTIFACT_CHART_NAME "a Helm chart"

/* Returns the kind for the text of Manifest.artifact: "" means an image. */
ArtifactKind artifact_kind(const char *artifact);

const char *artifact_kind_to_string(ArtifactKind kind);
int artifact_kind_from_string(const char *text, ArtifactKind *ret);
