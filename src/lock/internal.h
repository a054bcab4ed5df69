#pragma once

/* Shared functions of the format writers. */

#include "lock/format.h"

typedef struct FormatWriter {
        const Lock *lock;
        Arena *arena;
        LockFiles *files;
        Error *err;
} FormatWriter;

/* Returns ERROR_CONFLICT: the format cannot hold this text of a component. why: "has a ...". */
int format_refuse(const FormatWriter *writer, const ReleaseComponent *component, const char *field,
                  const char *text, const char *why);

/* "# Written by ..." and the native file's digest. */
void format_head(const FormatWriter *writer, Buffer *out);
/* Adds the content of out as a file. */
int format_add(const FormatWriter *writer, const char *name, Buffer *out);

/* Splits a repository into host and path; Docker Hub's host by its common name. */
int format_split_repository(const FormatWriter *writer, const ReleaseComponent *component,
                            const char *hub, const char **ret_host, const char **ret_path);

/* One text in other files that an image replaces, with its component. Sorted; each text occurs
 * once. */
typedef struct Replacement {
        const char *text;
        const ReleaseComponent *component;
} Replacement;

typedef struct Replacements {
        Replacement *items;
        size_t n;
} Replacements;

int format_replacements(const FormatWriter *writer, Replacements *ret);

int format_dotenv(const FormatWriter *writer, Buffer *out);
int format_helm(const FormatWriter *writer, Buffer *out);
int format_json(const FormatWriter *writer, Buffer *out);
