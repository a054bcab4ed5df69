#include "lock/format.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "lock/internal.h"
#include "lock/yaml-text.h"
#include "model/enum-names.h"
#include "model/replaces.h"

/* --- replacements of images ------------------------------------------------------------------- */

static int compare_replacements(const void *a, const void *b)
{
        return strcmp(((const Replacement *)a)->text, ((const Replacement *)b)->text);
}

/* Merges entries with equal texts. Returns an error if their images differ. */
static int merge(const FormatWriter *writer, Replacements *list)
{
        size_t n = 0;

        for (size_t i = 0; i < list->n; i++) {
                const Replacement *item = &list->items[i],
                                  *last = n > 0 ? &list->items[n - 1] : NULL;

                if (!last || !streq(last->text, item->text)) {
                        list->items[n++] = *item;
                        continue;
                }
                if (!streq(last->component->digest, item->component->digest) ||
                    !streq(last->component->repository, item->component->repository))
                        return error_set(
                                writer->err, ERROR_CONFLICT, -EEXIST,
                                "components '%s' and '%s' would both replace '%s', with different "
                                "images; say with replaces what stands for each",
                                last->component->component_name, item->component->component_name,
                                item->text);
        }
        list->n = n;
        return 0;
}

int format_replacements(const FormatWriter *writer, Replacements *ret)
{
        const ReleaseComponents *components = &writer->lock->release.components;
        size_t n = components->n;

        for (size_t i = 0; i < components->n; i++)
                n += components->items[i].replaces.n;
        ret->n = 0;
        ret->items = arena_alloc_array(writer->arena, n, sizeof(*ret->items));
        if (!ret->items)
                return error_oom(writer->err);
        for (size_t i = 0; i < components->n; i++) {
                const ReleaseComponent *component = &components->items[i];
                size_t before = ret->n;

                for (size_t j = 0; j < component->replaces.n; j++)
                        if (!replaces_is_path(component->replaces.items[j]))
                                ret->items[ret->n++] =
                                        (Replacement){ component->replaces.items[j], component };
                if (ret->n == before)
                        ret->items[ret->n++] = (Replacement){ component->repository, component };
        }
        if (ret->n > 1)
                qsort(ret->items, ret->n, sizeof(*ret->items), compare_replacements);
        return merge(writer, ret);
}

/* --- kustomize: a Component for kustomization.yaml's components ------------------------------- */

/* kustomize applies the entries in order, so an entry can match an image that an earlier entry
 * wrote, and change that image again. To prevent this, an entry whose name equals the new
 * repository of another entry comes before that other entry. Each entry waits for at most one other
 * entry. If no order is correct, relman refuses the release. */

typedef enum OrderState {
        ORDER_NEW,
        ORDER_OPEN, /* waits for the entry that must come before it */
        ORDER_DONE,
} OrderState;

/* Returns the entry that would match and change the new image of item; NULL if there is none. */
static const Replacement *order_before(const Replacements *list, const Replacement *item)
{
        const Replacement key = { .text = item->component->repository };
        const Replacement *found = list->n > 0 ? bsearch(&key, list->items, list->n,
                                                         sizeof(*list->items), compare_replacements)
                                               : NULL;

        return found && !(streq(found->component->repository, item->component->repository) &&
                          streq(found->component->digest, item->component->digest))
                       ? found
                       : NULL;
}

static int order_cycle(const FormatWriter *writer, const Replacement *item,
                       const Replacement *before)
{
        return error_set(writer->err, ERROR_CONFLICT, -ELOOP,
                         "components '%s' and '%s' replace each other's images: what stands for "
                         "'%s' would become '%s', and that something else again; say with replaces "
                         "a text that is not an image of the release",
                         item->component->component_name, before->component->component_name,
                         item->text, item->component->repository);
}

/* Adds the entry `start` to *ret, after all entries that must precede it. chain has room for all
 * entries. */
static int order_from(const FormatWriter *writer, const Replacements *list, size_t start,
                      OrderState *states, size_t *chain, Replacements *ret)
{
        size_t n = 0;

        chain[n++] = start;
        while (n > 0) {
                const Replacement *item = &list->items[chain[n - 1]];
                const Replacement *before = order_before(list, item);
                size_t next = before ? (size_t)(before - list->items) : start;

                states[chain[n - 1]] = ORDER_OPEN;
                if (before && states[next] == ORDER_OPEN)
                        return order_cycle(writer, item, before);
                if (before && states[next] == ORDER_NEW) {
                        chain[n++] = next;
                        continue;
                }
                states[chain[--n]] = ORDER_DONE;
                ret->items[ret->n++] = *item;
        }
        return 0;
}

static int order_replacements(const FormatWriter *writer, Replacements *list)
{
        Replacements ordered = { .items = arena_alloc_array(writer->arena, list->n,
                                                            sizeof(*ordered.items)) };
        OrderState *states = arena_alloc_array(writer->arena, list->n, sizeof(*states));
        size_t *chain = arena_alloc_array(writer->arena, list->n, sizeof(*chain));
        int r = ordered.items && states && chain ? 0 : error_oom(writer->err);

        for (size_t i = 0; i < list->n && r >= 0; i++)
                if (states[i] == ORDER_NEW)
                        r = order_from(writer, list, i, states, chain, &ordered);
        if (r >= 0)
                *list = ordered;
        return r;
}

