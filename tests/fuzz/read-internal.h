#pragma once

/* Shared declarations of the format readers. */

#include <yaml.h>

#include "read-formats.h"

typedef struct Expected {
        const Lock *lock;
        Arena *arena;
        yaml_document_t *document;
} Expected;

/* Returns REPOSITORY[:TAG]@DIGEST of a component. */
const char *image_text(const Expected *expected, const ReleaseComponent *component, bool with_tag);

/* Readers of formats with one value in each line, defined in read-lines.c. */
void read_dotenv(const Expected *expected, const LockFiles *files);
void read_quadlet(const Expected *expected, const LockFiles *files);
