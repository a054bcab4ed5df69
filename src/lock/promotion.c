#include "lock/promotion.h"

#include <string.h>

#include "base/limits.h"
#include "lock/internal.h"
#include "lock/statement.h"
#include "model/schema/json-writer.h"

static void environment(Json *json, const PromotionStatement *statement)
{
        json_begin(json, "environment", '{');
        json_text(json, "tenant", statement->tenant);
        json_text(json, "name", statement->environment);
        json_text(json, "id", statement->environment_id);
        json_some(json, "specDigest", statement->spec_digest);
        json_end(json, '}');
}

static void source(Json *json, const SourceRef *ref)
{
        json_begin(json, "source", '{');
        json_some(json, "commitSha", ref->commit_sha);
        json_some(json, "branch", ref->branch);
        json_some(json, "buildId", ref->build_id);
        json_some(json, "pipelineUrl", ref->pipeline_url);
        json_end(json, '}');
}

static void release(Json *json, const Lock *lock)
{
        const Release *item = &lock->release;

        json_begin(json, "release", '{');
        json_text(json, "name", item->name);
        json_text(json, "id", item->id.text);
        json_time(json, "createdAt", item->created_at);
        json_some(json, "createdBy", item->created_by);
        json_some(json, "createdPerson", item->created_person);
        json_some(json, "specDigest", item->spec_digest);
        json_text(json, "lockDigest", lock->lock_digest);
        source(json, &item->source_ref);
        json_end(json, '}');
}

static void gates(Json *json, const PromotionStatement *statement)
{
        json_begin(json, "gates", '[');
        for (size_t i = 0; i < statement->n_gates; i++) {
                const StatementGate *gate = &statement->gates[i];

                json_begin(json, NULL, '{');
                json_text(json, "gate", gate->name);
                json_text(json, "state", gate->is_open ? "open" : "closed");
                json_some(json, "message", gate->message);
                json_end(json, '}');
        }
        json_end(json, ']');
}

static void approvals(Json *json, const Approvals *list)
{
        json_begin(json, "approvals", '[');
        for (size_t i = 0; list && i < list->n; i++) {
                const Approval *approval = &list->items[i];

                json_begin(json, NULL, '{');
                json_text(json, "verdict", approval->is_rejection ? "rejected" : "approved");
                json_text(json, "person", approval->person);
                json_text(json, "by", approval->by);
                json_time(json, "at", approval->at);
                json_some(json, "message", approval->message);
                json_end(json, '}');
        }
        json_end(json, ']');
}

static void checks(Json *json, const CheckResults *list)
{
        json_begin(json, "checks", '[');
        for (size_t i = 0; list && i < list->n; i++) {
                const CheckResult *check = &list->items[i];

                json_begin(json, NULL, '{');
                json_text(json, "name", check->name);
                json_text(json, "status", check_status_to_string(check->status));
                json_text(json, "phase", check->promotion_id[0] ? "after" : "before");
                json_time(json, "at", check->reported_at);
                json_some(json, "by", check->by);
                json_some(json, "person", check->person);
                json_some(json, "evidenceRef", check->evidence_ref);
                json_some(json, "message", check->message);
                json_end(json, '}');
        }
        json_end(json, ']');
}

static void predicate(Json *json, const PromotionStatement *statement, const Lock *lock)
{
        const Deployment *deployment = statement->deployment;

        json_begin(json, "predicate", '{');
        json_int(json, "number", statement->number);
        json_some(json, "previous", statement->previous);
        json_int(json, "unsigned", statement->n_unsigned);
        environment(json, statement);
        json_text(json, "status", statement->status);
        json_time(json, "at", deployment->at);
        json_text(json, "by", deployment->by);
        json_some(json, "reason", deployment->reason);
        json_some(json, "evidenceRef", deployment->evidence_ref);
        json_some(json, "promotionId", deployment->promotion_id);
        json_some(json, "specCommit", statement->spec_commit);
        release(json, lock);
        gates(json, statement);
        approvals(json, statement->approvals);
        checks(json, statement->checks);
        json_end(json, '}');
}

int promotion_statement_write(const PromotionStatement *statement, Buffer *out, Error *err)
{
        Lock lock = { .release = *statement->release, .environment = statement->environment };
        _cleanup_(buffer_done) Buffer native;
        Json json = { .out = out };
        int r;

        buffer_init(&native, LOCK_FILE_MAX);
        r = lock_write_native(&lock.release, lock.environment, &native, err);
        if (r < 0)
                return r;
        json_begin(&json, NULL, '{');
        lock_statement_subjects(&json, &lock, native.data, native.size);
        lock.lock_digest = lock_native_digest(&native);
        json_text(&json, "predicateType", PROMOTION_PREDICATE_TYPE);
        predicate(&json, statement, &lock);
        json_end(&json, '}');
        return out->failed ? error_oom(err) : 0;
}
