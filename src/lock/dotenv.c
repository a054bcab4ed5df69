/* Writes variables for interpolation by compose, EnvironmentFile= of systemd, and shells. These
 * readers agree on two forms: a value without special characters, and a value in single quotes.
 * Text in single quotes is literal, except that compose treats a backslash specially. So relman
 * refuses values with single quotes, backslashes or unprintable characters. Then no value can end
 * its line or set another variable. */

#include <ctype.h>
#include <errno.h>

#include "base/text.h"
#include "lock/internal.h"

/* Makes the name of a variable: upper-case letters, digits and underscores. */
static char *dotenv_variable(const FormatWriter *writer, const char *name)
{
        char *variable = arena_printf(writer->arena, "%s%s",
                                      isdigit((unsigned char)name[0]) ? "_" : "", name);

        for (char *p = variable; p && *p; p++)
                *p = isalnum((unsigned char)*p) ? (char)toupper((unsigned char)*p) : '_';
        return variable;
}

/* True if the value needs no quotes, because no reader treats its characters specially. */
static bool dotenv_is_plain(const char *value)
{
        static const char plain[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/:@+";

        return strspn(value, plain) == strlen(value);
}

static const char *dotenv_fault(const char *value)
{
        if (!text_is_printable(value, strlen(value), TEXT_ONE_LINE, NULL))
                return "has a control character, a line break or another character that cannot be "
                       "printed";
        return strpbrk(value, "'\\") ? "has a single quote or a backslash" : NULL;
}

typedef struct Variable {
        const char *component, *suffix;
        const char *field, *value;
} Variable;

static int dotenv_write(const FormatWriter *writer, const ReleaseComponent *component,
                        const Variable *variable, Buffer *out)
{
        bool plain = dotenv_is_plain(variable->value);
        const char *fault = plain ? NULL : dotenv_fault(variable->value);

        if (fault)
                return format_refuse(writer, component, variable->field, variable->value, fault);
        (void)buffer_printf(out, "%s_%s=%s%s%s\n", variable->component, variable->suffix,
                            plain ? "" : "'", variable->value, plain ? "" : "'");
        return 0;
}

static int dotenv_component(const FormatWriter *writer, const char *name,
                            const ReleaseComponent *component, Buffer *out)
{
        static const char *const suffixes[ARTIFACT_KIND_MAX_] = {
                [ARTIFACT_IMAGE] = "IMAGE",
                [ARTIFACT_CHART] = "CHART",
                [ARTIFACT_OTHER] = "ARTIFACT",
        };
        const Variable variables[] = {
                { name, suffixes[component->artifact], "image",
                  arena_printf(writer->arena, "%s@%s", component->repository, component->digest) },
                { name, "DIGEST", "digest", component->digest },
                { name, "TAG", "tag", component->tag },
                { name, "VERSION", "semver", component->semver },
        };
        int r = variables[0].value ? 0 : error_oom(writer->err);

        for (size_t i = 0; i < ARRAY_SIZE(variables) && r >= 0; i++)
                if (variables[i].value)
                        r = dotenv_write(writer, component, &variables[i], out);
        return r;
}

int format_dotenv(const FormatWriter *writer, Buffer *out)
{
        const ReleaseComponents *components = &writer->lock->release.components;
        const char **names = arena_alloc_array(writer->arena, components->n, sizeof(*names));
        int r = 0;

        format_head(writer, out);
        for (size_t i = 0; names && i < components->n && r >= 0; i++) {
                const ReleaseComponent *component = &components->items[i];

                names[i] = dotenv_variable(writer, component->component_name);
                if (!names[i])
                        return error_oom(writer->err);
                for (size_t j = 0; j < i; j++)
                        if (streq(names[i], names[j]))
                                return error_set(
                                        writer->err, ERROR_CONFLICT, -EEXIST,
                                        "components '%s' and '%s' would both be %s_DIGEST; "
                                        "rename one of them",
                                        components->items[j].component_name,
                                        component->component_name, names[i]);
                r = dotenv_component(writer, names[i], component, out);
        }
        if (!names)
                return error_oom(writer->err);
        return r < 0 ? r : format_add(writer, "", out);
}
