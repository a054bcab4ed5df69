/* Writes lists of images for tools that copy them to another registry. Lists each digest, so that
 * the copy has the digest even if its tag has moved. Lists each tag too, because registries may
 * delete manifests without a tag. */

#include <errno.h>
#include <stdlib.h>

#include "lock/internal.h"
#include "lock/yaml-text.h"

/* --- skopeo-sync: for "skopeo sync --src yaml" ------------------------------------------------ */

typedef struct Copy {
        const char *host, *path, *reference; /* the reference is a tag or a digest */
} Copy;

static int compare_copies(const void *a, const void *b)
{
        const Copy *one = a, *other = b;
        int r = strcmp(one->host, other->host);

        if (r == 0)
                r = strcmp(one->path, other->path);
        return r == 0 ? strcmp(one->reference, other->reference) : r;
}

static int list_copies(const FormatWriter *writer, Copy **ret, size_t *ret_n)
{
        const ReleaseComponents *components = &writer->lock->release.components;
        Copy *copies = arena_alloc_array(writer->arena, 2 * components->n + 1, sizeof(*copies));
        size_t n = 0;

        if (!copies)
                return error_oom(writer->err);
        for (size_t i = 0; i < components->n; i++) {
                const ReleaseComponent *component = &components->items[i];
                Copy copy = { .reference = component->digest };
                int r = format_split_repository(writer, component, "docker.io", &copy.host,
                                                &copy.path);

                if (r < 0)
                        return r;
                copies[n++] = copy;
                if (!component->tag)
                        continue;
                copy.reference = component->tag;
                copies[n++] = copy;
        }
        qsort(copies, n, sizeof(*copies), compare_copies);
        *ret = copies;
        *ret_n = n;
        return 0;
}

/* Writes the input of skopeo: a list of tags and digests for each repository of a host. */
int format_skopeo_sync(const FormatWriter *writer, Buffer *out)
{
        Copy *copies;
        size_t n;
        int r = list_copies(writer, &copies, &n);

        if (r < 0)
                return r;
        format_head(writer, out);
        (void)buffer_puts(out, n > 0 ? "" : "{}\n");
        for (size_t i = 0; i < n; i++) {
                const Copy *copy = &copies[i], *before = i > 0 ? &copies[i - 1] : NULL;
                bool is_host = !before || !streq(before->host, copy->host);
                bool is_path = is_host || !streq(before->path, copy->path);

                if (before && compare_copies(before, copy) == 0)
                        continue;
                if (is_host) {
                        yaml_quoted(out, copy->host);
                        (void)buffer_puts(out, ":\n  images:\n");
                }
                if (is_path) {
                        (void)buffer_puts(out, "    ");
                        yaml_quoted(out, copy->path);
                        (void)buffer_puts(out, ":\n");
                }
                (void)buffer_puts(out, "      - ");
                yaml_quoted(out, copy->reference);
                (void)buffer_putc(out, '\n');
        }
        return format_add(writer, "", out);
}

/* --- regsync: for "regsync once" -------------------------------------------------------------- */

/* Returns the tag at the target: the tag of the component, or else one that is made from the
 * digest. */
static const char *target_tag(const FormatWriter *writer, const ReleaseComponent *component)
{
        const char *hex = strchr(component->digest, ':');

        return component->tag ? component->tag
                              : arena_printf(writer->arena, "relman-%.64s", hex ? hex + 1 : "");
}

/* Writes the input of regsync. regsync expands the template in the target, where the environment
 * variable MIRROR is the target host. */
int format_regsync(const FormatWriter *writer, Buffer *out)
{
        const ReleaseComponents *components = &writer->lock->release.components;

        format_head(writer, out);
        (void)buffer_puts(out, "version: 1\ndefaults: {digestTags: true, referrers: true}\n");
        (void)buffer_puts(out, components->n > 0 ? "sync:\n" : "sync: []\n");
        for (size_t i = 0; i < components->n; i++) {
                const ReleaseComponent *component = &components->items[i];
                const char *tag = target_tag(writer, component), *host, *path, *target;
                int r = format_split_repository(writer, component, "docker.io", &host, &path);

                if (r < 0)
                        return r;
                target = tag ? arena_printf(writer->arena, "{{env \"MIRROR\"}}/%s:%s", path, tag)
                             : NULL;
                if (!target)
                        return error_oom(writer->err);
                (void)buffer_puts(out, "  - source: ");
                yaml_image(out, component->repository, NULL, component->digest);
                (void)buffer_puts(out, "    target: ");
                yaml_quoted(out, target);
                (void)buffer_puts(out, "\n    type: image\n");
        }
        return format_add(writer, "", out);
}