/* Writes a kustomization.yaml. kustomize reads images[].name as a regular expression, so special
 * characters are escaped. Omits newTag, because kustomize would write the tag beside the digest,
 * and a change of only the tag would restart pods. */
static int format_kustomize(const FormatWriter *writer, Buffer *out)
{
        Replacements list;
        int r = format_replacements(writer, &list);

        if (r >= 0)
                r = order_replacements(writer, &list);
        if (r < 0)
                return r;
        format_head(writer, out);
        (void)buffer_puts(out, "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n");
        (void)buffer_puts(out, list.n > 0 ? "images:\n" : "");
        for (size_t i = 0; i < list.n; i++) {
                _cleanup_(buffer_done) Buffer name;

                buffer_init(&name, 2 * TEXT_MAX + 1);
                for (const char *p = list.items[i].text; *p; p++)
                        (void)buffer_printf(&name, "%s%c",
                                            strchr(".+*?()[]{}|^$\\", *p) ? "\\" : "", *p);
                if (name.failed) /* a truncated name would match other images */
                        return error_oom(writer->err);
                (void)buffer_puts(out, "  - name: ");
                yaml_text(out, name.data);
                (void)buffer_puts(out, "\n    newName: ");
                yaml_text(out, list.items[i].component->repository);
                (void)buffer_printf(out, "\n    digest: %s\n", list.items[i].component->digest);
        }
        return format_add(writer, "kustomization.yaml", out);
}

/* --- compose: a file for a second -f ---------------------------------------------------------- */

/* Writes images in the form of "docker compose config --lock-image-digests". The tag is for people;
 * container engines use the digest. */
static int format_compose(const FormatWriter *writer, Buffer *out)
{
        const ReleaseComponents *components = &writer->lock->release.components;

        format_head(writer, out);
        (void)buffer_puts(out, components->n > 0 ? "services:\n" : "services: {}\n");
        for (size_t i = 0; i < components->n; i++) {
                const ReleaseComponent *component = &components->items[i];

                (void)buffer_puts(out, "  ");
                yaml_text(out, component->component_name);
                (void)buffer_puts(out, ":\n    image: ");
                yaml_image(out, component->repository, component->tag, component->digest);
        }
        return format_add(writer, "", out);
}

/* --- images-lock: of kbld and imgpkg ---------------------------------------------------------- */

/* Writes an ImagesLock. imgpkg refuses unknown fields. kbld requires the annotation `id`, which is
 * the text to replace. */
static int format_images_lock(const FormatWriter *writer, Buffer *out)
{
        Replacements list;
        int r = format_replacements(writer, &list);

        (void)buffer_puts(out, "---\n");
        format_head(writer, out);
        (void)buffer_puts(out, "apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\n");
        (void)buffer_puts(out, r >= 0 && list.n > 0 ? "images:\n" : "images: []\n");
        for (size_t i = 0; r >= 0 && i < list.n; i++) {
                const ReleaseComponent *component = list.items[i].component;
                const char *host, *path, *image;

                if (strncmp(component->digest, "sha256:", strlen("sha256:")) != 0)
                        return error_set(writer->err, ERROR_CONFLICT, -EOPNOTSUPP,
                                         "component '%s' has a digest of another kind than sha256; "
                                         "imgpkg and kbld read no other",
                                         component->component_name);
                r = format_split_repository(writer, component, "index.docker.io", &host, &path);
                if (r < 0)
                        break;
                image = arena_printf(writer->arena, "%s/%s", host, path);
                if (!image)
                        return error_oom(writer->err);
                (void)buffer_puts(out, "  - image: ");
                yaml_image(out, image, NULL, component->digest);
                (void)buffer_puts(out, "    annotations:\n      kbld.carvel.dev/id: ");
                yaml_text(out, list.items[i].text);
                (void)buffer_putc(out, '\n');
        }
        return r < 0 ? r : format_add(writer, "", out);
}

/* --- quadlet: drop-ins for podman's units ----------------------------------------------------- */

/* Writes images without tags, because podman refuses auto-update for a tag with a digest. */
static int format_quadlet(const FormatWriter *writer, Buffer *out)
{
        const ReleaseComponents *components = &writer->lock->release.components;
        int r = 0;

        for (size_t i = 0; i < components->n && r >= 0; i++) {
                const ReleaseComponent *component = &components->items[i];

                buffer_clear(out);
                format_head(writer, out);
                (void)buffer_printf(out, "[Container]\nImage=%s@%s\n", component->repository,
                                    component->digest);
                r = format_add(writer,
                               arena_printf(writer->arena, "%s.container.d/50-relman.conf",
                                            component->component_name),
                               out);
        }
        return r;
}

/* --- table of formats ------------------------------------------------------------------------- */

