/* Lists the images that an environment admits: those of its release and of the one before, and what
 * allowAlso names. */

#include <stdio.h>
#include <stdlib.h>

#include "lock/internal.h"
#include "model/image/image.h"

#define DIGEST_TEXT_MAX ((size_t)4 * 1024 * 1024)

/* --- comparing -------------------------------------------------------------------------------- */

static int compare_ranks(const Admitted *one, const Admitted *other)
{
        return one->rank < other->rank ? -1 : one->rank > other->rank;
}

static int compare_digests(const void *a, const void *b)
{
        int r = strcmp(((const Admitted *)a)->digest, ((const Admitted *)b)->digest);

        return r != 0 ? r : compare_ranks(a, b);
}

static int compare_names(const void *a, const void *b)
{
        int r = strcmp(((const Admitted *)a)->name, ((const Admitted *)b)->name);

        return r != 0 ? r : compare_digests(a, b);
}

static bool is_same(const Admitted *one, const Admitted *other, bool by_digest)
{
        return streq(one->digest, other->digest) && (by_digest || streq(one->name, other->name));
}

/* Sorts the items, and keeps the first one of equal items. */
static void keep_distinct(Admission *admission, bool by_digest)
{
        size_t n = 0;

        if (admission->n > 1)
                qsort(admission->items, admission->n, sizeof(*admission->items),
                      by_digest ? compare_digests : compare_names);
        for (size_t i = 0; i < admission->n; i++)
                if (n == 0 || !is_same(&admission->items[n - 1], &admission->items[i], by_digest))
                        admission->items[n++] = admission->items[i];
        admission->n = n;
}

/* --- collecting ------------------------------------------------------------------------------- */

static void add(Admission *admission, const char *name, const char *digest,
                const ReleaseComponent *component, const Release *release)
{
        admission->items[admission->n] =
                (Admitted){ .name = name,
                            .digest = digest,
                            .component = component ? component->component_name : NULL,
                            .release = release ? release->name : NULL,
                            .rank = admission->n };
        admission->n++;
}

/* Adds the digest of each component, which may be that of an index, and those of its platforms: a
 * deployer may name either. */
static int add_release(const FormatWriter *writer, const Release *release, Admission *admission)
{
        for (size_t i = 0; i < release->components.n; i++) {
                const ReleaseComponent *component = &release->components.items[i];
                const char *host, *path, *name;
                int r = format_split_repository(writer, component, "docker.io", &host, &path);

                if (r < 0)
                        return r;
                name = arena_printf(writer->arena, "%s/%s", host, path);
                if (!name)
                        return error_oom(writer->err);
                add(admission, name, component->digest, component, release);
                for (size_t j = 0; j < component->platforms.n; j++)
                        add(admission, name, component->platforms.items[j].digest, component,
                            release);
        }
        return 0;
}

static int add_allowed(const FormatWriter *writer, const char *text, Admission *admission)
{
        ImageReference image;
        const char *name;
        int r = image_parse_full(text, writer->arena, &image, writer->err);

        if (r < 0)
                return error_prefix(writer->err, r, "allowAlso");
        name = arena_printf(writer->arena, "%s/%s", image.host, image.repository);
        if (!name)
                return error_oom(writer->err);
        if (image.digest)
                add(admission, name, image.digest, NULL, NULL);
        else
                admission->also[admission->n_also++] = (Allowed){ text, name, image.tag };
        return 0;
}

static size_t n_digests(const Release *release)
{
        size_t n = 0;

        for (size_t i = 0; release && i < release->components.n; i++)
                n += 1 + release->components.items[i].platforms.n;
        return n;
}

int format_admission(const FormatWriter *writer, bool by_digest, Admission *ret)
{
        const Lock *lock = writer->lock;
        size_t n = n_digests(&lock->release) + n_digests(lock->previous) + lock->allow_also.n;
        Admission admission = {
                .items = arena_alloc_array(writer->arena, n + 1, sizeof(Admitted)),
                .also = arena_alloc_array(writer->arena, lock->allow_also.n + 1, sizeof(Allowed)),
        };
        int r = admission.items && admission.also ? add_release(writer, &lock->release, &admission)
                                                  : error_oom(writer->err);

        if (r >= 0 && lock->previous)
                r = add_release(writer, lock->previous, &admission);
        for (size_t i = 0; i < lock->allow_also.n && r >= 0; i++)
                r = add_allowed(writer, lock->allow_also.items[i], &admission);
        if (r < 0)
                return r;
        keep_distinct(&admission, by_digest);
        *ret = admission;
        return 0;
}

/* --- digest ----------------------------------------------------------------------------------- */

void lock_admission_digest(const Lock *lock, char ret[DIGEST_SIZE_MAX])
{
        _cleanup_(buffer_done) Buffer text;

        buffer_init(&text, DIGEST_TEXT_MAX);
        (void)buffer_printf(&text, "%s\n%s\n", lock->lock_digest,
                            lock->previous ? lock->previous->id.text : "");
        for (size_t i = 0; i < lock->allow_also.n; i++)
                (void)buffer_printf(&text, "%s\n", lock->allow_also.items[i]);
        /* if memory ran out, the digest is that of a shorter text: the program may run again */
        digest_sha256(text.data, text.size, ret);
}
