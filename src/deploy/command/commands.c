#include "deploy/commands.h"

#include <errno.h>

#include "base/log.h"
#include "deploy/environments.h"
#include "store/releases.h"

int deployer_confirm(Deployer *deployer, const char *environment_id, const ConfirmCommand *command,
                     Error *err)
{
        const Confirmation confirmation = { .status = command->status,
                                            .by = command->actor->principal,
                                            .actor = command->actor,
                                            .promotion_id = command->promotion_id,
                                            .evidence_ref = command->evidence_ref,
                                            .reason = command->reason };
        _cleanup_(changes_done) Changes changes;
        EnvironmentState *environment;
        int r;

        changes_init(&changes);
        r = deployer_find_environment(deployer, environment_id, &environment, err);
        if (r >= 0)
                r = deployment_confirm(environment, command->release_id, &confirmation, &changes,
                                       err);
        if (r >= 0)
                environment_settle(environment);
        return r;
}

/* Sets the actor's release to the one that the environment has or is getting; NULL: there is none.
 */
static int command_actor(EnvironmentState *environment, const Actor *actor, Arena *arena,
                         Actor *ret, Error *err)
{
        Deployment deployment;
        int r = store_deployment(environment->deployer->control->store, environment->id.text, arena,
                                 &deployment, err);

        *ret = *actor;
        if (r > 0)
                ret->release = deployment.release_name;
        return MIN(r, 0);
}

void command_report(Changes *changes, const EnvironmentState *environment, EventType type,
                    const Actor *actor, const char *reason)
{
        const Object *object = &environment->spec->object;
        const char *const data[] = { "environment",
                                     object->meta.name,
                                     "release",
                                     actor->release,
                                     "reason",
                                     reason,
                                     "by",
                                     actor->principal,
                                     actor->person ? "person" : NULL,
                                     actor->person,
                                     NULL };

        report_event(changes, type, subject_of(object), time_wall(), data);
        report_audit(changes, actor, subject_of(object), NULL);
}

void environment_changed(EnvironmentState *environment, const char *reason)
{
        promotions_end(environment, reason);
        environment_settle(environment);
}

int deployer_hold(Deployer *deployer, const char *environment_id, const char *reason,
                  const Actor *actor, Error *err)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(arena_done) Arena arena;
        EnvironmentState *environment;
        bool has_hold;
        Hold before;
        Actor who;
        int r;

        arena_init(&arena, DEPLOY_COMMAND_ARENA_MAX);
        changes_init(&changes);
        r = deployer_find_environment(deployer, environment_id, &environment, err);
        if (r >= 0)
                r = environment_check_promoter(environment, actor, "hold", err);
        if (r >= 0 && !environment_follows(environment->spec))
                r = error_set(err, ERROR_CONFLICT, -EINVAL,
                              "environment '%s' follows nothing: nothing is promoted to it by "
                              "itself",
                              environment->spec->object.meta.name);
        if (r >= 0)
                r = command_actor(environment, actor, &arena, &who, err);
        if (r >= 0)
                r = store_hold(deployer->control->store, environment->id.text, &arena, &before,
                               err);
        has_hold = r > 0;
        if (r < 0)
                return r;
        /* without a new reason an existing hold keeps its reason */
        if (!has_hold || reason || before.is_retry)
                changes_put_hold(&changes, &(Hold){ .environment_id = environment->id.text,
                                                    .since = time_wall(),
                                                    .by = actor->principal,
                                                    .reason = reason ? reason : "put on hold" });
        command_report(&changes, environment, EVENT_ENVIRONMENT_HELD, &who, reason);
        r = control_apply(deployer->control, &changes, err);
        if (r >= 0)
                environment_changed(environment, "it was put on hold meanwhile");
        return r;
}

/* Refuses to resume an environment that follows nothing and has no hold. */
static int environment_check_resume(EnvironmentState *environment, Arena *arena, Error *err)
{
        const EnvironmentSpec *spec = environment->spec;
        const char *name = spec->object.meta.name;
        Hold hold;
        int r;

        if (environment_follows(spec))
                return 0;
        r = store_hold(environment->deployer->control->store, environment->id.text, arena, &hold,
                       err);
        if (r != 0)
                return MIN(r, 0);
        return error_set(err, ERROR_CONFLICT, -EINVAL,
                         "environment '%s' follows nothing and is not on hold: there is nothing "
                         "to resume; promote a release with relmanctl promote %s %s",
                         name, spec->release ? spec->release : "RELEASE", name);
}

int deployer_resume(Deployer *deployer, const char *environment_id, const Actor *actor, Error *err)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(arena_done) Arena arena;
        EnvironmentState *environment;
        Release candidate;
        Actor who;
        int r;

        arena_init(&arena, DEPLOY_COMMAND_ARENA_MAX);
        changes_init(&changes);
        r = deployer_find_environment(deployer, environment_id, &environment, err);
        if (r >= 0)
                r = environment_check_promoter(environment, actor, "resume", err);
        if (r >= 0)
                r = command_actor(environment, actor, &arena, &who, err);
        if (r >= 0)
                r = environment_check_resume(environment, &arena, err);
        if (r >= 0)
                r = environment_candidate(environment, &arena, &candidate, err);
        if (r > 0)
                r = environment_needs_hold(environment, &candidate, &arena, err);
        if (r < 0)
                return r;
        if (r > 0)
                changes_put_hold(&changes,
                                 &(Hold){ .environment_id = environment->id.text,
                                          .release_id = candidate.id.text,
                                          .since = time_wall(),
                                          .by = actor->principal,
                                          .reason = "resumed: failed promotions are tried again",
                                          .is_retry = true });
        else
                changes_delete_hold(&changes, environment->id.text);
        command_report(&changes, environment, EVENT_ENVIRONMENT_RESUMED, &who, NULL);
        r = control_apply(deployer->control, &changes, err);
        if (r >= 0)
                environment_changed(environment, "it was resumed meanwhile");
        return r;
}
