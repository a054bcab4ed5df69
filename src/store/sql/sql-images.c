/* SQL: facts of images. */

#include "store/sql/sql.h"

/* clang-format off */
const StmtText sql_images[STMT_MAX_] = {
        /* merges new facts into the stored ones, because only some contain the configuration; stores none that no
         * release needs */
        [STMT_PUT_IMAGE] = { .sqlite =
                "INSERT INTO image_facts (digest, facts, layers, base) SELECT :digest, :facts, :layers, :base FROM "
                "release_digests WHERE digest = :digest LIMIT 1 ON CONFLICT (digest) DO UPDATE SET facts = json_patch(image_facts.facts, excluded.facts), base = coalesce(excluded.base, "
                "image_facts.base)" },
        [STMT_PUT_OTHER_DIGESTS] = { .sqlite =
                "INSERT OR IGNORE INTO release_digests (of_digest, digest, repository) SELECT /*scan: one release's index*/ d.of_digest, o.key, "
                "d.repository FROM release_digests d CROSS JOIN json_each(:facts, '$.others') o WHERE d.of_digest = :digest AND "
                "d.digest = :digest" },
        [STMT_PAGE_IMAGES] = { .sqlite =
                "SELECT /*scan: of the page*/ i.digest, i.facts, hex(i.layers) FROM " PAGE "image_facts i ON i.digest = "
                "p.value " IN_PAGE_ORDER },
        [STMT_PUT_HEAD_IMAGE] = { .shared =
                "INSERT INTO head_facts (component_id, head, digest, facts) VALUES (:component, :head, :digest, :facts) ON "
                "CONFLICT (component_id, head, digest) DO UPDATE SET facts = excluded.facts" },
        [STMT_FACT_HEADS] = { .sqlite =
                "SELECT /*scan: of the page*/ p.at, h.digest, h.facts, NULL FROM " FACT_KEYS "head_facts h ON "
                "h.component_id = p.component AND h.head = p.name " FACT_ORDER },
};
/* clang-format on */
