/* Writes the native format. Keys have a fixed order. A text that YAML could read as another type is
 * quoted. lockDigest is the SHA-256 of all bytes before the line of lockDigest. */

#include <errno.h>
#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "base/time.h"
#include "lock/internal.h"
#include "lock/lock.h"
#include "lock/yaml-text.h"
#include "model/object.h"

static void line(Buffer *out, const char *key, const char *text)
{
        if (!text)
                return;
        (void)buffer_printf(out, "%s: ", key);
        yaml_text(out, text);
        (void)buffer_putc(out, '\n');
}

/* Writes a member of a flow mapping. yaml_text() quotes a text with a comma or bracket, which would
 * end an unquoted text. */
static void member(Buffer *out, bool *first, const char *key, const char *text)
{
        if (!text)
                return;
        (void)buffer_printf(out, "%s%s: ", *first ? "" : ", ", key);
        *first = false;
        yaml_text(out, text);
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

static void write_platforms(Buffer *out, const char *key, const PlatformDigests *platforms)
{
        if (platforms->n == 0)
                return;
        (void)buffer_printf(out, "    %s: {", key);
        for (size_t i = 0; i < platforms->n; i++) {
                (void)buffer_puts(out, i > 0 ? ", " : "");
                yaml_text(out, platforms->items[i].platform);
                (void)buffer_puts(out, ": ");
                yaml_quoted(out, platforms->items[i].digest);
        }
        (void)buffer_puts(out, "}\n");
}

static void write_replaces(Buffer *out, const Strings *replaces)
{
        for (size_t i = 0; i < replaces->n; i++) {
                (void)buffer_puts(out, i == 0 ? "    replaces: [" : ", ");
                yaml_text(out, replaces->items[i]);
        }
        if (replaces->n > 0)
                (void)buffer_puts(out, "]\n");
}

static void write_source(Buffer *out, const ComponentSource *source)
{
        bool first = true;

        if (!source->repository && !source->revision)
                return;
        (void)buffer_puts(out, "    source: {");
        member(out, &first, "repository", source->repository);
        member(out, &first, "revision", source->revision);
        (void)buffer_puts(out, "}\n");
}

static void write_component(Buffer *out, const ReleaseComponent *component)
{
        char at[TIME_TEXT_SIZE];

        line(out, "  - name", component->component_name);
        line(out, "    componentId", component->component_id);
        line(out, "    role", component_role_to_string(component->role));
        (void)buffer_puts(out, "    image: ");
        yaml_image(out, component->repository, NULL, component->digest);
        line(out, "    digest", component->digest);
        line(out, "    tag", component->tag);
        line(out, "    semver", component->semver);
        line(out, "    channel", component->channel);
        line(out, "    mediaType", component->media_type);
        if (component->artifact != ARTIFACT_IMAGE)
                line(out, "    artifact", artifact_kind_to_string(component->artifact));
        (void)buffer_printf(out, "    size: %lld\n", (long long)component->size);
        (void)buffer_printf(out, "    resolvedAt: %s\n", time_format(component->resolved_at, at));
        write_platforms(out, "platforms", &component->platforms);
        write_platforms(out, "configs", &component->configs);
        write_source(out, &component->source);
        write_replaces(out, &component->replaces);
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
        int r = lock_check(release, environment, err);

        if (r < 0)
                return r;
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

const char *lock_native_digest(Buffer *native)
{
        native->data[native->size - 1] = '\0'; /* the last line is lockDigest */
        return strrchr(native->data, ' ') + 1;
}

int lock_digest(Lock *lock, Arena *arena, Error *err)
{
        _cleanup_(buffer_done) Buffer out;
        int r;

        buffer_init(&out, LOCK_FILE_MAX);
        r = lock_write_native(&lock->release, lock->environment, &out, err);
        if (r < 0)
                return r;
        lock->lock_digest = arena_strdup(arena, lock_native_digest(&out));
        return lock->lock_digest ? 0 : error_oom(err);
}

char *lock_stem(const char *folder, const char *tenant, const char *room, const char *name)
{
        return text_printf("%s/%s/%s/%s", folder, tenant, room, name);
}
