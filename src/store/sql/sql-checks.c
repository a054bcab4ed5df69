/* SQL: results of checks. */

#include "store/sql/sql.h"

#define CHECK_COLUMNS                                                                              \
        "c.environment_id, c.release_id, c.promotion_id, c.name, c.status, c.started_at, "         \
        "c.reported_at, c.by, c.person, c.evidence_ref, c.message"
#define N_OUTPUTS "9" /* results of one check in one environment whose output is kept, but one */
/* The id of the last promotion of a release in an environment. */
#define LAST_PROMOTION(environment, release)                                                       \
        "(SELECT h.promotion_id FROM environment_history h WHERE h.release_id = " release          \
        " AND h.environment_id = " environment                                                     \
        " AND h.status = 'promoting' ORDER BY h.sequence DESC LIMIT 1)"

/* clang-format off */
const StmtText sql_checks[STMT_MAX_] = {
        [STMT_PUT_CHECK] = { .shared =
                "INSERT INTO checks (environment_id, release_id, promotion_id, name, status, started_at, reported_at, by, "
                "person, evidence_ref, message, output) SELECT e.id, r.id, :promotion, :name, :status, :started, :reported, :by, "
                ":person, :evidence, :message, :output FROM environments e, releases r WHERE e.id = :environment AND r.id = "
                ":release ON CONFLICT (environment_id, release_id, promotion_id, name) DO UPDATE SET status = "
                "excluded.status, started_at = excluded.started_at, reported_at = excluded.reported_at, by = excluded.by, "
                "person = excluded.person, evidence_ref = excluded.evidence_ref, message = excluded.message, "
                "output = excluded.output" },
        [STMT_FORGET_OUTPUTS] = { .shared =
                "UPDATE checks SET output = NULL WHERE environment_id = :environment AND name = :name AND output IS NOT NULL AND "
                "reported_at < (SELECT k.reported_at FROM checks k WHERE k.environment_id = :environment AND k.name = :name "
                "AND k.output IS NOT NULL ORDER BY k.reported_at DESC LIMIT 1 OFFSET " N_OUTPUTS ")" },
        [STMT_END_CHECKS] = { .shared =
                "DELETE FROM checks WHERE environment_id = :environment AND release_id = :release AND promotion_id = "
                ":promotion AND status = 'running' AND name = coalesce(:name, name)" },
        [STMT_RUNNING_CHECKS] = { .shared =
                "SELECT " CHECK_COLUMNS ", NULL FROM checks c WHERE c.environment_id = :environment AND c.status = 'running'" },
        [STMT_CHECKS_OUTPUT] = { .shared =
                "SELECT " CHECK_COLUMNS ", c.output FROM checks c WHERE c.environment_id = :environment AND c.release_id = :release "
                "AND c.promotion_id IN ('', " LAST_PROMOTION(":environment", ":release") ") ORDER BY c.promotion_id, c.name" },
        [STMT_CHECKS] = { .shared =
                "SELECT " CHECK_COLUMNS ", NULL FROM checks c WHERE c.environment_id = :environment AND c.release_id = :release AND "
                "c.promotion_id IN ('', " LAST_PROMOTION(":environment", ":release") ") ORDER BY c.promotion_id, c.name" },
        [STMT_PAGE_CHECKS] = { .sqlite =
                "SELECT /*scan: of the page*/ " CHECK_COLUMNS ", NULL FROM " PAGE "checks c ON c.environment_id = "
                PAIR_ENVIRONMENT " AND c.release_id = " PAIR_RELEASE " AND c.promotion_id IN ('', "
                LAST_PROMOTION(PAIR_ENVIRONMENT, PAIR_RELEASE) ") ORDER BY p.key, c.promotion_id, c.name "
                "/*sort: of the page*/" },
};
/* clang-format on */
