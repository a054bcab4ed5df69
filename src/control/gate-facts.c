#include "control/gate-facts.h"

#include "store/releases.h"

static int gate_facts_source(Store *store, PromotionInput *input, Error *err)
{
        const EnvironmentSpec *environment = input->environment;
        Uuid source;
        int r;

        if (!environment->promotes_from)
                return 0;
        source = object_id(KIND_ENVIRONMENT, environment->object.meta.tenant,
                           environment->promotes_from);
        r = store_was_deployed(store, source.text, input->release->id.text, err);
        input->was_in_source = r > 0;
        return MIN(r, 0);
}

static int gate_facts_approvals(Store *store, Arena *arena, PromotionInput *input, Error *err)
{
        const EnvironmentSpec *environment = input->environment;
        Approvals approvals;
        int r;

        if (environment->approvals == 0)
                return 0;
        r = store_approvals(store, environment->object.id.text, input->release->id.text, arena,
                            &approvals, err);
        if (r >= 0)
                input->n_approvals = approvals_persons(&approvals);
        return MIN(r, 0);
}

int gate_facts_read(Store *store, usec_t now, Arena *arena, PromotionInput *input, Error *err)
{
        int r;

        input->now = now;
        r = gate_facts_source(store, input, err);
        return r < 0 ? r : gate_facts_approvals(store, arena, input, err);
}
