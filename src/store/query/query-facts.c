/* Reads facts about many components. A statement returns rows in the order of the keys. Each row
 * contains the position of its key. */

#include "base/limits.h"
#include "base/text.h"
#include "store/facts.h"
#include "store/images.h"
#include "store/rows.h"
#include "store/stmt.h"

#define FACTS_AT_ONCE 500
/* maximum size of the keys of one statement as JSON */
#define FACT_KEYS_MAX ((size_t)1024 * 1024)

/* Defines a struct with a row and the position of its key, and a function that reads both. */
#define FACT_ROW(name_, type_, fact_read_)                                                         \
        typedef struct name_ {                                                                     \
                size_t at;                                                                         \
                type_ of;                                                                          \
        } name_;                                                                                   \
                                                                                                   \
        static void read_##name_(Stmt *stmt, Arena *arena, void *row)                              \
        {                                                                                          \
                name_ *to = row;                                                                   \
                                                                                                   \
                to->at = (size_t)read_int(stmt);                                                   \
                fact_read_(stmt, arena, &to->of);                                                  \
        }

FACT_ROW(ChannelRow, Channel, channel_read)
FACT_ROW(TagRow, TagRecord, tag_read)
FACT_ROW(VersionRow, VersionMap, version_read)
FACT_ROW(ManifestRow, Manifest, manifest_read)
FACT_ROW(HeadImageRow, ImageRow, image_row_read)
FACT_ROW(TagMoveRow, TagMove, tag_move_read)
FACT_ROW(ReleasedTagRow, ReleasedTag, released_tag_read)

typedef struct FactType {
        StmtId stmt;
        ReadRow read;
        size_t row_size, offset, size; /* size of a row; offset and size of the fact in it */
} FactType;

#define FACT_TYPE(stmt_, row_)                                                                     \
        {                                                                                          \
                .stmt = (stmt_), .read = read_##row_, .row_size = sizeof(row_),                    \
                .offset = offsetof(row_, of), .size = sizeof(((row_ *)NULL)->of)                   \
        }

/* --- the keys --------------------------------------------------------------------------------- */

/* False if no row can have this key. Either the key has no component, or its name contains a quote
 * or backslash, which no stored tag or digest contains. So keys_write() needs no escapes. */
static bool can_be_stored(const FactKey *key)
{
        return key->component_id && (!key->name || !strpbrk(key->name, "\"\\"));
}

static bool keys_are_any(const FactKeys *keys)
{
        for (size_t i = 0; i < keys->n; i++)
                if (can_be_stored(&keys->items[i]))
                        return true;
        return false;
}

static int keys_write(const FactKeys *keys, Buffer *out, Error *err)
{
        (void)buffer_putc(out, '[');
        for (size_t i = 0; i < keys->n; i++) {
                const FactKey *key = &keys->items[i];

                (void)buffer_printf(out, "%s", i == 0 ? "" : ",");
                if (can_be_stored(key))
                        (void)buffer_printf(out, "[\"%s\",\"%s\"]", key->component_id,
                                            key->name ? key->name : "");
                else
                        (void)buffer_printf(out, "null");
        }
        (void)buffer_putc(out, ']');
        return out->failed ? error_oom(err) : 0;
}

/* --- the rows --------------------------------------------------------------------------------- */

/* Sets the result of each key to its rows. */
static int rows_share(const FactType *type, const Rows *rows, Arena *arena, Rows *ret, Error *err)
{
        char *facts = arena_alloc_array(arena, rows->n + 1, type->size);

        if (!facts)
                return error_oom(err);
        for (size_t i = 0; i < rows->n; i++) {
                const char *row = (const char *)rows->items + i * type->row_size;
                Rows *to = &ret[*(const size_t *)(const void *)row];

                memcpy(facts + i * type->size, row + type->offset, type->size);
                if (to->n++ == 0)
                        to->items = facts + i * type->size;
        }
        return 0;
}

