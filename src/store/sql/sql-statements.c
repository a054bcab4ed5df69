/* Statements about the signed statements of environments. */

#include "store/sql/sql.h"

/* clang-format off */
const StmtText sql_statements[STMT_MAX_] = {
        [STMT_ADD_STATEMENT] = { .shared =
                "INSERT INTO promotion_statements (environment_id, number, digest, history, at, envelope) VALUES (:environment, "
                ":number, :digest, (SELECT coalesce(max(sequence), 0) FROM environment_history WHERE environment_id = :environment), "
                ":at, :envelope)" },
        [STMT_STATEMENT_HEAD] = { .shared =
                "SELECT number, digest, (SELECT count(*) FROM environment_history h WHERE h.environment_id = :environment AND "
                "h.sequence > s.history) FROM promotion_statements s WHERE s.environment_id = :environment ORDER BY s.number DESC LIMIT 1" },
        [STMT_COUNT_HISTORY] = { .shared =
                "SELECT count(*) FROM environment_history WHERE environment_id = :environment" },
        [STMT_STATEMENTS] = { .shared =
                "SELECT environment_id, number, digest, at, envelope FROM promotion_statements WHERE environment_id = :environment AND "
                "number > :after ORDER BY number LIMIT :limit" },
};
/* clang-format on */
