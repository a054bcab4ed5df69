/* Verifies the signatures of the images of a release. */

#include "compose/release-task.h"

static void on_signature(const Signature *signature, const Error *error, void *userdata)
{
        Part *part = userdata;
        ReleaseTask *task = part->task;

        if (!part_answered(part, error))
                return;
        if (!error) {
                part->manifest.signature = signature_copy(signature, &task->arena);
                part->is_verified = true;
        }
        if (task->n_calls == 0)
                task->next(task);
}

const VerifyRules *part_verify_rules(const Part *part)
{
        return model_component_verify(part->task->model, part->want->component);
}

static int try_signatures(Part *part, const Component *component, Error *err)
{
        Signature *known = &part->manifest.signature;
        VerificationQuestion question = { component->client, component->repository,
                                          part->picked.digest, &part->verify,
                                          task_control(part->task)->options.recheck_interval };
        const VerifyRules *rules = part_verify_rules(part);
        int r;

        if (rules->n == 0)
                return 0;
        r = verify_policy_read(part->want->component, rules, &part->verify, err);
        if (r < 0)
                return r;
        if (verify_policy_made(&part->verify, known) && signature_until(known) > time_wall())
                return 0;
        *known = (Signature){ 0 };
        r = verification_start(&question, (VerificationReceiver){ on_signature, part },
                               &part->verification, err);
        return r < 0 ? r : 1;
}

void part_ask_signatures(Part *part)
{
        part_ask(part, try_signatures);
}

void release_task_put_signatures(const ReleaseTask *task, Changes *changes)
{
        for (size_t i = 0; i < task->wants.n; i++) {
                const Part *part = &task->parts[i];
                const char *id = part->want->component->object.id.text;

                if (!part->is_verified)
                        continue;
                changes_put_manifest(changes, id, &part->manifest,
                                     part->was_known ? part->manifest.checked_at : time_wall());
        }
}
