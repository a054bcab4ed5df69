/* SQL: tags, versions, channels, manifests and drift of components. */

#include "store/sql/sql.h"

#define VERSION_COLUMNS                                                                            \
        "id, tag, digest, semver, channel, prerelease, build_metadata, sort_key, specificity, "    \
        "resolved_at, source, vanished "
#define TAG_COLUMNS                                                                                \
        "tag, digest, problem, first_seen_at, changed_at, checked_at, pushed_at, missing "
#define MANIFEST_COLUMNS                                                                           \
        "m.digest, m.media_type, m.size, m.platforms, m.created, m.artifact, m.fetched_at, "       \
        "m.signature, m.signature_policy, m.signature_detail, m.signature_at, m.signature_until, " \
        "m.signature_tolerated"
/* The digest that followed one of the history of a tag is the next one there, or the one that the
 * tag has. */
#define TAG_PAST_COLUMNS                                                                                                    \
        "h.tag, h.digest, coalesce((SELECT n.digest FROM tag_history n WHERE n.component_id = h.component_id AND n.tag = "  \
        "h.tag AND n.seen_at > h.seen_at ORDER BY n.seen_at LIMIT 1), (SELECT t.digest FROM tags t WHERE t.component_id = " \
        "h.component_id AND t.tag = h.tag)), h.seen_at, h.until, h.change "
#define TAG_MOVE_COLUMNS "tag, digest, keeps, since, allowed_by, allowed_at, reason "
#define NEWEST_FIRST     " ORDER BY sort_key DESC, specificity DESC, tag DESC, rowid DESC LIMIT :limit"
#define BEHIND           " AND (sort_key, specificity, tag, rowid) < (:key, :specificity, :tag, :row)"
#define VERSIONS(which)                                                                            \
        "SELECT " VERSION_COLUMNS                                                                  \
        ", rowid FROM version_maps WHERE component_id = :component" which NEWEST_FIRST

