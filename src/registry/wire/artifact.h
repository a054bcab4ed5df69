#pragma once

/* Decides whether a manifest is a container image. Repositories also hold artifacts that no
 * container can run: Helm charts, signatures, SBOMs, caches, plugins. Pure. */

#include "base/arena.h"
#include "registry/wire/json-span.h"

/* Classifies an image manifest or an index. Returns "" for an image, or the kind of artifact as a
 * text such as "a Helm chart". Returns NULL if memory ran out. The text is static or allocated from
 * the arena.
 *
 * An image has an image configuration, file system layers and no artifactType (OCI image
 * specification 1.1). An index counts as an image if at least one of its entries may be an image.
 * Only the entry is read, not its manifest. */
const char *artifact_of(JsonSpan manifest, Arena *arena);

/* The kind of an entry of an index, by its descriptor. */
typedef enum EntryIs {
        ENTRY_IMAGE, /* may be an image, or an index of images */
        ENTRY_ATTESTATION,
        ENTRY_OTHER,
} EntryIs;
EntryIs artifact_entry_is(JsonSpan entry);
