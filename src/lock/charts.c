/* Writes Helm charts and other artifacts for controllers that fetch them from registries by digest.
 * Each component is an object with the name of the component and only the fields that pin its
 * digest. A kustomization can merge these objects as patches, and server-side apply sets the fields
 * in existing objects. */

#include "lock/internal.h"
#include "lock/yaml-text.h"

/* Writes the URL of the repository: "oci://HOST/PATH". hub is the host for Docker Hub. */
static int put_url(const FormatWriter *writer, const ReleaseComponent *component, const char *hub,
                   Buffer *out)
{
        const char *host, *path, *url;
        int r = format_split_repository(writer, component, hub, &host, &path);

        if (r < 0)
                return r;
        url = arena_printf(writer->arena, "oci://%s/%s", host, path);
        if (!url)
                return error_oom(writer->err);
        yaml_text(out, url);
        (void)buffer_putc(out, '\n');
        return 0;
}

static void put_object(const ReleaseComponent *component, const char *version, const char *kind,
                       Buffer *out)
{
        (void)buffer_printf(out, "---\napiVersion: %s\nkind: %s\nmetadata:\n  name: ", version,
                            kind);
        yaml_text(out, component->component_name);
        (void)buffer_puts(out, "\nspec:\n");
}

/* Writes the source of a HelmRelease or Kustomization of Flux. In ref, digest takes precedence over
 * tag and semver, which the patched object may have. */
int format_flux(const FormatWriter *writer, Buffer *out)
{
        const ReleaseComponents *components = &writer->lock->release.components;
        int r = 0;

        format_head(writer, out);
        for (size_t i = 0; i < components->n && r >= 0; i++) {
                put_object(&components->items[i], "source.toolkit.fluxcd.io/v1", "OCIRepository",
                           out);
                (void)buffer_puts(out, "  url: ");
                r = put_url(writer, &components->items[i], "docker.io", out);
                (void)buffer_printf(out, "  ref:\n    digest: %s\n", components->items[i].digest);
        }
        return r < 0 ? r : format_add(writer, "", out);
}

/* Writes the source of an Application of Argo CD. Argo CD 3.1 and later accept a digest as the
 * revision of an oci:// source. path is always '.' for a chart. */
int format_argocd(const FormatWriter *writer, Buffer *out)
{
        const ReleaseComponents *components = &writer->lock->release.components;
        int r = 0;

        format_head(writer, out);
        for (size_t i = 0; i < components->n && r >= 0; i++) {
                put_object(&components->items[i], "argoproj.io/v1alpha1", "Application", out);
                (void)buffer_puts(out, "  source:\n    repoURL: ");
                r = put_url(writer, &components->items[i], "registry-1.docker.io", out);
                (void)buffer_printf(out, "    targetRevision: %s\n", components->items[i].digest);
                if (components->items[i].artifact == ARTIFACT_CHART)
                        (void)buffer_puts(out, "    path: .\n");
        }
        return r < 0 ? r : format_add(writer, "", out);
}