/* clang-format off */
const StmtText sql_versions[STMT_MAX_] = {
        [STMT_PUT_SYNC] = { .shared =
                "INSERT INTO component_syncs (component_id, list_digest, list_etag, rules_digest, n_tags, n_missing, "
                "held_since, synced_at) VALUES (:component, :list, :etag, :rules, :tags, :missing, :held, :at) ON "
                "CONFLICT (component_id) DO UPDATE SET list_digest = excluded.list_digest, list_etag = "
                "excluded.list_etag, rules_digest = excluded.rules_digest, n_tags = excluded.n_tags, n_missing = "
                "excluded.n_missing, held_since = excluded.held_since, synced_at = excluded.synced_at" },
        [STMT_SYNC_STATE] = { .shared =
                "SELECT list_digest, list_etag, rules_digest, n_tags, n_missing, held_since, synced_at FROM "
                "component_syncs WHERE component_id = :component" },

        [STMT_PUT_TAG] = { .shared =
                "INSERT INTO tags (component_id, tag, digest, problem, first_seen_at, changed_at, checked_at, "
                "pushed_at, missing) VALUES (:component, :tag, :digest, :problem, :first, :changed, :checked, "
                ":pushed, :missing) ON CONFLICT (component_id, tag) DO UPDATE SET digest = excluded.digest, problem "
                "= excluded.problem, changed_at = excluded.changed_at, checked_at = excluded.checked_at, pushed_at = "
                "excluded.pushed_at, missing = excluded.missing" },
        [STMT_TAG] = { .shared = "SELECT " TAG_COLUMNS "FROM tags WHERE component_id = :component AND tag = :tag" },
        [STMT_TAGS_AFTER] = { .shared =
                "SELECT " TAG_COLUMNS "FROM tags WHERE component_id = :component AND tag > :after ORDER BY tag LIMIT "
                ":limit" },
        [STMT_COUNT_TAGS] = { .shared =
                "SELECT /*scan: of what the index gives*/ count(*) FROM (SELECT 1 FROM tags WHERE component_id = :component "
                "LIMIT :limit) AS known" },
        [STMT_TAG_FACTS_AFTER] = { .shared =
                "SELECT t.tag, t.digest, t.problem, t.first_seen_at, t.changed_at, t.checked_at, t.pushed_at, "
                "t.missing, " MANIFEST_COLUMNS ", w.keeps FROM "
                "tags t LEFT JOIN tag_moves w ON w.component_id = t.component_id AND w.tag = t.tag AND w.digest = "
                "t.digest AND w.allowed_at IS NULL LEFT JOIN manifests m ON m.component_id = t.component_id AND "
                "m.digest = coalesce(w.keeps, t.digest) WHERE t.component_id = "
                ":component AND t.tag > :after ORDER BY t.tag LIMIT :limit" },
        [STMT_DUE_TAGS] = { .shared =
                "SELECT tag FROM tags WHERE component_id = :component AND checked_at < :before AND digest IS NOT "
                "NULL AND missing = 0 ORDER BY checked_at LIMIT :limit" },
        [STMT_PUT_TAG_HISTORY] = { .shared =
                "INSERT INTO tag_history (component_id, tag, seen_at, digest, until, change) VALUES (:component, :tag, :at, "
                ":digest, :until, :change) ON CONFLICT DO NOTHING" },
        [STMT_TAG_HISTORY] = { .shared =
                "SELECT " TAG_PAST_COLUMNS "FROM tag_history h WHERE h.component_id = :component AND h.tag = :tag ORDER "
                "BY h.seen_at DESC" },
        [STMT_TAG_PASTS] = { .shared =
                "SELECT " TAG_PAST_COLUMNS "FROM tag_history h WHERE h.component_id = :component ORDER BY h.until DESC, "
                "h.tag DESC LIMIT :limit OFFSET :offset" },

        [STMT_TAG_HISTORY_AFTER] = { .sqlite =
                "SELECT tag, digest, seen_at FROM tag_history WHERE component_id = :component AND (tag, seen_at, "
                "digest) > (:after, :at, :digest) ORDER BY tag, seen_at, digest LIMIT :limit" },
        /* The tag is NULL if the release does not count: only those count that streams did not make, or made before a
         * time. */
        [STMT_FORMER_TAGS] = { .sqlite =
                "SELECT CASE WHEN r.status <> 'draft' AND (r.created_at < :before OR r.stream_id IS NULL) THEN rc.tag END, "
                "rc.digest, r.created_at, rc.release_id FROM release_components rc CROSS JOIN releases r ON r.id = "
                "rc.release_id WHERE rc.component_id = :component AND rc.release_id > :after ORDER BY rc.release_id LIMIT "
                ":limit" },

        [STMT_PUT_VERSION] = { .shared =
                "INSERT INTO version_maps (id, tenant_id, component_id, tag, digest, semver, channel, prerelease, "
                "build_metadata, sort_key, specificity, vanished, resolved_at, source) VALUES (:id, (SELECT "
                "tenant_id FROM components WHERE id = :component), :component, :tag, :digest, :semver, :channel, "
                ":prerelease, :build, :key, :specificity, :vanished, :resolved, :source) ON CONFLICT (id) DO UPDATE "
                "SET tag = excluded.tag, semver = excluded.semver, channel = excluded.channel, prerelease = "
                "excluded.prerelease, build_metadata = excluded.build_metadata, sort_key = excluded.sort_key, "
                "specificity = excluded.specificity, vanished = excluded.vanished, resolved_at = "
                "excluded.resolved_at, source = excluded.source" },
        [STMT_DELETE_VERSION] = { .shared = "DELETE FROM version_maps WHERE id = :id" },
        [STMT_VERSION_BY_ID] = { .shared =
                "SELECT " VERSION_COLUMNS ", component_id FROM version_maps WHERE id = :id" },
        [STMT_VERSIONS] = { .sqlite = VERSIONS("") },
        [STMT_VERSIONS_BEHIND] = { .sqlite = VERSIONS(BEHIND) },
        [STMT_VERSIONS_AFTER] = { .sqlite =
                "SELECT " VERSION_COLUMNS ", rowid FROM version_maps WHERE component_id = :component AND (tag, "
                "rowid) > (:after, :row) ORDER BY tag, rowid LIMIT :limit" },
        [STMT_VERSIONS_CHANNEL] = { .sqlite = VERSIONS(" AND channel = :channel") },
        [STMT_VERSIONS_CHANNEL_BEHIND] = { .sqlite = VERSIONS(" AND channel = :channel" BEHIND) },
        /* STMT_VERSIONS_SKIP: the row after the next :skip rows; STMT_VERSIONS_REST: the number
         * of rows after a place */
        [STMT_VERSIONS_SKIP] = { .sqlite =
                "SELECT tag, rowid FROM version_maps WHERE component_id = :component AND (tag, rowid) > (:after, "
                ":row) ORDER BY tag, rowid LIMIT 1 OFFSET :skip" },
        [STMT_VERSIONS_REST] = { .sqlite =
                "SELECT count(*) FROM version_maps WHERE component_id = :component AND (tag, rowid) > (:after, "
                ":row)" },
        [STMT_VERSIONS_DIGEST] = { .shared =
                "SELECT " VERSION_COLUMNS "FROM version_maps WHERE component_id = :component AND id = :id LIMIT :limit" },
        [STMT_VERSIONS_TAG] = { .shared =
                "SELECT " VERSION_COLUMNS "FROM version_maps WHERE component_id = :component AND tag = :tag LIMIT "
                ":limit" },

        [STMT_PUT_ASSIGNMENT] = { .shared =
                "INSERT INTO assignments (component_id, digest, tag, semver, channel, by, at) VALUES (:component, "
                ":digest, :tag, :semver, :channel, :by, :at) ON CONFLICT (component_id, digest) DO UPDATE SET tag = "
                "excluded.tag, semver = excluded.semver, channel = excluded.channel, by = excluded.by, at = "
                "excluded.at" },
        [STMT_DELETE_ASSIGNMENT] = { .shared =
                "DELETE FROM assignments WHERE component_id = :component AND digest = :digest" },
        [STMT_ASSIGNMENTS] = { .shared =
                "SELECT digest, tag, semver, channel, by, at FROM assignments WHERE component_id = :component ORDER "
                "BY digest" },

        [STMT_PUT_CHANNEL] = { .shared =
                "INSERT INTO channels (component_id, name, tag, digest, semver, sort_key, specificity, moved_at) "
                "VALUES (:component, :name, :tag, :digest, :semver, :key, :specificity, :at) ON CONFLICT "
                "(component_id, name) DO UPDATE SET tag = excluded.tag, digest = excluded.digest, semver = "
                "excluded.semver, sort_key = excluded.sort_key, specificity = excluded.specificity, moved_at = "
                "excluded.moved_at" },
        [STMT_DELETE_CHANNEL] = { .shared = "DELETE FROM channels WHERE component_id = :component AND name = :name" },
        [STMT_CHANNELS] = { .shared =
                "SELECT name, tag, digest, semver, sort_key, specificity, moved_at FROM channels WHERE component_id "
                "= :component ORDER BY name" },
        [STMT_PAGE_CHANNELS] = { .sqlite =
                "SELECT /*scan: of the page*/ c.component_id, c.name, c.tag, c.digest, c.semver, c.sort_key, "
                "c.specificity, c.moved_at FROM " PAGE "channels c ON c.component_id = p.value" },

        [STMT_FACT_CHANNELS] = { .sqlite =
                "SELECT /*scan: of the page*/ p.at, c.name, c.tag, c.digest, c.semver, c.sort_key, c.specificity, "
                "c.moved_at FROM " FACT_KEYS "channels c ON c.component_id = p.component " FACT_ORDER ", c.name" },
        [STMT_FACT_TAGS] = { .sqlite =
                "SELECT /*scan: of the page*/ p.at, " TAG_COLUMNS "FROM " FACT_KEYS "tags t ON t.component_id = "
                "p.component AND t.tag = p.name " FACT_ORDER },
        [STMT_FACT_VERSIONS] = { .sqlite =
                "SELECT /*scan: of the page*/ p.at, " VERSION_COLUMNS "FROM " FACT_KEYS "version_maps v ON v.id = p.name "
                FACT_ORDER },
        [STMT_FACT_MANIFESTS] = { .sqlite =
                "SELECT /*scan: of the page*/ p.at, " MANIFEST_COLUMNS " FROM " FACT_KEYS "manifests m ON m.component_id = p.component AND m.digest = p.name "
                FACT_ORDER },
        [STMT_FACT_TAG_MOVES] = { .sqlite =
                "SELECT /*scan: of the page*/ p.at, " TAG_MOVE_COLUMNS "FROM " FACT_KEYS "tag_moves w ON w.component_id = "
                "p.component AND w.tag = p.name " FACT_ORDER ", w.digest" },
        [STMT_FACT_RELEASED_TAGS] = { .sqlite =
                "SELECT /*scan: of the page*/ p.at, rc.tag, rc.digest, max(r.created_at) FROM " FACT_KEYS
                "release_components rc ON rc.component_id = p.component AND rc.tag = p.name JOIN releases r ON r.id = "
                "rc.release_id WHERE r.status <> 'draft' GROUP BY p.at, rc.digest " FACT_ORDER
                ", max(r.created_at) DESC" },
        [STMT_PUT_MANIFEST] = { .shared =
                "INSERT INTO manifests (component_id, digest, media_type, size, platforms, created, artifact, "
                "fetched_at, signature, signature_policy, signature_detail, signature_at, signature_until, "
                "signature_tolerated) VALUES (:component, :digest, :type, :size, :platforms, :created, :artifact, :at, "
                ":result, :policy, :detail, :verified, :until, :tolerated) ON "
                "CONFLICT (component_id, digest) DO UPDATE SET created = CASE WHEN excluded.created > "
                "manifests.created THEN excluded.created ELSE manifests.created END, artifact = excluded.artifact, "
                "platforms = excluded.platforms, fetched_at = excluded.fetched_at, signature = coalesce("
                "excluded.signature, manifests.signature), signature_policy = coalesce(excluded.signature_policy, "
                "manifests.signature_policy), signature_detail = coalesce(excluded.signature_detail, manifests.signature_detail), "
                "signature_at = coalesce(excluded.signature_at, manifests.signature_at), signature_until = CASE WHEN "
                "excluded.signature IS NULL THEN manifests.signature_until ELSE excluded.signature_until END, "
                "signature_tolerated = CASE WHEN excluded.signature IS NULL THEN manifests.signature_tolerated ELSE "
                "excluded.signature_tolerated END" },
        [STMT_MANIFEST] = { .shared =
                "SELECT " MANIFEST_COLUMNS " FROM manifests m WHERE component_id = "
                ":component AND digest = :digest" },
        [STMT_MANIFESTS] = { .shared =
                "SELECT " MANIFEST_COLUMNS " FROM manifests m WHERE component_id = "
                ":component" },
        [STMT_MANIFESTS_AFTER] = { .shared =
                "SELECT " MANIFEST_COLUMNS " FROM manifests m WHERE component_id = :component AND digest > :after ORDER BY "
                "digest LIMIT :limit" },
        [STMT_MANIFESTS_OF] = { .sqlite =
                "SELECT " MANIFEST_COLUMNS " FROM manifests m WHERE component_id = :component AND "
                "digest IN (SELECT /*scan: one release's digests */ value FROM json_each(:digests))" },

        [STMT_PUT_TAG_MOVE] = { .shared =
                "INSERT INTO tag_moves (component_id, tag, digest, keeps, since, allowed_by, allowed_at, reason) VALUES "
                "(:component, :tag, :digest, :keeps, :since, :by, :at, :reason) ON CONFLICT (component_id, tag, digest) "
                "DO UPDATE SET keeps = excluded.keeps, since = excluded.since, allowed_by = excluded.allowed_by, "
                "allowed_at = excluded.allowed_at, reason = excluded.reason" },
        [STMT_DELETE_TAG_MOVE] = { .shared =
                "DELETE FROM tag_moves WHERE component_id = :component AND tag = :tag AND digest = :digest" },
        [STMT_TAG_MOVES] = { .shared =
                "SELECT " TAG_MOVE_COLUMNS "FROM tag_moves WHERE component_id = "
                ":component ORDER BY tag, digest" },
        [STMT_RELEASED_TAGS] = { .shared =
                "SELECT rc.tag, rc.digest, max(r.created_at) FROM release_components rc JOIN releases r ON r.id = "
                "rc.release_id WHERE rc.component_id = :component AND rc.tag IS NOT NULL AND r.status <> 'draft' GROUP "
                "BY rc.tag, rc.digest ORDER BY max(r.created_at) DESC, rc.tag, rc.digest /*sort: few rows*/" },
        [STMT_PUT_DRIFT] = { .shared =
                "INSERT INTO drift (component_id, tag, released_digest, digest, since, live, change) VALUES (:component, :tag, "
                ":released, :digest, :at, :live, :change) ON CONFLICT (component_id, tag, released_digest, digest) DO UPDATE "
                "SET live = excluded.live, change = coalesce(excluded.change, drift.change)" },
        [STMT_DELETE_DRIFT] = { .shared =
                "DELETE FROM drift WHERE component_id = :component AND tag = :tag AND released_digest = :released "
                "AND digest = :digest" },
        [STMT_DRIFT] = { .shared =
                "SELECT tag, released_digest, digest, since, live, change FROM drift WHERE component_id = :component" },
        [STMT_DRIFT_COUNTS] = { .shared =
                "SELECT /*scan: few rows*/ component_id, count(*) FROM drift WHERE live = 1 GROUP BY component_id" },
        [STMT_PAGE_DRIFT] = { .sqlite =
                "SELECT /*scan: of the page*/ p.key, d.tag, d.released_digest FROM " PAGE "drift d ON d.component_id = "
                "p.value AND d.live = 1 " IN_PAGE_ORDER },

        [STMT_USED_DIGESTS] = { .shared =
                "SELECT DISTINCT digest FROM release_components WHERE component_id = :component /*sort: few rows*/" },
        /* SQLite takes r.name from the row with max(e.name). s.release_id counts too, because the
         * lockfile of an environment also contains a failed release that stays there. */
        [STMT_LIVE_TAGS] = { .sqlite =
                "SELECT rc.tag, rc.digest, r.name, max(e.name) FROM release_components rc JOIN releases r ON r.id = "
                "rc.release_id LEFT JOIN release_environment_state s ON s.deployed_release_id = r.id OR s.release_id = r.id "
                "LEFT JOIN environments e ON e.id = s.environment_id WHERE rc.component_id = :component AND r.status IN " LIVE
                " GROUP BY rc.tag, rc.digest /*sort: few rows*/" },
};
/* clang-format on */
