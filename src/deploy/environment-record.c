/* Signs a statement for each deployment in a list of changes. */

#include "deploy/environments.h"
#include "record/record.h"

/* Evaluates the gates again, from the rows with which the promotion was decided. */
static int read_gates(EnvironmentState *environment, const Release *release, Arena *arena,
                      StatementGate ret[PROMOTION_GATE_MAX_], Error *err)
{
        PromotionInput input = { .release = release };
        Promotion promotion, gates[PROMOTION_GATE_MAX_];
        int r;

        r = environment_decide(environment, &input, arena, &promotion, err);
        if (r >= 0 && promotion_gates(&input, &promotion, arena, gates) < 0)
                r = error_oom(err);
        for (PromotionGate gate = 0; r >= 0 && gate < PROMOTION_GATE_MAX_; gate++) {
                bool is_open = gates[gate].decision == PROMOTION_GO;
                ret[gate] = (StatementGate){ promotion_gate_to_string(gate), is_open,
                                             is_open ? NULL : gates[gate].message };
        }
        return MIN(r, 0);
}

static int record(EnvironmentState *environment, const Deployment *deployment, Changes *changes,
                  Arena *arena, Error *err)
{
        const Control *control = environment->deployer->control;
        const Object *object = &environment->spec->object;
        StatementGate gates[PROMOTION_GATE_MAX_];
        Release release;
        PromotionStatement statement = { .tenant = object->meta.tenant,
                                         .environment = object->meta.name,
                                         .environment_id = environment->id.text,
                                         .spec_digest = object->digest,
                                         .status = deployment_status_to_string(deployment->status),
                                         .deployment = deployment,
                                         .release = &release,
                                         .gates = gates };
        int r;

        r = control_find_release(control, deployment->release_id, arena, &release, err);
        if (r >= 0 && deployment->status == DEPLOYMENT_PROMOTING) {
                statement.n_gates = PROMOTION_GATE_MAX_;
                r = read_gates(environment, &release, arena, gates, err);
        }
        return r < 0 ? r : record_add(control, &statement, changes, err);
}

int environment_record(EnvironmentState *environment, Changes *changes, Arena *arena, Error *err)
{
        const size_t n = changes->n;
        bool is_signed = environment->deployer->control->options.signing && !changes->failed;
        int r = 0;

        for (size_t i = 0; is_signed && i < n && r >= 0; i++)
                if (changes->items[i].type == CHANGE_PUT_DEPLOYMENT)
                        r = record(environment, changes->items[i].deployment, changes, arena, err);
        return r;
}
