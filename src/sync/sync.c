/* Begins a pass. */

#include "sync/sync.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "sync/sync-moves.h"

/* clang-format off */
static const SyncStep sync_steps[SYNC_STAGE_MAX_] = {
        [SYNC_LIST] = sync_wait_for_list,
        [SYNC_TAGS] = sync_begin_tags,
        [SYNC_KNOWN] = sync_add_known,
        [SYNC_LISTED] = sync_add_listed,
        [SYNC_RULES] = sync_apply_rules,
        [SYNC_LIMIT] = sync_limit_tags,
        [SYNC_LIST_DIGESTS] = sync_take_listed,
        [SYNC_LATE] = sync_take_late,
        [SYNC_COUNT] = sync_count_pending,
        [SYNC_HISTORY] = sync_find_history,
        [SYNC_FIRST] = sync_first_heads,
        [SYNC_SORT] = sync_sort_rest,
        [SYNC_RESOLVE] = sync_resolve,
        [SYNC_ROWS] = sync_write_rows,
        [SYNC_GUARD] = sync_read_guard,
        [SYNC_EVALUATE] = sync_evaluate,
        [SYNC_WANTS] = sync_find_wanted,
        [SYNC_FETCH] = sync_fetch_wanted,
        [SYNC_HEADS] = sync_more_heads,
        [SYNC_DRIFT_BEGIN] = sync_begin_drift,
        [SYNC_DRIFT] = sync_compare_drift,
        [SYNC_DOWNGRADE] = sync_moves_downgrade,
        [SYNC_SURVEY] = sync_survey,
        [SYNC_PLAN] = sync_plan_versions,
        [SYNC_WRITE] = sync_write_versions,
        [SYNC_FINISH] = sync_finish,
        [SYNC_LIVE] = sync_resolve_live,
        [SYNC_LIVE_END] = sync_finish_live,
        [SYNC_ROUND] = sync_begin_round,
        [SYNC_ROUND_ROWS] = sync_write_round_rows,
        [SYNC_OWED_PLAN] = sync_plan_versions,
        [SYNC_OWED_WRITE] = sync_write_versions,
        [SYNC_PLACE] = sync_take_place,
};
/* clang-format on */

static int know_policy(ComponentState *component, Error *err)
{
        return component->policy ? 0 : version_policy_new(component->spec, &component->policy, err);
}

/* True if a held version may be old enough now. Held versions are not stored, so the first pass of
 * a process evaluates them again. */
static bool may_have_aged(const ComponentState *component)
{
        if (component->spec->minimum_age == 0)
                return false;
        return !component->attempted ||
               (component->hold_ends_at > 0 && component->hold_ends_at <= time_wall());
}

/* Finds the rules about signatures. Without its keys, the pass ends before it evaluates tags. */
static void recall_rules(Sync *sync)
{
        ComponentState *component = sync->component;
        const RegistrySpec *registry;
        char documents[2 * DIGEST_SIZE_MAX + 2];

        sync->model = model_ref(component->poller->control->model);
        registry = model_component_registry(sync->model, component->spec);
        sync->rules = component_verify(component->spec, registry);
        (void)snprintf(documents, sizeof(documents), "%s %s", component->spec->object.digest,
                       registry ? registry->object.digest : "");
        (void)verify_policy_recall(component->spec, sync->rules, documents, &component->verified,
                                   &sync->verify, &sync->verify_error);
}

/* Computes the digest of all settings that decide which versions tags have and which tags are
 * resolved. */
static void note_rules(const Sync *sync, char ret_digest[DIGEST_SIZE_MAX])
{
        const ComponentState *component = sync->component;
        char all[5 * DIGEST_SIZE_MAX + 40], newest[32] = "";
        int n;

        version_policy_digest(component->spec, ret_digest);
        if (!component->assigned_digest[0] && !component->moves_digest[0] &&
            !component->tags_are_mutable && component->resolve_newest == 0 && sync->rules->n == 0)
                return;
        if (component->resolve_newest > 0)
                (void)snprintf(newest, sizeof(newest), " newest %lld",
                               (long long)component->resolve_newest);
        n = snprintf(all, sizeof(all), "%s %s%s%s%s%s%s%s", ret_digest, component->assigned_digest,
                     component->moves_digest[0] ? " " : "", component->moves_digest,
                     component->tags_are_mutable ? " mutable" : "", newest,
                     sync->rules->n > 0 ? " verify " : "", sync->verify.digest);
        digest_sha256(all, (size_t)n, ret_digest);
}

int sync_start(ComponentState *component, Error *err)
{
        _cleanup_(sync_freep) Sync *sync = calloc(1, sizeof(*sync));
        ListQuestion question = { 0 };
        int r;

        if (!sync)
                return error_oom(err);
        component_state_renew(component);
        sync->component = component;
        sync->steps = sync_steps;
        arena_init(&sync->arena, SYNC_ARENA_MAX);
        changes_init(&sync->changes);
        sync->flips_told = component->flips_told;
        sync->hold_ends_at = component->hold_ends_at;
        sync->rechecked_at = component->rechecked_at;
        r = component_state_read(component, err);
        if (r >= 0)
                r = know_policy(component, err);
        if (r < 0)
                return r;
        sync->force_refresh = component->force_refresh;
        component->force_refresh = false;
        recall_rules(sync);
        note_rules(sync, sync->rules_digest);
        if (!component->attempted && component->state.rules_digest[0] &&
            !streq(component->state.rules_digest, sync->rules_digest))
                component->rules_changed = true;
        /* Skips an unchanged list, unless its tags must be evaluated again. That is so if a tag is
         * missing for the first time, or if a held version is old enough now. */
        if (streq(sync->rules_digest, component->state.rules_digest) &&
            component->state.n_missing == 0 && !sync->force_refresh && !component->rules_changed &&
            !may_have_aged(component) && (!component->flips_told || component->flips.n > 0))
                question = (ListQuestion){ .digest = component->state.list_digest,
                                           .etag = component->state.list_etag,
                                           .with_digests = component->list_with_digests };
        r = sync_list(sync, question, err);
        if (r < 0)
                return r;
        component->sync = TAKE(sync);
        return 0;
}
