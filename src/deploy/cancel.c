/* Cancels the pending promotion of an environment, in any state. */

#include <errno.h>

#include "base/log.h"
#include "deploy/environment-wanted.h"
#include "deploy/environments.h"

typedef struct Cancel {
        EnvironmentState *environment;
        const char *reason; /* NULL: no reason was given */
        const Actor *actor;
        Wanted wanted;
        PromotionInput input;
        Promotion promotion;
} Cancel;

static int cancel_nothing(const Cancel *cancel, Error *err)
{
        const EnvironmentSpec *spec = cancel->environment->spec;

        if (spec->release && cancel->promotion.decision != PROMOTION_NONE)
                return error_set(err, ERROR_CONFLICT, -EPERM,
                                 "environment '%s' is declared with release '%s' at %s:%u: change "
                                 "it there",
                                 spec->object.meta.name, spec->release,
                                 spec->object.place.file ? spec->object.place.file : "the database",
                                 spec->object.place.line);
        return error_set(err, ERROR_CONFLICT, -ENOENT, "nothing is pending in environment '%s'",
                         spec->object.meta.name);
}

/* True if the pending release was requested by a hold, or by what the environment follows, and is
 * not promoted yet. */
static bool cancel_is_for_request(const Cancel *cancel)
{
        const Wanted *wanted = &cancel->wanted;

        if (cancel->environment->spec->release)
                return false;
        if (wanted->on_hold)
                return wanted->hold.release_id && cancel->promotion.decision != PROMOTION_NONE;
        return wanted->has_release &&
               (cancel->promotion.decision == PROMOTION_WAIT ||
                cancel->promotion.decision == PROMOTION_GO || cancel->promotion.waits_for);
}

/* Cancels a release that is not promoted yet. The deployed release stays. An environment that
 * follows a stream or another environment is put on hold: otherwise the same release would be
 * requested again. */
static int cancel_wanted(const Cancel *cancel, Arena *arena, Changes *changes, Error *err)
{
        const Wanted *wanted = &cancel->wanted;
        const char *id = cancel->environment->id.text, *reason = cancel->reason;
        const char *text =
                arena_printf(arena, "release '%s' was canceled%s%s",
                             wanted->has_release ? wanted->release.name : wanted->hold.release_id,
                             reason ? ": " : "", reason ? reason : "");

        if (!text)
                return error_oom(err);
        if (!environment_follows(cancel->environment->spec))
                changes_delete_hold(changes, id);
        else
                changes_put_hold(changes, &(Hold){ .environment_id = id,
                                                   .since = time_wall(),
                                                   .by = cancel->actor->principal,
                                                   .reason = text });
        return 0;
}

/* Cancels a promotion whose release is not in the lockfile yet. */
static int cancel_early(const Cancel *cancel, Arena *arena, Error *err)
{
        EnvironmentState *environment = cancel->environment;
        _cleanup_(changes_done) Changes changes;

        changes_init(&changes);
        if (cancel_is_for_request(cancel)) {
                int r = cancel_wanted(cancel, arena, &changes, err);

                if (r < 0)
                        return r;
        } else if (environment->n_promotions == 0)
                return cancel_nothing(cancel, err);
        report_audit(&changes, cancel->actor, subject_of(&environment->spec->object), NULL);
        return control_apply(environment->deployer->control, &changes, err);
}

int deployer_cancel(Deployer *deployer, const char *environment_id, const char *reason,
                    const Actor *actor, Error *err)
{
        const Confirmation canceled = { .status = DEPLOYMENT_CANCELED,
                                        .by = actor->principal,
                                        .actor = actor,
                                        .reason = reason };
        Cancel cancel = { .reason = reason, .actor = actor };
        _cleanup_(changes_done) Changes changes;
        _cleanup_(arena_done) Arena arena;
        int r;

        changes_init(&changes);
        arena_init(&arena, DEPLOY_COMMAND_ARENA_MAX);
        r = deployer_find_environment(deployer, environment_id, &cancel.environment, err);
        if (r >= 0)
                r = environment_check_promoter(cancel.environment, actor, "cancel promotions to",
                                               err);
        if (r >= 0)
                r = environment_plan(cancel.environment, &arena, &cancel.wanted, &cancel.input,
                                     &cancel.promotion, err);
        if (r < 0)
                return r;
        if (cancel.input.deployment && cancel.input.deployment->status == DEPLOYMENT_PROMOTING)
                r = deployment_confirm(cancel.environment, NULL, &canceled, &changes, err);
        else
                r = cancel_early(&cancel, &arena, err);
        if (r < 0)
                return r;
        log_notice("environment '%s': %s cancels the pending promotion",
                   cancel.environment->spec->object.meta.name, actor->principal);
        environment_changed(cancel.environment, "it was canceled meanwhile");
        return 0;
}
