/* SQL: releases, and the catalog. */

#include "store/sql/sql.h"

#define RELEASE_COLUMNS                                                                            \
        "r.id, t.name, r.name, r.display_name, r.components, r.source_ref, r.status, r.metadata, " \
        "r.spec_digest, r.declared_file, r.declared_line, r.created_at, r.updated_at, "            \
        "r.managed_by, r.stream_id, r.sequence, u.name, r.created_person "
#define AUTHOR "(SELECT name FROM users WHERE id = r.created_by), r.created_person "
#define FROM_RELEASES                                                                              \
        "FROM releases r JOIN tenants t ON t.id = r.tenant_id LEFT JOIN users u ON u.id = r.created_by "
/* Conditions that no index covers. SQLite checks them for each row that the index finds. */
#define SEARCH_FILTER                                                                              \
        "(:status IS NULL OR r.status = :status) AND "                                             \
        "(:text IS NULL OR instr(lower(r.name), lower(:text)) > 0 OR "                             \
        "instr(lower(r.display_name), lower(:text)) > 0) AND "                                     \
        "(:label IS NULL OR EXISTS (SELECT /*scan: one release's labels*/ 1 FROM "                 \
        "json_each(r.metadata) l WHERE l.key = :label AND (:value IS NULL OR l.value = :value))) " \
        "AND (:version IS NULL OR EXISTS (SELECT 1 FROM release_components v WHERE "               \
        "v.release_id = r.id AND (v.semver = :version OR v.semver = ltrim(:version, 'v') OR "      \
        "v.tag = :version))) AND "                                                                 \
        "(:component IS NULL OR EXISTS (SELECT 1 FROM release_components v WHERE "                 \
        "v.release_id = r.id AND v.component_id = :component)) AND "                               \
        "(:since IS NULL OR r.created_at >= :since) AND (:until IS NULL OR r.created_at < :until) "
/* Releases of the same second are sorted by the order of insertion. */
#define SEARCH_PAGE                                                                                \
        "ORDER BY r.created_at DESC, r.rowid DESC LIMIT :limit OFFSET :offset /*sort: what the "   \
        "index gives*/"
#define SEARCH_ALL(way)                                                                            \
        "SELECT " RELEASE_COLUMNS "FROM (SELECT rowid AS n FROM releases WHERE tenant_id = "       \
        ":tenant ORDER BY created_at " way ", rowid " way " LIMIT :limit OFFSET :offset) p "       \
        "CROSS JOIN releases r ON r.rowid = p.n JOIN tenants t ON t.id = r.tenant_id "             \
        "LEFT JOIN users u ON u.id = r.created_by ORDER BY r.created_at DESC, r.rowid DESC "       \
        "/*scan: of the page, sort: of it*/"
/* A page of releases by their numbers. The order and most conditions need only the index of
 * numbers, and SQLite reads only the rows of the page. */
#define SEARCH_NUMBERS(found)                                                                      \
        "SELECT " RELEASE_COLUMNS "FROM (SELECT r.rowid AS n FROM releases r WHERE r.number IN "   \
        "(" found ") AND +r.tenant_id = :tenant AND " SEARCH_FILTER "ORDER BY r.created_at DESC, " \
        "r.number DESC LIMIT :limit OFFSET :offset) p CROSS JOIN releases r ON r.rowid = p.n "     \
        "JOIN tenants t ON t.id = r.tenant_id LEFT JOIN users u ON u.id = r.created_by ORDER BY "  \
        "r.created_at DESC, r.number DESC /*scan: of the page, sort: what the index gives*/"
#define SEARCH_NUMBERS_COUNT(found)                                                                \
        "SELECT count(*) FROM releases r WHERE r.number IN (" found                                \
        ") AND +r.tenant_id = :tenant AND " SEARCH_FILTER
