/* SQL: deployments, their history, holds, closed gates, approvals and output runs. */

#include "store/sql/sql.h"

#define DEPLOYMENT_COLUMNS                                                                         \
        "s.environment_id, s.release_id, r.name, s.status, s.deployed_at, u.name, "                \
        "s.promotion_id, s.evidence_ref, s.deployed_release_id, s.reason "                         \
        "FROM release_environment_state s JOIN releases r ON r.id = s.release_id "                 \
        "LEFT JOIN users u ON u.id = s.deployed_by "
#define HISTORY_COLUMNS                                                                            \
        "sequence, environment_id, release_id, release_name, status, at, by, promotion_id, "       \
        "evidence_ref, reason FROM environment_history "
/* True for rows since environment e was declared. Rows up to history_after belong to a removed
 * environment of the same name. Times cannot separate the two, because the clock may have been
 * set. */
#define SINCE_DECLARED(sequence) sequence " > e.history_after "
/* The row with the latest time up to :at. */
#define LATEST_ROW                                                                                 \
        "(SELECT c.sequence FROM environment_history c WHERE c.environment_id = p.value AND "      \
        "c.at <= :at AND c.sequence > coalesce(e.history_after, 0) ORDER BY c.at DESC, "           \
        "c.sequence DESC LIMIT 1)"
/* The first row after LATEST_ROW whose time is later than :at. If the clock jumped back, rows
 * between both may have earlier times than LATEST_ROW. */
#define NEXT_ROW                                                                                   \
        "(SELECT n.sequence FROM environment_history n WHERE n.environment_id = p.value AND "      \
        "n.sequence > " LATEST_ROW " AND n.at > :at ORDER BY n.sequence LIMIT 1)"
/* The status, deployed or failed, of the last finished promotion of a release to environment e. */
#define LAST_RESULT(release)                                                                       \
        "(SELECT x.status FROM environment_history x WHERE x.release_id = " release                \
        " AND x.environment_id = e.id AND " SINCE_DECLARED(                                        \
                "x.sequence") "AND x.status IN "                                                   \
                              "('deployed', 'failed') ORDER BY x.sequence DESC LIMIT 1)"
#define LAST_ROW(release)                                                                          \
        "(SELECT x.sequence FROM environment_history x WHERE x.release_id = " release              \
        " AND x.environment_id = e.id AND " SINCE_DECLARED("x.sequence") "ORDER BY x.sequence "    \
                                                                         "DESC LIMIT 1)"
#define FIRST_DEPLOYMENT(release)                                                                  \
        "(SELECT x.sequence FROM environment_history x WHERE x.release_id = " release              \
        " AND x.environment_id = e.id AND " SINCE_DECLARED(                                        \
                "x.sequence") "AND x.status = "                                                    \
                              "'deployed' ORDER BY x.sequence LIMIT 1)"
/* The time at which the run that begins with row h ends. */
#define END_OF_RUN                                                                                 \
        "(SELECT n.at FROM environment_history n WHERE n.environment_id = h.environment_id AND "   \
        "n.sequence > h.sequence AND NOT (n.release_id = h.release_id AND n.status = 'deployed') " \
        "ORDER BY n.sequence LIMIT 1)"
#define WHY "coalesce(h.reason, 'no reason was given')"