static int format_native(const FormatWriter *writer, Buffer *out)
{
        int r = lock_write_native(&writer->lock->release, writer->lock->environment, out,
                                  writer->err);

        return r < 0 ? r : format_add(writer, "", out);
}

/* The kinds of components that a format contains. */
typedef enum FormatHolds {
        HOLDS_ALL,
        HOLDS_IMAGES, /* only images, because the readers run containers */
        HOLDS_OTHERS, /* only charts and other artifacts */
} FormatHolds;

static const struct {
        const char *suffix;
        bool is_folder;
        FormatHolds holds;
        int (*write)(const FormatWriter *writer, Buffer *out);
} formats[LOCK_FORMAT_MAX_] = {
        [LOCK_YAML] = { LOCK_SUFFIX, false, HOLDS_ALL, format_native },
        [LOCK_JSON] = { ".lock.json", false, HOLDS_ALL, format_json },
        [LOCK_KUSTOMIZE] = { ".kustomize", true, HOLDS_IMAGES, format_kustomize },
        [LOCK_COMPOSE] = { ".compose.yaml", false, HOLDS_IMAGES, format_compose },
        [LOCK_HELM] = { ".values.yaml", false, HOLDS_IMAGES, format_helm },
        [LOCK_IMAGES_LOCK] = { ".images.yaml", false, HOLDS_IMAGES, format_images_lock },
        [LOCK_DOTENV] = { ".env", false, HOLDS_ALL, format_dotenv },
        [LOCK_QUADLET] = { ".quadlet", true, HOLDS_IMAGES, format_quadlet },
        [LOCK_FLUX] = { ".flux.yaml", false, HOLDS_OTHERS, format_flux },
        [LOCK_ARGOCD] = { ".argocd.yaml", false, HOLDS_OTHERS, format_argocd },
        [LOCK_REGSYNC] = { ".regsync.yaml", false, HOLDS_ALL, format_regsync },
        [LOCK_SKOPEO_SYNC] = { ".skopeo-sync.yaml", false, HOLDS_ALL, format_skopeo_sync },
        [LOCK_POLICY_JSON] = { ".policy.json", false, HOLDS_ALL, format_policy_json },
        [LOCK_KYVERNO] = { ".kyverno.yaml", false, HOLDS_ALL, format_kyverno },
        [LOCK_VAP] = { ".vap.yaml", false, HOLDS_ALL, format_vap },
};

static bool is_held(FormatHolds holds, ArtifactKind artifact)
{
        switch (holds) {
        case HOLDS_ALL: break;
        case HOLDS_IMAGES: return artifact == ARTIFACT_IMAGE;
        case HOLDS_OTHERS: return artifact != ARTIFACT_IMAGE;
        }
        return true;
}

/* Sets *ret to the lock with only the components that the format contains. */
static int select_held(const Lock *lock, FormatHolds holds, Arena *arena, Lock *ret)
{
        const ReleaseComponents *all = &lock->release.components;
        ReleaseComponents *held = &ret->release.components;

        *ret = *lock;
        held->n = 0;
        held->items = arena_alloc_array(arena, all->n, sizeof(*held->items));
        for (size_t i = 0; held->items && i < all->n; i++)
                if (is_held(holds, all->items[i].artifact))
                        held->items[held->n++] = all->items[i];
        return held->items ? 0 : -ENOMEM;
}

const char *lock_format_suffix(LockFormat format)
{
        return formats[format].suffix;
}

bool lock_format_is_folder(LockFormat format)
{
        return formats[format].is_folder;
}

bool lock_format_is_admission(LockFormat format)
{
        return format == LOCK_POLICY_JSON || format == LOCK_KYVERNO || format == LOCK_VAP;
}

/* Checks what only formats of admission read. */
static int check_admission(const Lock *lock, Error *err)
{
        if (!lock->environment)
                return error_set(
                        err, ERROR_CONFLICT, -ENOENT,
                        "the lockfile is not of an environment, and this format lists what "
                        "an environment admits; give the lockfile of an environment");
        return lock->previous ? lock_check(lock->previous, lock->environment, err) : 0;
}

int lock_format_write(const Lock *lock, LockFormat format, Arena *arena, LockFiles *ret, Error *err)
{
        _cleanup_(buffer_done) Buffer out;
        LockFiles files = { 0 };
        Lock held;
        const FormatWriter writer = { .lock = &held, .arena = arena, .files = &files, .err = err };
        int r;

        buffer_init(&out, LOCK_FILE_MAX);
        if (select_held(lock, formats[format].holds, arena, &held) < 0)
                return error_oom(err);
        files.items =
                arena_alloc_array(arena, lock->release.components.n + 1, sizeof(*files.items));
        if (!files.items)
                return error_oom(err);
        r = lock_check(&lock->release, lock->environment, err);
        if (r >= 0 && lock_format_is_admission(format))
                r = check_admission(lock, err);
        if (r >= 0)
                r = formats[format].write(&writer, &out);
        if (r < 0)
                return error_prefix(err, r, "format %s", lock_format_names[format]);
        *ret = files;
        return 0;
}
