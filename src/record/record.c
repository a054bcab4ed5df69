#include "record/record.h"

#include "base/limits-trust.h"
#include "base/limits.h"
#include "lock/statement.h"
#include "model/changes/changes-statements.h"
#include "store/checks.h"
#include "store/statements.h"

#define RECORD_ARENA_MAX ((size_t)64 * 1024 * 1024)

/* Reads the end of the chain: in the list of changes, or in the store. */
static int find_head(const Control *control, const Changes *changes, const char *environment_id,
                     Arena *arena, StatementHead *ret, Error *err)
{
        for (size_t i = changes->n; i > 0; i--) {
                const Change *change = &changes->items[i - 1];

                if (change->type != CHANGE_ADD_STATEMENT ||
                    !streq(change->object_id, environment_id))
                        continue;
                *ret = (StatementHead){ .number = change->statement->number,
                                        .digest = change->statement->digest };
                return 0;
        }
        return store_statement_head(control->store, environment_id, arena, ret, err);
}

static int sign(const Control *control, const PromotionStatement *statement, Changes *changes,
                Error *err)
{
        _cleanup_(buffer_done) Buffer payload;
        _cleanup_(buffer_done) Buffer envelope;
        char digest[DIGEST_SIZE_MAX];
        int r;

        buffer_init(&payload, ENVELOPE_MAX);
        buffer_init(&envelope, ENVELOPE_MAX);
        r = promotion_statement_write(statement, &payload, err);
        if (r >= 0)
                r = dsse_sign(signing_key(control->options.signing), STATEMENT_PAYLOAD_TYPE,
                              &payload, &envelope, err);
        if (r < 0)
                return r;
        digest_sha256(payload.data, payload.size, digest);
        envelope.data[envelope.size - 1] = '\0'; /* without the end of the line */
        changes_add_statement(changes, &(StatementRow){ .environment_id = statement->environment_id,
                                                        .number = statement->number,
                                                        .digest = digest,
                                                        .at = statement->deployment->at,
                                                        .envelope = envelope.data });
        return changes->failed ? error_oom(err) : 0;
}

/* Returns the result that the changes store for a check; NULL: they store none. */
static const CheckResult *find_change(const Changes *changes, const CheckResult *check)
{
        for (size_t i = changes->n; i > 0; i--) {
                const Change *change = &changes->items[i - 1];

                if (change->type == CHANGE_PUT_CHECK && streq(change->check->name, check->name) &&
                    streq(change->check->release_id, check->release_id) &&
                    streq(change->check->promotion_id, check->promotion_id))
                        return change->check;
        }
        return NULL;
}

/* Reads the results of the checks before a promotion and after it, without running checks. A result
 * that the changes store counts. */
static int read_checks(const Control *control, const Deployment *deployment, const Changes *changes,
                       Arena *arena, CheckResults *ret, Error *err)
{
        size_t n = 0;
        int r;

        r = store_checks(control->store, deployment->environment_id, deployment->release_id, arena,
                         ret, err);
        for (size_t i = 0; r >= 0 && i < ret->n; i++) {
                const CheckResult *changed = find_change(changes, &ret->items[i]);
                const CheckResult check = changed ? *changed : ret->items[i];

                if (check.status != CHECK_RUNNING &&
                    (!check.promotion_id[0] ||
                     str_equal(check.promotion_id, deployment->promotion_id)))
                        ret->items[n++] = check;
        }
        ret->n = n;
        return MIN(r, 0);
}

int record_add(const Control *control, const PromotionStatement *about, Changes *changes,
               Error *err)
{
        _cleanup_(arena_done) Arena arena;
        PromotionStatement statement = *about;
        Approvals approvals = { 0 };
        CheckResults checks = { 0 };
        StatementHead head;
        int r;

        arena_init(&arena, RECORD_ARENA_MAX);
        if (!control->options.signing)
                return 0;
        r = find_head(control, changes, about->environment_id, &arena, &head, err);
        if (r >= 0)
                r = store_approvals(control->store, about->environment_id, about->release->id.text,
                                    &arena, &approvals, err);
        if (r >= 0)
                r = read_checks(control, about->deployment, changes, &arena, &checks, err);
        if (r < 0)
                return r;
        statement.approvals = &approvals;
        statement.checks = &checks;
        statement.number = head.number + 1;
        statement.previous = head.digest;
        statement.n_unsigned = head.n_unsigned;
        statement.spec_commit =
                control->spec_commit && control->spec_commit[0] ? control->spec_commit : NULL;
        r = sign(control, &statement, changes, err);
        return r < 0 ? error_prefix(err, r, "environment '%s': its statement is not signed",
                                    about->environment)
                     : 0;
}

int record_removal(const Control *control, const PromotionStatement *about, Changes *changes,
                   Error *err)
{
        _cleanup_(arena_done) Arena arena;
        PromotionStatement statement = *about;
        Deployment deployment;
        Release release;
        int r;

        arena_init(&arena, RECORD_ARENA_MAX);
        if (!control->options.signing)
                return 0;
        r = store_deployment(control->store, about->environment_id, &arena, &deployment, err);
        if (r > 0)
                r = store_release(control->store, deployment.release_id, &arena, &release, err);
        if (r <= 0)
                return r;
        deployment.at = time_wall();
        deployment.by = PRINCIPAL_SELF;
        deployment.reason = "no document declares the environment any more";
        deployment.evidence_ref = NULL;
        statement.status = PROMOTION_REMOVED;
        statement.deployment = &deployment;
        statement.release = &release;
        return record_add(control, &statement, changes, err);
}
