#include "model/image-facts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/macros.h"
#include "base/text.h"
#include "model/platform.h"

#define OCI_PREFIX    "org.opencontainers.image."
#define SCHEMA_PREFIX "org.label-schema."

/* enough memory for the selected labels of a walk over all children of an index */
#define KEPT_ARENA_MAX ((size_t)8 * 1024 * 1024)

const ImageFacts *image_facts_find(const ImageFactList *list, const char *digest)
{
        for (size_t i = 0; i < list->n; i++)
                if (streq(list->items[i].digest, digest))
                        return &list->items[i];
        return NULL;
}

int image_facts_append(ImageFactList *list, const ImageFactList *more, Arena *arena)
{
        ImageFacts *all = arena_alloc_array(arena, list->n + more->n + 1, sizeof(*all));

        if (!all)
                return -ENOMEM;
        for (size_t i = 0; i < list->n; i++)
                all[i] = list->items[i];
        for (size_t i = 0; i < more->n; i++)
                all[list->n + i] = more->items[i];
        *list = (ImageFactList){ all, list->n + more->n };
        return 0;
}

bool image_facts_are_complete(const ImageFacts *facts)
{
        return facts && (facts->config || facts->has_others);
}

static const char *find_text(const Pairs *texts, const char *key)
{
        for (size_t i = 0; i < texts->n; i++)
                if (streq(texts->items[i].key, key))
                        return texts->items[i].value;
        return NULL;
}

const char *image_facts_get(const ImageFacts *facts, const char *key)
{
        const char *text = find_text(&facts->annotations, key);

        return text ? text : find_text(&facts->labels, key);
}

/* --- limits ----------------------------------------------------------------------------------- */

/* Returns an upper bound of the bytes of a text in JSON. */
static size_t json_size(const char *text)
{
        size_t size = 2;

        for (; *text; text++) {
                unsigned char c = (unsigned char)*text;

                if (c < 0x20 || c == 0x7f)
                        size += 6;
                else if (c >= 0x80)
                        size += 3;
                else
                        size += c == '"' || c == '\\' ? 2 : 1;
        }
        return size;
}

static int compare_texts(const void *a, const void *b)
{
        const char *x = ((const Pair *)a)->key, *y = ((const Pair *)b)->key;
        bool first = text_begins_with(x, OCI_PREFIX), second = text_begins_with(y, OCI_PREFIX);

        if (first != second)
                return first ? -1 : 1;
        return strcmp(x, y);
}

static bool limit_texts(Pairs *texts, size_t max)
{
        size_t size = 2, n = 0;
        bool is_cut;

        if (texts->n > 1)
                qsort(texts->items, texts->n, sizeof(*texts->items), compare_texts);
        while (n < texts->n) {
                size += json_size(texts->items[n].key) + json_size(texts->items[n].value) + 2;
                if (size > max)
                        break;
                n++;
        }
        is_cut = n < texts->n;
        texts->n = n;
        return is_cut;
}

bool image_texts_limit(Pairs *texts)
{
        return limit_texts(texts, IMAGE_TEXTS_MAX);
}

bool image_others_limit(Pairs *others)
{
        size_t n = 0;

        if (others->n > 1)
                qsort(others->items, others->n, sizeof(*others->items), compare_texts);
        for (size_t i = 0; i < others->n; i++)
                if (n == 0 || !streq(others->items[n - 1].key, others->items[i].key))
                        others->items[n++] = others->items[i];
                else if (!*others->items[n - 1].value)
                        others->items[n - 1].value = others->items[i].value;
        others->n = n;
        return image_texts_limit(others);
}

static bool has_digest(const PlatformDigests *platforms, const char *digest)
{
        for (size_t i = 0; i < platforms->n; i++)
                if (streq(platforms->items[i].digest, digest))
                        return true;
        return false;
}

int image_others_add(const ImageFacts *facts, Arena *arena, PlatformDigests *platforms)
{
        PlatformDigests all = { .n = platforms->n };

        if (facts->others.n == 0)
                return 0;
        all.items = arena_alloc_array(arena, platforms->n + facts->others.n, sizeof(*all.items));
        if (!all.items)
                return -ENOMEM;
        for (size_t i = 0; i < platforms->n; i++)
                all.items[i] = platforms->items[i];
        for (size_t i = 0; i < facts->others.n; i++) {
                const Pair *other = &facts->others.items[i];

                if (*other->value && !has_digest(platforms, other->key))
                        all.items[all.n++] =
                                (PlatformDigest){ .platform = other->value, .digest = other->key };
        }
        platform_digests_sort(&all);
        *platforms = all;
        return 0;
}

