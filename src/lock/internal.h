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

/* An image that an environment admits. */
typedef struct Admitted {
        const char *name, *digest; /* HOST/PATH, and the digest of an index, image or artifact */
        const char *component;     /* NULL: from allowAlso */
        const char *release;       /* NULL: from allowAlso */
        size_t rank;               /* the lowest one of equal images is kept */
} Admitted;

/* An entry of allowAlso without a digest. */
typedef struct Allowed {
        const char *text; /* as written */
        const char *name; /* HOST/PATH in its normal form */
        const char *tag;  /* NULL: all images of this repository and of those below it */
} Allowed;

typedef struct Admission {
        Admitted *items;
        size_t n;
        Allowed *also;
        size_t n_also;
} Admission;

/* admission.c: lists the images of both releases and of allowAlso, each once. Sorts them by name
 * and digest, or by digest alone, so that equal digests are one item. */
int format_admission(const FormatWriter *writer, bool by_digest, Admission *ret);

int format_policy_json(const FormatWriter *writer, Buffer *out);
int format_kyverno(const FormatWriter *writer, Buffer *out);
int format_vap(const FormatWriter *writer, Buffer *out);
int format_argocd(const FormatWriter *writer, Buffer *out);
int format_flux(const FormatWriter *writer, Buffer *out);
int format_dotenv(const FormatWriter *writer, Buffer *out);
int format_helm(const FormatWriter *writer, Buffer *out);
int format_json(const FormatWriter *writer, Buffer *out);
int format_regsync(const FormatWriter *writer, Buffer *out);
int format_skopeo_sync(const FormatWriter *writer, Buffer *out);

/* The first bytes of policy.json, and of the member that names the environment. */
#define POLICY_FIRST_WORDS                                                                         \
        "{\n\t\"transports\":\t{\n\t\t\"relman\":\t{\n\t\t\t\"written by relmand from release "
#define POLICY_ENVIRONMENT "environment: "

/* Returns the lockDigest of a text of lock_write_native(). The text is changed, and the digest
 * points into it. */
const char *lock_native_digest(Buffer *native);
