/* Reads and writes the facts of images. */

#include <errno.h>
#include <stdio.h>

#include "base/digest.h"
#include "base/text.h"
#include "store/apply.h"
#include "store/image-json.h"
#include "store/images.h"
#include "store/rows.h"
#include "store/stmt.h"

#define SHA256      "sha256:"
#define BASE_DIGEST "org.opencontainers.image.base.digest"

/* --- layers ----------------------------------------------------------------------------------- */

/* Sets *ret to the digests of layers from their bytes in hexadecimal, as SQL's hex() writes them.
 * Returns 0 or -ENOMEM. */
static int layers_of(const char *hex, Arena *arena, Strings *ret)
{
        size_t n = strlen(hex) / (2 * SHA256_BYTES);
        const char **items = arena_alloc_array(arena, n + 1, sizeof(*items));

        if (!items)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                char *digest = arena_printf(arena, SHA256 "%.*s", 2 * SHA256_BYTES,
                                            hex + 2 * SHA256_BYTES * i);

                for (char *p = digest; p && *p; p++)
                        *p = text_lower(*p);
                items[i] = digest;
        }
        *ret = (Strings){ items, n };
        return arena->failed ? -ENOMEM : 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

void image_row_read(Stmt *stmt, Arena *arena, void *row)
{
        ImageRow *image = row;

        image->digest = read_text(stmt, arena);
        image->facts = read_text(stmt, arena);
        image->layers = read_text(stmt, arena);
        image->base = read_text(stmt, arena);
}

/* Puts the digest of the base image where the stored texts refer to it. */
static void set_base(Pairs *texts, const char *base)
{
        for (size_t i = 0; i < texts->n && base; i++)
                if (str_equal(texts->items[i].key, BASE_DIGEST) &&
                    str_equal(texts->items[i].value, "="))
                        texts->items[i].value = base;
}

int image_rows_parse(const ImageRows *rows, Arena *arena, ImageFactList *ret, Error *err)
{
        int r = 0;

        *ret = (ImageFactList){ .items = arena_alloc_array(arena, rows->n + 1,
                                                           sizeof(*ret->items)) };
        if (!ret->items)
                return error_oom(err);
        for (size_t i = 0; i < rows->n && r >= 0; i++) {
                const ImageRow *row = &rows->items[i];
                ImageFacts *facts = &ret->items[ret->n++];

                r = image_facts_from_json(row->facts, row->digest, arena, facts, err);
                if (r >= 0 && row->layers && layers_of(row->layers, arena, &facts->layers) < 0)
                        r = error_oom(err);
                if (r < 0)
                        break;
                set_base(&facts->annotations, row->base);
                set_base(&facts->labels, row->base);
        }
        return r;
}

static void add_key(Buffer *keys, const char *digest)
{
        (void)buffer_printf(keys, "%c\"%s\"", keys->size > 0 ? ',' : '[', digest);
}

void image_keys_add(Buffer *keys, const char *digest, const PlatformDigests *platforms)
{
        add_key(keys, digest);
        for (size_t i = 0; i < platforms->n; i++)
                add_key(keys, platforms->items[i].digest);
}