/* clang-format off */
const StmtText sql_environments[STMT_MAX_] = {
        [STMT_PUT_DEPLOYMENT] = { .shared =
                "INSERT INTO release_environment_state (id, tenant_id, environment_id, release_id, status, "
                "deployed_at, deployed_by, promotion_id, evidence_ref, deployed_release_id, reason) SELECT :id, "
                "e.tenant_id, e.id, :release, :status, :at, :by, :promotion, :evidence, :deployed, :reason FROM "
                "environments e WHERE e.id = :environment ON CONFLICT (tenant_id, environment_id) DO UPDATE SET release_id = "
                "excluded.release_id, status = excluded.status, deployed_at = excluded.deployed_at, deployed_by = "
                "excluded.deployed_by, promotion_id = excluded.promotion_id, evidence_ref = excluded.evidence_ref, "
                "deployed_release_id = excluded.deployed_release_id, reason = excluded.reason" },
        [STMT_DELETE_DEPLOYMENT] = { .shared =
                "DELETE FROM release_environment_state WHERE environment_id = :environment" },
        [STMT_DEPLOYMENT] = { .shared = "SELECT " DEPLOYMENT_COLUMNS "WHERE s.environment_id = :environment" },
        [STMT_DEPLOYMENTS_OF] = { .shared =
                "SELECT " DEPLOYMENT_COLUMNS "WHERE s.release_id = :release OR s.deployed_release_id = :release" },
        [STMT_PAGE_DEPLOYMENTS] = { .sqlite =
                "SELECT /*scan: of the page*/ s.environment_id, s.release_id, r.name, s.status, s.deployed_at, "
                "u.name, s.promotion_id, s.evidence_ref, s.deployed_release_id, s.reason FROM " PAGE
                "release_environment_state s ON s.environment_id = p.value JOIN releases r ON r.id = s.release_id "
                "LEFT JOIN users u ON u.id = s.deployed_by " IN_PAGE_ORDER },

        [STMT_PAGE_PLACES] = { .sqlite =
                "SELECT /*scan: of the page*/ s.deployed_release_id, s.environment_id FROM " PAGE
                "release_environment_state s ON s.deployed_release_id = p.value " IN_PAGE_ORDER },
        [STMT_ADD_HISTORY] = { .shared =
                "INSERT INTO environment_history (environment_id, release_id, release_name, status, at, by, "
                "promotion_id, evidence_ref, reason) VALUES (:environment, :release, :name, :status, :at, :by, "
                ":promotion, :evidence, :reason)" },
        [STMT_HISTORY] = { .shared =
                "SELECT " HISTORY_COLUMNS "WHERE environment_id = :environment ORDER BY sequence DESC LIMIT :limit "
                "OFFSET :offset" },
        /* e: the environment, unless it was created after :at; d: the release that was last
         * confirmed */
        [STMT_PAGE_AS_OF] = { .sqlite =
                "SELECT /*scan: of the page*/ h.environment_id, h.release_id, h.release_name, h.status, h.at, h.by, "
                "h.promotion_id, h.evidence_ref, d.release_id, h.reason, d.release_name FROM json_each(:ids) p "
                "LEFT JOIN environments e ON e.id = p.value AND e.created_at <= :at CROSS JOIN environment_history h ON "
                "h.sequence = (SELECT x.sequence FROM environment_history x WHERE x.environment_id = p.value AND "
                "x.sequence >= " LATEST_ROW " AND x.sequence < coalesce(" NEXT_ROW ", 9223372036854775807) ORDER BY "
                "x.sequence DESC LIMIT 1) LEFT JOIN environment_history d ON d.sequence = (SELECT y.sequence FROM "
                "environment_history y WHERE y.environment_id = p.value AND y.sequence <= h.sequence AND y.status = "
                "'deployed' AND y.sequence > coalesce(e.history_after, 0) ORDER BY y.sequence DESC LIMIT 1) WHERE h.status <> "
                "'canceled' " IN_PAGE_ORDER },
        /* seen: the releases found so far, so that a release that was deployed twice is returned
         * once */
        [STMT_PAGE_ROLLBACKS] = { .sqlite =
                "SELECT /*scan: of the page*/ l.environment_id, r.id, r.name, r.status, h.at FROM (WITH RECURSIVE "
                "last (environment_id, after, n, sequence, seen) AS (SELECT e.id, e.history_after, 0, 9223372036854775807, '' FROM "
                PAGE "environments e ON e.id = p.value UNION ALL SELECT l.environment_id, l.after, l.n + 1, h.sequence, "
                "l.seen || h.release_id || ' ' FROM last l CROSS JOIN environment_history h ON h.sequence = (SELECT x.sequence FROM "
                "environment_history x WHERE x.environment_id = l.environment_id AND x.sequence < l.sequence AND x.sequence > l.after AND "
                "x.status = 'deployed' AND instr(l.seen, x.release_id) = 0 ORDER BY x.sequence DESC LIMIT 1) WHERE "
                "l.n < :limit) SELECT environment_id, sequence FROM last) l CROSS JOIN environment_history h ON "
                "h.sequence = l.sequence JOIN releases r ON r.id = h.release_id ORDER BY l.sequence DESC /*sort: of "
                "the page*/" },
        [STMT_HISTORY_OF_RELEASE] = { .shared =
                "SELECT " HISTORY_COLUMNS "WHERE release_id = :release ORDER BY sequence" },
        /* a release does not count as deployed if it failed when it was promoted there again */
        [STMT_WAS_DEPLOYED] = { .shared =
                "SELECT 1 FROM environments e WHERE e.id = :environment AND " LAST_RESULT(":release") " = 'deployed'" },
        /* compares the first deployments, so that a rollback does not change which release is
         * older */
        [STMT_WAS_BEFORE] = { .shared =
                "SELECT 1 FROM environments e WHERE e.id = :environment AND " FIRST_DEPLOYMENT(":release") " < "
                FIRST_DEPLOYMENT(":than") },
        [STMT_WAS_PROMOTED] = { .shared =
                "SELECT 1 FROM environments e JOIN environment_history h ON h.release_id = :release AND h.environment_id = e.id "
                "AND " SINCE_DECLARED("h.sequence") "WHERE e.id = :environment LIMIT 1" },
        /* A run begins when the release is deployed. It ends with the next row that has another
         * release or another status. */
        [STMT_RUNS] = { .shared =
                "SELECT h.at, " END_OF_RUN " FROM environments e JOIN environment_history h ON h.release_id = :release AND "
                "h.environment_id = e.id AND " SINCE_DECLARED("h.sequence") "WHERE e.id = :environment AND h.status = "
                "'deployed' ORDER BY h.sequence" },
        [STMT_PAGE_RUNS] = { .sqlite =
                "SELECT /*scan: of the page*/ h.environment_id, h.release_id, h.at, " END_OF_RUN " FROM " PAGE "environments e ON "
                "e.id = " PAIR_ENVIRONMENT " CROSS JOIN environment_history h ON h.release_id = " PAIR_RELEASE " AND "
                "h.environment_id = e.id AND " SINCE_DECLARED("h.sequence") "WHERE h.status = 'deployed' "
                "ORDER BY p.key, h.sequence /*sort: of the page*/" },
        [STMT_FAILURE] = { .shared =
                "SELECT h.status, " WHY " FROM environments e JOIN environment_history h ON h.sequence = "
                LAST_ROW(":release") " WHERE e.id = :environment" },
        [STMT_PAGE_FAILURES] = { .sqlite =
                "SELECT /*scan: of the page*/ h.environment_id, h.release_id, h.status, " WHY " FROM " PAGE "environments e ON "
                "e.id = " PAIR_ENVIRONMENT " CROSS JOIN environment_history h ON h.sequence = " LAST_ROW(PAIR_RELEASE) " "
                IN_PAGE_ORDER },
        [STMT_PAGE_WERE_DEPLOYED] = { .sqlite =
                "SELECT /*scan: of the page*/ e.id, " PAIR_RELEASE " FROM " PAGE "environments e ON e.id = " PAIR_ENVIRONMENT
                " WHERE " LAST_RESULT(PAIR_RELEASE) " = 'deployed' " IN_PAGE_ORDER },

        [STMT_PUT_HOLD] = { .shared =
                "INSERT INTO environment_holds (environment_id, release_id, since, by, reason, is_retry, is_fallback) VALUES "
                "(:environment, :release, :since, :by, :reason, :retry, :fallback) ON CONFLICT (environment_id) DO UPDATE SET "
                "release_id = excluded.release_id, since = excluded.since, by = excluded.by, reason = excluded.reason, "
                "is_retry = excluded.is_retry, is_fallback = excluded.is_fallback" },
        [STMT_DELETE_HOLD] = { .shared = "DELETE FROM environment_holds WHERE environment_id = :environment" },
        [STMT_HOLD] = { .shared =
                "SELECT environment_id, release_id, since, by, reason, is_retry, is_fallback FROM environment_holds WHERE "
                "environment_id = :environment" },
        [STMT_PAGE_HOLDS] = { .sqlite =
                "SELECT /*scan: of the page*/ h.environment_id, h.release_id, h.since, h.by, h.reason, h.is_retry, h.is_fallback FROM " PAGE
                "environment_holds h ON h.environment_id = p.value " IN_PAGE_ORDER },

        [STMT_PUT_CLOSED_GATE] = { .shared =
                "INSERT INTO closed_gates (environment_id, gate, release_id, reason) VALUES (:environment, :gate, "
                ":release, :reason) ON CONFLICT (environment_id, gate) DO UPDATE SET release_id = "
                "excluded.release_id, reason = excluded.reason" },
        [STMT_DELETE_CLOSED_GATE] = { .shared =
                "DELETE FROM closed_gates WHERE environment_id = :environment AND gate = :gate" },
        [STMT_CLOSED_GATES] = { .shared =
                "SELECT environment_id, gate, release_id, reason FROM closed_gates WHERE environment_id = "
                ":environment" },

        [STMT_ADD_APPROVAL] = { .shared =
                "INSERT INTO approvals (environment_id, release_id, by, person, at, verdict, message, sequence) VALUES "
                "(:environment, :release, :by, :person, :at, :verdict, :message, (SELECT coalesce(max(sequence), 0) + 1 FROM "
                "approvals WHERE environment_id = :environment)) ON CONFLICT (release_id, environment_id, by) DO UPDATE SET "
                "person = excluded.person, at = excluded.at, verdict = excluded.verdict, message = excluded.message, sequence "
                "= excluded.sequence" },
        /* A rejection removes all earlier verdicts; an approval removes earlier rejections. */
        [STMT_END_VERDICTS] = { .shared =
                "DELETE FROM approvals WHERE environment_id = :environment AND release_id = :release AND (:verdict = "
                "'rejected' OR verdict = 'rejected')" },
        [STMT_DELETE_APPROVAL] = { .shared =
                "DELETE FROM approvals WHERE environment_id = :environment AND release_id = :release AND (by = :by OR "
                "person = :person)" },
        [STMT_APPROVALS] = { .shared =
                "SELECT environment_id, release_id, by, person, at, verdict = 'rejected', message FROM approvals WHERE environment_id = "
                ":environment AND release_id = :release ORDER BY by" },
        [STMT_PAGE_APPROVALS] = { .sqlite =
                "SELECT /*scan: of the page*/ a.environment_id, a.release_id, a.by, a.person, a.at, a.verdict = 'rejected', a.message FROM " PAGE
                "approvals a ON a.environment_id = " PAIR_ENVIRONMENT " AND a.release_id = " PAIR_RELEASE
                " ORDER BY p.key, a.by /*sort: of the page*/" },
        [STMT_ENVIRONMENT_APPROVALS] = { .shared =
                "SELECT environment_id, release_id, by, person, at, verdict = 'rejected', message FROM approvals WHERE environment_id = "
                ":environment ORDER BY sequence DESC LIMIT :limit" },
        [STMT_RELEASE_APPROVALS] = { .shared =
                "SELECT environment_id, release_id, by, person, at, verdict = 'rejected', message FROM approvals WHERE environment_id = "
                ":environment AND (release_id = :release OR release_id IN (SELECT release_id FROM approvals WHERE "
                "environment_id = :environment GROUP BY release_id ORDER BY max(sequence) DESC LIMIT :limit)) "
                "ORDER BY release_id, by /*sort: those of one environment*/" },

        [STMT_PUT_OUTPUT_RUN] = { .shared =
                "INSERT INTO output_runs (environment_id, output, lock_digest, at, release, commit_id) VALUES (:environment, "
                ":output, :digest, :at, :release, :commit) ON CONFLICT (environment_id, output) DO UPDATE SET lock_digest = "
                "excluded.lock_digest, at = excluded.at, release = excluded.release, commit_id = excluded.commit_id" },
        [STMT_OUTPUT_RUN] = { .shared =
                "SELECT lock_digest, at, release, commit_id FROM output_runs WHERE environment_id = :environment AND output = :output" },
};
/* clang-format on */
