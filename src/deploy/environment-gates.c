#include "deploy/environment-gates.h"

#include "deploy/environment-why.h"
#include "deploy/environments.h"
#include "store/releases.h"

static int gates_add_hold(const EnvironmentWhy *why, Arena *arena, EnvironmentGates *ret,
                          Error *err)
{
        const EnvironmentSpec *spec = why->spec;
        const char *name = spec->object.meta.name;
        char since[TIME_TEXT_SIZE];

        ret->is_held = true;
        ret->hold = (Promotion){
                .decision = PROMOTION_WAIT,
                .reason = "OnHold",
                .message = arena_printf(
                        arena, "environment '%s' does not follow %s '%s' since %s: %s, by %s", name,
                        environment_follows_noun(spec), environment_follows(spec),
                        time_format(why->hold.since, since), why->hold.reason, why->hold.by),
                .waits_for = arena_printf(arena, "the end of its hold (relmanctl resume %s)", name),
                .needs_action = true,
                .opened_by = "a person who may promote"
        };
        if (!ret->hold.message || !ret->hold.waits_for)
                return error_oom(err);
        if (ret->promotion.decision == PROMOTION_GO)
                ret->promotion = ret->hold;
        return 0;
}

static int gates_of_next(Deployer *deployer, const char *environment_id, Arena *arena,
                         EnvironmentGates *ret, Error *err)
{
        EnvironmentWhy *why = arena_alloc(arena, sizeof(*why));
        int r;

        if (!why)
                return error_oom(err);
        r = deployer_why(deployer, environment_id, arena, why, err);
        if (r < 0)
                return r;
        *ret = (EnvironmentGates){ .promoters = &why->spec->promoters,
                                   .release = why->release,
                                   .has_release = why->has_release,
                                   .missing = why->missing,
                                   .is_there = why->is_there,
                                   .promotion = why->promotion };
        for (PromotionGate gate = 0; gate < PROMOTION_GATE_MAX_; gate++)
                ret->gates[gate] = why->gates[gate];
        if (!why->is_held || !ret->has_release || ret->is_there)
                return 0;
        return gates_add_hold(why, arena, ret, err);
}

/* Evaluates the gates for a promotion by a person: see environment_before(). */
static int gates_of_release(EnvironmentState *environment, const char *release_id, Arena *arena,
                            EnvironmentGates *ret, Error *err)
{
        PromotionInput input = { .release = &ret->release };
        Release before;
        int r;

        *ret = (EnvironmentGates){ .has_release = true,
                                   .promoters = &environment->spec->promoters };
        r = control_find_release(environment->deployer->control, release_id, arena, &ret->release,
                                 err);
        if (r >= 0)
                r = environment_before(environment, arena, &before, err);
        if (r > 0)
                input.has = &before.components;
        if (r >= 0)
                r = environment_decide(environment, &input, arena, &ret->promotion, err);
        if (r >= 0 && promotion_gates(&input, &ret->promotion, arena, ret->gates) < 0)
                r = error_oom(err);
        ret->is_there = ret->promotion.decision == PROMOTION_NONE;
        return MIN(r, 0);
}

int deployer_gates(Deployer *deployer, const char *environment_id, const char *release_id,
                   Arena *arena, EnvironmentGates *ret, Error *err)
{
        EnvironmentState *environment;
        int r;

        r = deployer_find_environment(deployer, environment_id, &environment, err);
        if (r < 0)
                return r;
        return release_id ? gates_of_release(environment, release_id, arena, ret, err)
                          : gates_of_next(deployer, environment_id, arena, ret, err);
}