int store_images(Store *store, Buffer *keys, Arena *arena, ImageFactList *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        ImageRows rows;
        int r;

        if (buffer_puts(keys, keys->size > 0 ? "]" : "[]") < 0)
                return error_oom(err);
        r = stmt_get(store, STMT_PAGE_IMAGES, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":ids", keys->data);
        r = rows_read(&stmt, sizeof(ImageRow), image_row_read, arena, (Rows *)&rows, err);
        return r < 0 ? r : image_rows_parse(&rows, arena, ret, err);
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Returns the digest of the base image that an image names; NULL: none. */
static const char *base_of(const ImageFacts *facts)
{
        const char *digest = image_facts_get(facts, BASE_DIGEST);

        return digest && digest_is_valid(digest) ? digest : NULL;
}

/* Stores that a release with a digest needs the manifests in the member others of the facts. */
static int put_other_digests(Store *store, const char *digest, const char *facts, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = stmt_get(store, STMT_PUT_OTHER_DIGESTS, &stmt, err);

        if (r < 0)
                return r;
        bind_text(&stmt, ":digest", digest);
        bind_text(&stmt, ":facts", facts);
        return stmt_run(&stmt, err);
}

int apply_put_referrers(Store *store, const Change *change, Error *err)
{
        const ImageFacts *facts = &change->images->items[0];
        _cleanup_(buffer_done) Buffer json;

        buffer_init(&json, IMAGE_FACTS_MAX);
        if (image_facts_to_json(facts, &json) < 0)
                return error_oom(err);
        return put_other_digests(store, facts->digest, json.data, err);
}

/* The columns of an image. layers: the SHA-256 of each, 32 bytes. */
typedef struct StoredImage {
        const char *digest, *facts;
        const char *base; /* NULL: none */
        SortKey layers;
} StoredImage;

static int put_columns(Store *store, StmtId id, const StoredImage *image, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        int r = stmt_get(store, id, &stmt, err);

        if (r < 0)
                return r;
        bind_text(&stmt, ":digest", image->digest);
        if (id != STMT_PUT_BASE)
                bind_key(&stmt, ":layers", image->layers);
        if (id != STMT_PUT_LAYERS)
                bind_text(&stmt, ":base", image->base);
        if (id == STMT_PUT_IMAGE)
                bind_text(&stmt, ":facts", image->facts);
        return stmt_run(&stmt, err);
}

int apply_put_image(Store *store, const Change *change, Error *err)
{
        const ImageFacts *facts = &change->images->items[0];
        uint8_t layers[IMAGE_LAYERS_MAX * SHA256_BYTES];
        _cleanup_(buffer_done) Buffer json;
        ImageFacts rest = *facts;
        StoredImage image;
        size_t n = 0;
        int r = 0;

        buffer_init(&json, IMAGE_FACTS_MAX);
        rest.layers.n = 0;
        if (image_facts_to_json(&rest, &json) < 0)
                return error_oom(err);
        for (size_t i = 0; i < facts->layers.n && n < IMAGE_LAYERS_MAX; i++)
                n += image_digest_bytes(facts->layers.items[i], layers + n * SHA256_BYTES);
        image = (StoredImage){ .digest = facts->digest,
                               .facts = json.data,
                               .base = base_of(facts),
                               .layers = { layers, n * SHA256_BYTES } };
        if (n > 0)
                r = put_columns(store, STMT_PUT_LAYERS, &image, err);
        if (r >= 0 && image.base)
                r = put_columns(store, STMT_PUT_BASE, &image, err);
        if (r >= 0)
                r = put_columns(store, STMT_PUT_IMAGE, &image, err);
        return r >= 0 && facts->others.n > 0
                       ? put_other_digests(store, facts->digest, json.data, err)
                       : r;
}

static int put_head_image(Store *store, const Change *change, const ImageFacts *facts, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        _cleanup_(buffer_done) Buffer json;
        int r;

        buffer_init(&json, IMAGE_FACTS_MAX);
        if (image_facts_to_json(facts, &json) < 0)
                return error_oom(err);
        r = stmt_get(store, STMT_PUT_HEAD_IMAGE, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":component", change->object_id);
        bind_text(&stmt, ":head", change->images->items[0].digest);
        bind_text(&stmt, ":digest", facts->digest);
        bind_text(&stmt, ":facts", json.data);
        return stmt_run(&stmt, err);
}

int apply_put_head_images(Store *store, const Change *change, Error *err)
{
        int r = 0;

        for (size_t i = 0; i < change->images->n && r >= 0; i++)
                r = put_head_image(store, change, &change->images->items[i], err);
        return r;
}
