/* Functions that the writers of formats share. The first lines of a file show that relmand wrote
 * the file. */

#include <errno.h>
#include <stdio.h>

#include "base/escape.h"
#include "lock/format.h"
#include "lock/internal.h"
#include "model/image/image.h"

/* The beginning of the line that names the environment of a file. TENANT/NAME follows. */
#define MARK_WORDS "# environment: "
#define MARK_MAX   1024
#define SHOWN_MAX  200 /* bytes of a text that a message quotes */

#define JSON_FIRST_WORDS "{\n\t\"apiVersion\":\t\"" API_VERSION "\",\n\t\"kind\":\t\"ReleaseLock\""

/* The beginning of the second line in all formats with comments, except the native one. */
#define EXPORT_WORDS "# lockDigest: "

void format_head(const FormatWriter *writer, Buffer *out)
{
        (void)buffer_printf(out, LOCK_FIRST_WORDS "%s. Do not edit.\n" EXPORT_WORDS "%s\n",
                            writer->lock->release.name, writer->lock->lock_digest);
        if (writer->lock->environment)
                (void)buffer_printf(out, MARK_WORDS "%s/%s\n", writer->lock->release.tenant,
                                    writer->lock->environment);
}

int format_add(const FormatWriter *writer, const char *name, Buffer *out)
{
        LockFiles *files = writer->files;

        if (out->failed == -EFBIG)
                return error_set(writer->err, ERROR_INTERNAL, -EFBIG,
                                 "release '%s': lockfile too large", writer->lock->release.name);
        files->items[files->n] = (LockFile){
                .name = name ? arena_strdup(writer->arena, name) : NULL,
                .data = out->failed < 0 ? NULL : arena_memdup(writer->arena, out->data, out->size),
                .size = out->size,
        };
        if (!files->items[files->n].name || !files->items[files->n].data)
                return error_oom(writer->err);
        files->n++;
        return 0;
}

int format_refuse(const FormatWriter *writer, const ReleaseComponent *component, const char *field,
                  const char *text, const char *why)
{
        char shown[SHOWN_MAX];

        return error_set(writer->err, ERROR_CONFLICT, -EILSEQ, "component '%s': %s \"%s\" %s",
                         component->component_name, field,
                         escape_text(text, strlen(text), shown, sizeof(shown)), why);
}

int format_split_repository(const FormatWriter *writer, const ReleaseComponent *component,
                            const char *hub, const char **ret_host, const char **ret_path)
{
        ImageReference image;
        int r = image_parse(component->repository, writer->arena, &image, writer->err);

        if (r < 0)
                return error_prefix(writer->err, r, "component '%s'", component->component_name);
        *ret_host = streq(image.host, "docker.io") ? hub : image.host;
        *ret_path = image.repository;
        return 0;
}

/* --- recognizing a file ----------------------------------------------------------------------- */

bool lock_is_ours(const char *data, size_t size)
{
        static const char *const words[] = { LOCK_FIRST_WORDS, "---\n" LOCK_FIRST_WORDS,
                                             JSON_FIRST_WORDS, POLICY_FIRST_WORDS };

        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (size >= strlen(words[i]) && memcmp(data, words[i], strlen(words[i])) == 0)
                        return true;
        return false;
}

bool lock_is_export(const char *data, size_t size)
{
        const char *line;

        if (!lock_is_ours(data, size))
                return false;
        if (memcmp(data, LOCK_FIRST_WORDS, strlen(LOCK_FIRST_WORDS)) != 0)
                return true; /* a format without comments: JSON, or several YAML documents */
        line = memchr(data, '\n', size);
        return line && (size_t)(data + size - line) > strlen("\n" EXPORT_WORDS) &&
               memcmp(line + 1, EXPORT_WORDS, strlen(EXPORT_WORDS)) == 0;
}

static bool holds(const char *data, const char *before, const char *text, const char *after)
{
        char line[MARK_MAX];
        int n = snprintf(line, sizeof(line), "%s%s%s", before, text, after);

        return n > 0 && (size_t)n < sizeof(line) && strstr(data, line);
}

bool lock_is_of_environment(const char *data, const char *tenant, const char *environment)
{
        char name[MARK_MAX];

        (void)snprintf(name, sizeof(name), "%s/%s", tenant, environment);
        if (holds(data, "\n" MARK_WORDS, name, "\n"))
                return true;
        /* the native format, which quotes names such as '1', or JSON */
        if (holds(data, "\t\"" POLICY_ENVIRONMENT, name, "\":\t["))
                return true;
        return (holds(data, "\nenvironment: ", environment, "\n") ||
                holds(data, "\nenvironment: '", environment, "'\n") ||
                holds(data, "\n\t\"environment\":\t\"", environment, "\"")) &&
               (holds(data, " tenant: ", tenant, ",") || holds(data, " tenant: '", tenant, "',") ||
                holds(data, "\"tenant\":\t\"", tenant, "\""));
}
