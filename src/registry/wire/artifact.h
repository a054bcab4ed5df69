#pragma once

/* Decides whether a manifest is a container image. Repositories also hold artifacts that no
 * container can run: Helm charts, signatures, SBOMs, caches, plugins. Pure. */

#include "base/arena.h"
#include "registry/wire/json-span.h"

/* manifest: an image manifest or an index. Returns "" for an image, or the kind of artifact as a
 * text such as "a Helm chart". NULL: memory ran out. Texts live in the arena or are constants.
 *
 * An image has an image configuration, file system layers and no artifactType (OCI image
 * specification 1.1). An index has at least one entry that may be an image. The manifest of the
 * entry is another document, and is not read here. */
const char *artifact_of(JsonSpan manifest, Arena *arena);

/* Kinds of entries of an index, by their descriptors. */
typedef enum EntryIs {
        ENTRY_IMAGE, /* an image, perhaps an image, or an index of images */
        ENTRY_ATTESTATION,
        ENTRY_OTHER,
} EntryIs;
EntryIs artifact_entry_is(JsonSpan entry);
