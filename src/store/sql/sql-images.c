/* SQL: facts of images. */

#include "store/sql/sql.h"

/* The first bytes of the layer n of :layers, and the row of that layer. */
#define LAYER(bytes) "substr(:layers, 32 * n + 1, " bytes ")"
#define IS_LAYER     "substr(l.digest, 1, 8) = " LAYER("8") " AND l.digest = " LAYER("32")

/* clang-format off */
const StmtText sql_images[STMT_MAX_] = {
        /* The layers and the base of an image that a release needs. Images that have facts already keep theirs. */
        [STMT_PUT_LAYERS] = { .sqlite =
                "INSERT INTO layers (digest) SELECT /*scan: one release's image*/ DISTINCT " LAYER("32") " AS layer FROM layer_places WHERE n < "
                "length(:layers) / 32 AND EXISTS (SELECT 1 FROM release_digests WHERE digest = :digest) AND NOT EXISTS "
                "(SELECT 1 FROM image_facts WHERE digest = :digest) AND NOT EXISTS (SELECT 1 FROM layers l WHERE " IS_LAYER ")" },
        [STMT_PUT_BASE] = { .sqlite =
                "INSERT OR IGNORE INTO image_bases (digest) SELECT :base FROM release_digests WHERE digest = :digest LIMIT 1" },
        /* merges new facts into the stored ones, because only some contain the configuration; stores none that no
         * release needs */
        [STMT_PUT_IMAGE] = { .sqlite =
                "INSERT INTO image_facts (digest, facts, layers, base) SELECT /*scan: one release's image*/ :digest, "
                "replace(:facts, '\"=base.digest\":\"' || coalesce(:base, '') || '\"', '\"=base.digest\":\"=\"'), "
                "(SELECT json_group_array(l.id) FROM layer_places CROSS JOIN layers l ON " IS_LAYER " WHERE n < "
                "length(:layers) / 32), (SELECT id FROM image_bases WHERE digest = :base) FROM release_digests WHERE digest "
                "= :digest LIMIT 1 ON CONFLICT (digest) DO UPDATE SET facts = json_patch(image_facts.facts, "
                "excluded.facts), base = coalesce(excluded.base, image_facts.base)" },
        [STMT_PUT_OTHER_DIGESTS] = { .sqlite =
                "INSERT OR IGNORE INTO release_digests (of_digest, digest, repository) SELECT /*scan: one release's index*/ d.of_digest, o.key, "
                "d.repository FROM release_digests d CROSS JOIN json_each(:facts, '$.others') o WHERE d.of_digest = :digest AND "
                "d.digest = :digest" },
        [STMT_PAGE_IMAGES] = { .sqlite =
                "SELECT /*scan: of the page*/ i.digest, i.facts, (SELECT group_concat(hex(l.digest), '') FROM "
                "json_each(i.layers) j CROSS JOIN layers l ON l.id = j.value), b.digest FROM " PAGE "image_facts i ON "
                "i.digest = p.value LEFT JOIN image_bases b ON b.id = i.base " IN_PAGE_ORDER },
        [STMT_PUT_HEAD_IMAGE] = { .shared =
                "INSERT INTO head_facts (component_id, head, digest, facts) VALUES (:component, :head, :digest, :facts) ON "
                "CONFLICT (component_id, head, digest) DO UPDATE SET facts = excluded.facts" },
        [STMT_FACT_HEADS] = { .sqlite =
                "SELECT /*scan: of the page*/ p.at, h.digest, h.facts, NULL, NULL FROM " FACT_KEYS "head_facts h ON "
                "h.component_id = p.component AND h.head = p.name " FACT_ORDER },
};
/* clang-format on */