/* Reads the facts of some keys with one statement. */
static int facts_read_some(Store *store, const FactType *type, const FactKeys *keys, Arena *arena,
                           Rows *ret, Error *err)
{
        _cleanup_(stmt_done) Stmt stmt = { 0 };
        _cleanup_(buffer_done) Buffer text;
        Rows rows;
        int r;

        buffer_init(&text, FACT_KEYS_MAX);
        r = keys_write(keys, &text, err);
        if (r >= 0)
                r = stmt_get(store, type->stmt, &stmt, err);
        if (r < 0)
                return r;
        bind_text(&stmt, ":keys", text.data);
        r = rows_read(&stmt, type->row_size, type->read, arena, &rows, err);
        return r < 0 ? r : rows_share(type, &rows, arena, ret, err);
}

static int facts_read(Store *store, const FactType *type, const FactKeys *keys, Arena *arena,
                      Rows **ret, Error *err)
{
        Rows *facts = arena_alloc_array(arena, keys->n + 1, sizeof(*facts));
        int r = 0;

        if (!facts)
                return error_oom(err);
        for (size_t i = 0; i < keys->n; i++)
                facts[i] = (Rows){ 0 };
        for (size_t i = 0; i < keys->n && r >= 0; i += FACTS_AT_ONCE) {
                const FactKeys some = { &keys->items[i], MIN(keys->n - i, FACTS_AT_ONCE) };

                if (keys_are_any(&some))
                        r = facts_read_some(store, type, &some, arena, &facts[i], err);
        }
        *ret = facts;
        return r;
}

/* --- all -------------------------------------------------------------------------------------- */

/* Defines a function of facts.h. Every result has the layout of Rows. */
#define FACTS(name_, stmt_, row_, type_)                                                           \
        int store_facts_##name_(Store *store, const FactKeys *keys, Arena *arena, type_ **ret,     \
                                Error *err)                                                        \
        {                                                                                          \
                static const FactType type = FACT_TYPE(stmt_, row_);                               \
                Rows *facts = NULL;                                                                \
                int r = facts_read(store, &type, keys, arena, &facts, err);                        \
                                                                                                   \
                *ret = (type_ *)facts;                                                             \
                return r;                                                                          \
        }

/* Replaces each digest with the id of its version, because the statement searches by id. */
static int keys_of_versions(const FactKeys *digests, Arena *arena, FactKeys *ret, Error *err)
{
        *ret = (FactKeys){ arena_alloc_array(arena, digests->n + 1, sizeof(*ret->items)),
                           digests->n };
        for (size_t i = 0; i < digests->n && ret->items; i++) {
                FactKey key = digests->items[i];

                if (can_be_stored(&key) && key.name) {
                        Uuid id = version_map_id(key.component_id, key.name);

                        key.name = arena_strdup(arena, id.text);
                }
                ret->items[i] = key;
        }
        return !ret->items || arena->failed ? error_oom(err) : 0;
}

int store_facts_versions(Store *store, const FactKeys *keys, Arena *arena, VersionMaps **ret,
                         Error *err)
{
        static const FactType type = FACT_TYPE(STMT_FACT_VERSIONS, VersionRow);
        Rows *facts = NULL;
        FactKeys ids;
        int r = keys_of_versions(keys, arena, &ids, err);

        if (r >= 0)
                r = facts_read(store, &type, &ids, arena, &facts, err);
        *ret = (VersionMaps *)facts;
        return r;
}

FACTS(channels, STMT_FACT_CHANNELS, ChannelRow, Channels)
FACTS(tags, STMT_FACT_TAGS, TagRow, TagRecords)
FACTS(manifests, STMT_FACT_MANIFESTS, ManifestRow, Manifests)
FACTS(tag_moves, STMT_FACT_TAG_MOVES, TagMoveRow, TagMoves)
FACTS(released_tags, STMT_FACT_RELEASED_TAGS, ReleasedTagRow, ReleasedTags)

int store_facts_heads(Store *store, const FactKeys *keys, Arena *arena, ImageFactList **ret,
                      Error *err)
{
        static const FactType type = FACT_TYPE(STMT_FACT_HEADS, HeadImageRow);
        Rows *rows = NULL;
        int r = facts_read(store, &type, keys, arena, &rows, err);

        *ret = arena_alloc_array(arena, keys->n + 1, sizeof(**ret));
        if (r >= 0 && !*ret)
                r = error_oom(err);
        for (size_t i = 0; i < keys->n && r >= 0; i++)
                r = image_rows_parse((const ImageRows *)&rows[i], arena, &(*ret)[i], err);
        return r;
}
