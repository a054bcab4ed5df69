#pragma once

/* Shared declarations of the format readers. */

#include <yaml.h>

#include "read-formats.h"

typedef struct Expected {
        const Lock *lock;
        Arena *arena;
        yaml_document_t *document;
} Expected;

/* Checks REPOSITORY[:TAG]@DIGEST. */
const char *image_text(const Expected *expected, const ReleaseComponent *component, bool with_tag);

/* read-lines.c: dotenv and quadlet. */
void read_dotenv(const Expected *expected, const LockFiles *files);
void read_quadlet(const Expected *expected, const LockFiles *files);
