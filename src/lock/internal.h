#pragma once

/* Functions that the writers of formats share. */

#include "lock/format.h"

typedef struct FormatWriter {
        const Lock *lock;
        Arena *arena;
        LockFiles *files;
        Error *err;
} FormatWriter;

/* Sets ERROR_CONFLICT: the format cannot express this text of a component. why ends the message,
 * such as "has a single quote". Returns the code of the error. */
int format_refuse(const FormatWriter *writer, const ReleaseComponent *component, const char *field,
                  const char *text, const char *why);

/* Writes the first lines of a file: "# Written by relmand ...", the lockDigest and the environment.
 */
void format_head(const FormatWriter *writer, Buffer *out);
/* Adds a file with the content of out. */
int format_add(const FormatWriter *writer, const char *name, Buffer *out);

/* Splits a repository into host and path. For Docker Hub, *ret_host is hub. */
int format_split_repository(const FormatWriter *writer, const ReleaseComponent *component,
                            const char *hub, const char **ret_host, const char **ret_path);

/* A text in files of other tools, such as an image name, and the component whose image replaces
 * this text. */
typedef struct Replacement {
        const char *text;
        const ReleaseComponent *component;
} Replacement;

typedef struct Replacements {
        Replacement *items;
        size_t n;
} Replacements;

int format_replacements(const FormatWriter *writer, Replacements *ret);

int format_argocd(const FormatWriter *writer, Buffer *out);
int format_flux(const FormatWriter *writer, Buffer *out);
int format_dotenv(const FormatWriter *writer, Buffer *out);
int format_helm(const FormatWriter *writer, Buffer *out);
int format_json(const FormatWriter *writer, Buffer *out);
int format_regsync(const FormatWriter *writer, Buffer *out);
int format_skopeo_sync(const FormatWriter *writer, Buffer *out);

/* Returns the lockDigest of a text of lock_write_native(). The text is changed, and the digest
 * points into it. */
const char *lock_native_digest(Buffer *native);
