/* The native lockfile. Keys stand in one fixed order; what could be read as another type is quoted.
 * lockDigest is the SHA-256 of all bytes before its own line. */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "base/time.h"
#include "lock/lock.h"
#include "model/object.h"

/* Digits with at least two dots: a version, and no reader takes it for a number or a date. */
static bool is_dotted(const char *text)
{
        size_t n_dots = 0, size = strspn(text, "0123456789.");

        for (size_t i = 0; i < size; i++)
                n_dots += text[i] == '.';
        return n_dots >= 2 && text[0] != '.' &&
               strspn(text, "0123456789.-+abcdefghijklmnopqrstuvwxyz") == strlen(text);
}

/* An id or commit: hexadecimal digits and hyphens, with a letter that no number has. */
static bool is_hex(const char *text)
{
        return strspn(text, "0123456789abcdef-") == strlen(text) && strpbrk(text, "abcdf") &&
               text[0] != '-' && strncmp(text, "0b", 2) != 0;
}

/* True if every YAML 1.1 and 1.2 reader takes it for text as it stands: begins with a letter, has
 * none of YAML's own characters, and is no word that means something. */
static bool is_plain(const char *text)
{
        static const char *const words[] = { "true", "false", "yes", "no",  "on", "off",
                                             "null", "y",     "n",   "nan", "inf" };
        size_t size = strlen(text);

        if (is_dotted(text) || is_hex(text))
                return true;
        if (size == 0 || !isalpha((unsigned char)text[0]) || text[size - 1] == ' ')
                return false;
        for (size_t i = 0; i < ARRAY_SIZE(words); i++)
                if (strcasecmp(text, words[i]) == 0)
                        return false;
        for (const char *p = text; *p; p++) {
                if (!isalnum((unsigned char)*p) && !strchr("._-/+ @:", *p))
                        return false;
                if (*p == ':' && (p[1] == ' ' || p[1] == '\0'))
                        return false;
        }
        return true;
}

/* Plain, or in single quotes; in double quotes if a control character must be written. */
static void scalar(Buffer *out, const char *text)
{
        if (is_plain(text)) {
                (void)buffer_puts(out, text);
                return;
        }
        for (const char *p = text; *p; p++)
                if ((unsigned char)*p < 0x20 || *p == 0x7f) {
                        (void)buffer_putc(out, '"');
                        for (p = text; *p; p++)
                                (void)((unsigned char)*p < 0x20 || *p == 0x7f
                                               ? buffer_printf(out, "\\x%02X",
                                                               (unsigned)(unsigned char)*p)
                                       : *p == '"' || *p == '\\' ? buffer_printf(out, "\\%c", *p)
                                                                 : buffer_putc(out, *p));
                        (void)buffer_putc(out, '"');
                        return;
                }
        (void)buffer_putc(out, '\'');
        for (const char *p = text; *p; p++)
                (void)(*p == '\'' ? buffer_puts(out, "''") : buffer_putc(out, *p));
        (void)buffer_putc(out, '\'');
}

static void line(Buffer *out, const char *key, const char *text)
{
        if (!text)
                return;
        (void)buffer_printf(out, "%s: ", key);
        scalar(out, text);
        (void)buffer_putc(out, '\n');
}

/* In a flow mapping a comma or bracket would end the text: is_plain() has none of them. */
static void member(Buffer *out, bool *first, const char *key, const char *text)
{
        if (!text)
                return;
        (void)buffer_printf(out, "%s%s: ", *first ? "" : ", ", key);
        *first = false;
        scalar(out, text);
}

static void write_metadata(Buffer *out, const Release *release)
{
        char at[TIME_TEXT_SIZE];
        bool first = true;

        (void)buffer_puts(out, "metadata: {");
        member(out, &first, "name", release->name);
        member(out, &first, "displayName", release->display_name);
        member(out, &first, "tenant", release->tenant);
        member(out, &first, "id", release->id.text);
        (void)buffer_printf(out, ", createdAt: %s}\n", time_format(release->created_at, at));
}

static void write_platforms(Buffer *out, const PlatformDigests *platforms)
{
        if (platforms->n == 0)
                return;
        (void)buffer_puts(out, "    platforms: {");
        for (size_t i = 0; i < platforms->n; i++)
                (void)buffer_printf(out, "%s%s: '%s'", i > 0 ? ", " : "",
                                    platforms->items[i].platform, platforms->items[i].digest);
        (void)buffer_puts(out, "}\n");
}

static void write_component(Buffer *out, const ReleaseComponent *component)
{
        char at[TIME_TEXT_SIZE];

        line(out, "  - name", component->component_name);
        line(out, "    componentId", component->component_id);
        line(out, "    role", component_role_to_string(component->role));
        (void)buffer_printf(out, "    image: %s@%s\n", component->repository, component->digest);
        line(out, "    digest", component->digest);
        line(out, "    tag", component->tag);
        line(out, "    semver", component->semver);
        line(out, "    channel", component->channel);
        line(out, "    mediaType", component->media_type);
        (void)buffer_printf(out, "    size: %lld\n", (long long)component->size);
        (void)buffer_printf(out, "    resolvedAt: %s\n", time_format(component->resolved_at, at));
        write_platforms(out, &component->platforms);
}

static void write_source_ref(Buffer *out, const SourceRef *ref)
{
        bool first = true;
        size_t start = out->size;

        (void)buffer_puts(out, "sourceRef: {");
        member(out, &first, "scmIntegrationId", ref->scm_integration_id);
        member(out, &first, "commitSha", ref->commit_sha);
        member(out, &first, "branch", ref->branch);
        member(out, &first, "ciIntegrationId", ref->ci_integration_id);
        member(out, &first, "buildId", ref->build_id);
        member(out, &first, "pipelineUrl", ref->pipeline_url);
        if (first) {
                out->size = start;
                return;
        }
        (void)buffer_puts(out, "}\n");
}

int lock_write_native(const Release *release, const char *environment, Buffer *out, Error *err)
{
        char digest[DIGEST_SIZE_MAX];

        (void)buffer_printf(out, LOCK_FIRST_WORDS "%s. Do not edit.\n", release->name);
        (void)buffer_puts(out, "apiVersion: " API_VERSION "\nkind: ReleaseLock\n");
        write_metadata(out, release);
        line(out, "environment", environment);
        (void)buffer_puts(out, "components:\n");
        for (size_t i = 0; i < release->components.n; i++)
                write_component(out, &release->components.items[i]);
        write_source_ref(out, &release->source_ref);
        line(out, "specDigest", release->spec_digest);
        if (out->failed)
                return error_set(err, ERROR_INTERNAL, out->failed,
                                 "release '%s': lockfile too large", release->name);
        digest_sha256(out->data, out->size, digest);
        line(out, "lockDigest", digest);
        return out->failed < 0 ? error_oom(err) : 0;
}

char *lock_release_path(const char *folder, const char *tenant, const char *name)
{
        char *path = NULL;

        return asprintf(&path, "%s/%s/releases/%s" LOCK_SUFFIX, folder, tenant, name) < 0 ? NULL
                                                                                          : path;
}

char *lock_environment_path(const char *folder, const char *tenant, const char *name)
{
        char *path = NULL;

        return asprintf(&path, "%s/%s/environments/%s" LOCK_SUFFIX, folder, tenant, name) < 0
                       ? NULL
                       : path;
}
