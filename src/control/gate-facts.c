#include "control/gate-facts.h"

#include "store/releases.h"

static int gate_facts_source(Store *store, const PromotionInput *input, const char *name,
                             Arena *arena, PromotionSource *ret, Error *err)
{
        const EnvironmentSpec *environment = input->environment;
        Uuid source = object_id(KIND_ENVIRONMENT, environment->object.meta.tenant, name);
        const char *release = input->release->id.text;
        int r;

        *ret = (PromotionSource){ 0 };
        r = store_was_deployed(store, source.text, release, err);
        ret->was_deployed = r > 0;
        return r <= 0 || environment->soak == 0
                       ? r
                       : store_runs(store, source.text, release, arena, &ret->runs, err);
}

static int gate_facts_sources(Store *store, Arena *arena, PromotionInput *input, Error *err)
{
        const Strings *names = &input->environment->promotes_from.environments;
        PromotionSource *sources;
        int r = 0;

        if (names->n == 0)
                return 0;
        sources = arena_alloc_array(arena, names->n, sizeof(*sources));
        if (!sources)
                return error_oom(err);
        for (size_t i = 0; r >= 0 && i < names->n; i++)
                r = gate_facts_source(store, input, names->items[i], arena, &sources[i], err);
        input->sources = sources;
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
        r = gate_facts_sources(store, arena, input, err);
        return r < 0 ? r : gate_facts_approvals(store, arena, input, err);
}