/* Numbers of releases with an image that has a layer. */
#define WITH_LAYER                                                                                 \
        "SELECT u.release FROM layers y CROSS JOIN image_layers l ON l.layer = y.id CROSS JOIN "   \
        "image_uses u ON u.image = l.image WHERE substr(y.digest, 1, 8) = substr(:layer, 1, 8) "   \
        "AND y.digest = :layer"
/* Numbers of releases with an image whose base is the digest, one of its platforms, or an index
 * that contains it. Platforms and indexes are known only for digests in releases. */
#define WITH_BASE                                                                                  \
        "SELECT u.release FROM image_bases b CROSS JOIN image_facts i ON i.base = b.id CROSS "     \
        "JOIN image_uses u ON u.image = i.id WHERE b.digest IN (SELECT :base UNION ALL SELECT "    \
        "digest FROM release_digests WHERE of_digest = :base UNION ALL SELECT of_digest FROM "     \
        "release_digests WHERE digest = :base)"

/* Rows after a row, sorted by digest. `d.digest >= :digest` lets SQLite use the index. */
#define DIGEST_ROWS(condition)                                                                     \
        "SELECT d.digest, d.of_digest, d.repository, r.id, r.name, r.tenant_id = :tenant AND "     \
        "(r.status <> 'archived' OR r.id IN (SELECT /*scan: one release's name*/ value FROM "      \
        "json_each(:kept))) FROM release_digests d CROSS JOIN release_components rc ON "           \
        "rc.digest = d.of_digest CROSS JOIN releases r ON r.id = rc.release_id WHERE " condition   \
        "d.digest >= :digest AND (d.digest, d.of_digest, d.repository, r.id) > (:digest, :of, "    \
        ":repository, :release) ORDER BY d.digest, d.of_digest, d.repository, r.id LIMIT :limit "  \
        "/*sort: the releases of one digest*/"

