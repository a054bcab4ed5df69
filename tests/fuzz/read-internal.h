#pragma once

/* Shared declarations of the format readers. */

#include <yaml.h>

#include "read-formats.h"

typedef struct Expected {
        const Lock *lock;
        Arena *arena;
        yaml_document_t *document;
} Expected;

/* Returns REPOSITORY@DIGEST of a component. with_tag adds :TAG if the component has a tag. */
const char *image_text(const Expected *expected, const ReleaseComponent *component, bool with_tag);

/* read-admission.c: readers of formats that list what an environment admits. */
void read_policy(const Expected *expected, const LockFiles *files);
void read_kubernetes(const Expected *expected, const LockFiles *files, size_t n_documents);

/* read-lines.c: readers of formats with one value in each line. */
void read_dotenv(const Expected *expected, const LockFiles *files);
void read_quadlet(const Expected *expected, const LockFiles *files);
