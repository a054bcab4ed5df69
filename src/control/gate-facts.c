#include "control/gate-facts.h"

#include "model/selection.h"
#include "store/checks.h"
#include "store/releases.h"

static int stored_was_deployed(void *from, const char *environment_id, const char *release_id,
                               Error *err)
{
        return store_was_deployed(from, environment_id, release_id, err);
}

static int stored_runs(void *from, const char *environment_id, const char *release_id, Arena *arena,
                       DeploymentRuns *ret, Error *err)
{
        return store_runs(from, environment_id, release_id, arena, ret, err);
}

static int stored_approvals(void *from, const char *environment_id, const char *release_id,
                            Arena *arena, Approvals *ret, Error *err)
{
        return store_approvals(from, environment_id, release_id, arena, ret, err);
}

static int stored_checks(void *from, const char *environment_id, const char *release_id,
                         Arena *arena, CheckResults *ret, Error *err)
{
        return store_checks(from, environment_id, release_id, arena, ret, err);
}

const GateFacts gate_facts_of_store = { .was_deployed = stored_was_deployed,
                                        .runs = stored_runs,
                                        .approvals = stored_approvals,
                                        .checks = stored_checks };

/* The arguments of the functions below. */
typedef struct GateReading {
        const GateFacts *facts;
        void *from;
        Arena *arena;
        PromotionInput *input;
} GateReading;

static int gate_facts_source(const GateReading *reading, const char *name, PromotionSource *ret,
                             Error *err)
{
        const EnvironmentSpec *environment = reading->input->environment;
        Uuid source = object_id(KIND_ENVIRONMENT, environment->object.meta.tenant, name);
        const char *release = reading->input->release->id.text;
        int r;

        *ret = (PromotionSource){ 0 };
        r = reading->facts->was_deployed(reading->from, source.text, release, err);
        ret->was_deployed = r > 0;
        return r <= 0 || environment->soak == 0
                       ? r
                       : reading->facts->runs(reading->from, source.text, release, reading->arena,
                                              &ret->runs, err);
}

static int gate_facts_sources(const GateReading *reading, Error *err)
{
        const Strings *names = promotion_sources(reading->input);
        PromotionSource *sources;
        int r = 0;

        if (names->n == 0)
                return 0;
        sources = arena_alloc_array(reading->arena, names->n, sizeof(*sources));
        if (!sources)
                return error_oom(err);
        for (size_t i = 0; r >= 0 && i < names->n; i++)
                r = gate_facts_source(reading, names->items[i], &sources[i], err);
        reading->input->sources = sources;
        return MIN(r, 0);
}

static int gate_facts_approvals(const GateReading *reading, Error *err)
{
        const EnvironmentSpec *environment = reading->input->environment;
        Approvals *approvals;
        int r;

        if (approvals_needed(&environment->approvals) == 0)
                return 0;
        approvals = arena_alloc(reading->arena, sizeof(*approvals));
        if (!approvals)
                return error_oom(err);
        r = reading->facts->approvals(reading->from, environment->object.id.text,
                                      reading->input->release->id.text, reading->arena, approvals,
                                      err);
        if (r >= 0)
                reading->input->approvals = approvals;
        return MIN(r, 0);
}

/* Reads the results of the checks that must pass before the promotion. */
static int gate_facts_checks(const GateReading *reading, Error *err)
{
        CheckResults *checks = arena_alloc(reading->arena, sizeof(*checks));
        int r;

        if (reading->input->environment->checks.before.n == 0)
                return 0;
        if (!checks)
                return error_oom(err);
        r = reading->facts->checks(reading->from, reading->input->environment->object.id.text,
                                   reading->input->release->id.text, reading->arena, checks, err);
        if (r >= 0)
                reading->input->checks = checks;
        return MIN(r, 0);
}

/* Reads whether the environment had the release before. Such a release may be restored while the
 * windows are closed. */
static int gate_facts_own(const GateReading *reading, Error *err)
{
        PromotionInput *input = reading->input;
        int r;

        if (!model_has_windows(input->model, input->environment))
                return 0;
        r = reading->facts->was_deployed(reading->from, input->environment->object.id.text,
                                         input->release->id.text, err);
        input->was_here = r > 0;
        return MIN(r, 0);
}

int gate_facts_read(const GateFacts *facts, void *from, Arena *arena, PromotionInput *input,
                    Error *err)
{
        const GateReading reading = {
                .facts = facts, .from = from, .arena = arena, .input = input
        };
        int r;

        r = gate_facts_sources(&reading, err);
        if (r >= 0)
                r = gate_facts_own(&reading, err);
        if (r >= 0)
                r = gate_facts_approvals(&reading, err);
        return r < 0 ? r : gate_facts_checks(&reading, err);
}