/* clang-format off */
const StmtText sql_releases[STMT_MAX_] = {
        [STMT_PUT_RELEASE] = { .shared =
                "INSERT INTO releases (id, tenant_id, name, display_name, components, source_ref, status, metadata, "
                "document, spec_digest, declared_file, declared_line, created_at, updated_at, managed_by, stream_id, "
                "sequence, created_by, created_person, seal, number) VALUES (:id, :tenant, :name, :display, :components, :source, :status, "
                ":metadata, :document, :digest, :file, :line, :created, :at, :managed, :stream, :sequence, :by, "
                ":person, :seal, (SELECT coalesce(max(number), 0) + 1 FROM releases)) ON CONFLICT (id) DO UPDATE SET display_name = excluded.display_name, seal = excluded.seal, "
                "components = excluded.components, source_ref = excluded.source_ref, status = excluded.status, "
                "metadata = excluded.metadata, created_at = excluded.created_at, document = "
                "COALESCE(excluded.document, releases.document), spec_digest = excluded.spec_digest, declared_file = "
                "COALESCE(excluded.declared_file, releases.declared_file), declared_line = CASE WHEN "
                "excluded.declared_line > releases.declared_line THEN excluded.declared_line ELSE "
                "releases.declared_line END, updated_at = excluded.updated_at" },
        [STMT_DELETE_RELEASE] = { .shared = "DELETE FROM releases WHERE id = :id" },
        [STMT_DECLARE_RELEASE] = { .shared =
                "UPDATE releases SET declared_file = :file, declared_line = :line WHERE id = :id" },
        [STMT_SET_STATUS] = { .shared = "UPDATE releases SET status = :status, updated_at = :at WHERE id = :id" },
        [STMT_DOCUMENT_RELEASE] = { .shared = "SELECT document FROM releases WHERE id = :id" },

        [STMT_PUT_RELEASE_COMPONENT] = { .shared =
                "INSERT INTO release_components (release_id, component_id, digest, tag, semver) VALUES (:release, "
                ":component, :digest, :tag, :semver) ON CONFLICT (release_id, component_id) DO UPDATE SET tag = excluded.tag, "
                "semver = excluded.semver" },
        [STMT_DELETE_RELEASE_COMPONENTS] = { .sqlite =
                "DELETE FROM release_components WHERE release_id = :release AND (component_id, digest) NOT IN (SELECT "
                "/*scan: one release's components*/ json_extract(value, '$.componentId'), json_extract(value, '$.digest') "
                "FROM json_each(:components))" },

        [STMT_PUT_RELEASE_DIGESTS] = { .sqlite =
                "INSERT OR IGNORE INTO release_digests (of_digest, digest, repository) SELECT /*scan: one release's "
                "components*/ json_extract(c.value, '$.digest'), json_extract(c.value, '$.digest'), json_extract(c.value, "
                "'$.imageRepository') FROM json_each(:components) c UNION ALL SELECT json_extract(c.value, '$.digest'), "
                "p.value, json_extract(c.value, '$.imageRepository') FROM json_each(:components) c JOIN "
                "json_each(c.value, '$.platforms') p UNION ALL SELECT i.digest, o.key, json_extract(c.value, "
                "'$.imageRepository') FROM json_each(:components) c CROSS JOIN image_facts i ON i.digest = "
                "json_extract(c.value, '$.digest') JOIN json_each(i.facts, '$.others') o" },
        [STMT_DIGEST_RELEASES] = { .sqlite =
                "SELECT r.id, r.name, min(d.repository), r.status, r.created_at FROM release_digests d JOIN "
                "release_components rc ON rc.digest = d.of_digest JOIN releases r ON r.id = rc.release_id WHERE d.digest "
                "= :digest AND +r.tenant_id = :tenant GROUP BY r.id ORDER BY r.status = 'archived', r.created_at DESC, "
                "r.name DESC LIMIT :limit /*sort: the releases of one digest*/" },
        [STMT_PAGE_NEEDS] = { .sqlite =
                "SELECT /*scan: of the page*/ r.id, r.name FROM " PAGE "releases r ON r.id = p.value WHERE EXISTS (SELECT "
                "1 FROM release_components rc JOIN release_digests d ON d.of_digest = rc.digest AND d.digest = :digest "
                "WHERE rc.release_id = r.id) " IN_PAGE_ORDER },
        [STMT_PAGE_GONE_DIGESTS] = { .sqlite =
                "SELECT /*scan: of the page*/ rc.release_id, rc.component_id, rc.digest, d.since FROM " PAGE
                "release_components rc ON rc.release_id = p.value JOIN drift d ON d.component_id = rc.component_id AND "
                "d.tag = coalesce(rc.tag, '') AND d.released_digest = rc.digest AND d.digest = '' " IN_PAGE_ORDER },
        [STMT_DIGEST_ROWS] = { .sqlite = DIGEST_ROWS("") },
        [STMT_DIGEST_ROWS_OF_REPOSITORY] = { .sqlite = DIGEST_ROWS("d.repository = :wanted AND ") },

        [STMT_PAGE_RELEASES] = { .sqlite =
                "SELECT /*scan: of the page*/ " RELEASE_COLUMNS "FROM " PAGE "releases r ON r.id = p.value JOIN tenants t "
                "ON t.id = r.tenant_id LEFT JOIN users u ON u.id = r.created_by " IN_PAGE_ORDER },
        [STMT_PAGE_RELEASE_HEADS] = { .sqlite =
                "SELECT /*scan: of the page*/ r.id, r.name, r.display_name, r.status, r.stream_id, r.sequence, " AUTHOR "FROM " PAGE
                "releases r ON r.id = p.value " IN_PAGE_ORDER },
        [STMT_CELLS] = { .sqlite =
                "SELECT /*scan: of the page*/ p.key, c.key, rc.digest, rc.tag, rc.semver FROM json_each(:releases) p CROSS JOIN "
                "json_each(:components) c CROSS JOIN release_components rc ON rc.release_id = p.value AND rc.component_id = c.value" },
        /* selects the candidate of each stream of the page */
        [STMT_PAGE_CANDIDATES] = { .sqlite =
                "SELECT /*scan: of the page*/ r.id, r.name, r.display_name, r.status, r.stream_id, r.sequence, " AUTHOR "FROM " PAGE
                "releases r ON r.id = (SELECT id FROM releases WHERE stream_id = p.value AND status IN ('ready', 'promoting', "
                "'deployed') ORDER BY sequence DESC LIMIT 1) " IN_PAGE_ORDER },
        [STMT_RELEASE] = { .shared = "SELECT " RELEASE_COLUMNS FROM_RELEASES "WHERE r.id = :id" },
        [STMT_RELEASE_BY_NAME] = { .shared =
                "SELECT " RELEASE_COLUMNS FROM_RELEASES "WHERE r.tenant_id = :tenant AND r.name = :name" },
        [STMT_NAMED_RELEASES] = { .sqlite =
                "SELECT /*scan: of the page*/ r.id, r.name FROM " PAGE "releases r ON r.tenant_id = :tenant AND r.name = "
                "p.value WHERE r.status <> 'archived'" },
        [STMT_RELEASES_OF_COMPONENT] = { .sqlite =
                "SELECT " RELEASE_COLUMNS "FROM release_components rc JOIN releases r ON r.id = rc.release_id JOIN "
                "tenants t ON t.id = r.tenant_id LEFT JOIN users u ON u.id = r.created_by WHERE rc.component_id = "
                ":component ORDER BY r.created_at DESC, r.rowid DESC LIMIT :limit OFFSET :offset /*sort: of one "
                "component's releases*/" },
        [STMT_RELEASE_COUNTS] = { .shared =
                "SELECT /*scan: six rows a tenant*/ status, sum(n) FROM release_counts GROUP BY status /*sort: "
                "likewise*/" },
        [STMT_RELEASE_USE] = { .shared =
                "SELECT r.id, t.name, r.name, r.status, (SELECT count(*) FROM release_environment_state s WHERE "
                "s.release_id = r.id AND s.status = 'promoting'), (SELECT count(*) FROM release_environment_state s "
                "WHERE s.deployed_release_id = r.id) FROM releases r JOIN tenants t ON t.id = r.tenant_id WHERE "
                "r.status IN ('promoting', 'deployed')" },

        [STMT_STREAM_NEWEST] = { .shared =
                "SELECT " RELEASE_COLUMNS FROM_RELEASES "WHERE r.stream_id = :stream ORDER BY r.sequence DESC LIMIT 1" },
        /* the releases of a stream since a time, and the last one before it */
        [STMT_STREAM_AFTER] = { .sqlite =
                "SELECT " RELEASE_COLUMNS FROM_RELEASES "WHERE r.stream_id = :stream AND r.sequence > :after AND "
                "r.sequence >= coalesce((SELECT b.sequence FROM releases b WHERE b.stream_id = :stream AND b.created_at "
                "< :since AND b.status <> 'draft' ORDER BY b.sequence DESC LIMIT 1), 0) AND r.status <> 'draft' ORDER BY "
                "r.sequence LIMIT :limit" },
        [STMT_STREAM_CANDIDATES] = { .shared =
                "SELECT " RELEASE_COLUMNS FROM_RELEASES "WHERE r.stream_id = :stream AND r.status IN ('ready', "
                "'promoting', 'deployed') ORDER BY r.sequence DESC LIMIT 1" },
        /* excludes releases that an environment has or is getting */
        [STMT_STREAM_OLD] = { .shared =
                "SELECT r.id, r.name FROM releases r WHERE r.stream_id = :stream AND r.status IN ('ready', "
                "'deprecated') AND r.sequence <= (SELECT sequence FROM releases WHERE stream_id = :stream ORDER BY "
                "sequence DESC LIMIT 1 OFFSET :keep) AND NOT EXISTS (SELECT 1 FROM release_environment_state s WHERE "
                "s.release_id = r.id) AND NOT EXISTS (SELECT 1 FROM release_environment_state s WHERE "
                "s.deployed_release_id = r.id) ORDER BY r.sequence" },

        /* SQLite finds the page in the index and then reads only its rows. For a page in the second half
         * of the list, STMT_SEARCH_ALL_BACK begins at the end. */
        [STMT_SEARCH_ALL] = { .sqlite = SEARCH_ALL("DESC") },
        [STMT_SEARCH_ALL_BACK] = { .sqlite = SEARCH_ALL("ASC") },
        [STMT_SEARCH_ALL_COUNT] = { .shared =
                "SELECT coalesce(sum(n), 0) FROM release_counts WHERE tenant_id = :tenant" },
        [STMT_SEARCH] = { .sqlite =
                "SELECT " RELEASE_COLUMNS FROM_RELEASES "WHERE r.tenant_id = :tenant AND " SEARCH_FILTER SEARCH_PAGE },
        [STMT_SEARCH_COUNT] = { .sqlite =
                "SELECT count(*) FROM releases r WHERE r.tenant_id = :tenant AND " SEARCH_FILTER },
        [STMT_SEARCH_STATUS] = { .sqlite =
                "SELECT " RELEASE_COLUMNS FROM_RELEASES "WHERE +r.tenant_id = :tenant AND r.status = :status AND "
                SEARCH_FILTER SEARCH_PAGE },
        [STMT_SEARCH_STATUS_COUNT] = { .sqlite =
                "SELECT count(*) FROM releases r WHERE +r.tenant_id = :tenant AND r.status = :status AND "
                SEARCH_FILTER },

        /* +: makes SQLite use the index of components or digests instead of the index of tenants.
         * :digest may be the beginning of a digest; 'g' sorts after every hex digit. */
        [STMT_SEARCH_COMPONENT] = { .sqlite =
                "SELECT " RELEASE_COLUMNS FROM_RELEASES "WHERE r.id IN (SELECT release_id FROM release_components "
                "WHERE component_id = :component) AND +r.tenant_id = :tenant AND " SEARCH_FILTER SEARCH_PAGE },
        [STMT_SEARCH_COMPONENT_COUNT] = { .sqlite =
                "SELECT count(*) FROM releases r WHERE r.id IN (SELECT release_id FROM release_components WHERE "
                "component_id = :component) AND +r.tenant_id = :tenant AND " SEARCH_FILTER },
        [STMT_SEARCH_DIGEST] = { .sqlite =
                "SELECT " RELEASE_COLUMNS FROM_RELEASES "WHERE r.id IN (SELECT release_id FROM release_components "
                "WHERE digest >= :digest AND digest < :digest || 'g') AND +r.tenant_id = :tenant AND " SEARCH_FILTER SEARCH_PAGE },
        [STMT_SEARCH_DIGEST_COUNT] = { .sqlite =
                "SELECT count(*) FROM releases r WHERE r.id IN (SELECT release_id FROM release_components WHERE "
                "digest >= :digest AND digest < :digest || 'g') AND +r.tenant_id = :tenant AND " SEARCH_FILTER },
        [STMT_SEARCH_LAYER] = { .sqlite = SEARCH_NUMBERS(WITH_LAYER) },
        [STMT_SEARCH_LAYER_COUNT] = { .sqlite = SEARCH_NUMBERS_COUNT(WITH_LAYER) },
        [STMT_SEARCH_BASE] = { .sqlite = SEARCH_NUMBERS(WITH_BASE) },
        [STMT_SEARCH_BASE_COUNT] = { .sqlite = SEARCH_NUMBERS_COUNT(WITH_BASE) },
};
/* clang-format on */