static bool has_prefix(const Pairs *texts, const char *prefix)
{
        for (size_t i = 0; i < texts->n; i++)
                if (text_begins_with(texts->items[i].key, prefix))
                        return true;
        return false;
}

int image_labels_select(const Pairs *labels, const Strings *keep, Arena *arena, Pairs *ret)
{
        const char *prefix = has_prefix(labels, OCI_PREFIX) ? OCI_PREFIX : SCHEMA_PREFIX;
        Pairs found = { arena_alloc_array(arena, labels->n + 1, sizeof(*found.items)), 0 };
        int r;

        if (!found.items)
                return -ENOMEM;
        for (size_t i = 0; i < labels->n; i++)
                if (text_begins_with(labels->items[i].key, prefix) ||
                    strings_has(keep, labels->items[i].key))
                        found.items[found.n++] = labels->items[i];
        r = limit_texts(&found, keep->n > 0 ? IMAGE_LABELS_SIZE_MAX : IMAGE_TEXTS_MAX);
        *ret = found;
        return r;
}

bool image_facts_have_labels(const ImageFacts *facts, const ImageFacts *more)
{
        for (size_t i = 0; i < more->labels.n; i++)
                if (!find_text(&facts->labels, more->labels.items[i].key))
                        return false;
        return true;
}

/* --- copies ----------------------------------------------------------------------------------- */

static const char *copy_text(const char *text, Arena *arena)
{
        return text ? arena_strdup(arena, text) : NULL;
}

static void copy_pairs(Pairs *pairs, Arena *arena)
{
        Pair *items = arena_memdup(arena, pairs->items, pairs->n * sizeof(*items));

        for (size_t i = 0; items && i < pairs->n; i++)
                items[i] = (Pair){ .key = copy_text(items[i].key, arena),
                                   .value = copy_text(items[i].value, arena) };
        pairs->items = items;
}

static void copy_strings(Strings *strings, Arena *arena)
{
        const char **items = arena_memdup(arena, strings->items, strings->n * sizeof(*items));

        for (size_t i = 0; items && i < strings->n; i++)
                items[i] = copy_text(items[i], arena);
        strings->items = items;
}

int image_facts_copy(const ImageFactList *list, Arena *arena, ImageFactList *ret)
{
        ImageFacts *items = arena_memdup(arena, list->items, list->n * sizeof(*items));

        for (size_t i = 0; items && i < list->n; i++) {
                ImageFacts *facts = &items[i];

                facts->digest = copy_text(facts->digest, arena);
                facts->media_type = copy_text(facts->media_type, arena);
                facts->artifact_type = copy_text(facts->artifact_type, arena);
                facts->config = copy_text(facts->config, arena);
                facts->platform = copy_text(facts->platform, arena);
                copy_strings(&facts->layers, arena);
                copy_pairs(&facts->annotations, arena);
                copy_pairs(&facts->others, arena);
                copy_pairs(&facts->labels, arena);
        }
        *ret = (ImageFactList){ items, list->n };
        return !items || arena->failed ? -ENOMEM : 0;
}

int image_facts_copy_kept(const ImageFactList *list, const Strings *keep, Arena *arena,
                          ImageFactList *ret)
{
        _cleanup_(arena_done) Arena own;
        ImageFactList kept = { NULL, list->n };

        arena_init(&own, KEPT_ARENA_MAX);
        kept.items = arena_memdup(&own, list->items, list->n * sizeof(*kept.items));
        for (size_t i = 0; kept.items && i < kept.n; i++) {
                ImageFacts *facts = &kept.items[i];
                int r = image_labels_select(&facts->labels, keep, &own, &facts->labels);

                if (r < 0)
                        return r;
                facts->is_cut = facts->is_cut || r > 0;
        }
        return kept.items ? image_facts_copy(&kept, arena, ret) : -ENOMEM;
}
