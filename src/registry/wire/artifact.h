#pragma once

/* Says of a manifest whether it is a container image. A repository also holds what no container can
 * run: Helm charts, signatures, SBOMs, caches, plugins. Pure. */

#include "base/arena.h"
#include "registry/wire/json-span.h"

/* manifest: an image manifest or an index. Returns "" for an image, or what it is, for people: "a
 * Helm chart". NULL: memory ran out. Texts live in the arena or are constants.
 *
 * An image has a configuration of an image and layers of a file system, and no artifactType (OCI
 * image specification 1.1). An index has at least one entry that may be an image: its manifest is
 * another document, and is not read here. */
const char *artifact_of(JsonSpan manifest, Arena *arena);

/* What an entry of an index may be by its descriptor. */
typedef enum EntryIs {
        ENTRY_IMAGE, /* or may be one, or an index of images */
        ENTRY_ATTESTATION,
        ENTRY_OTHER,
} EntryIs;
EntryIs artifact_entry_is(JsonSpan entry);
