#include "reconcile/command.h"

#include <errno.h>

#include "base/log.h"
#include "reconcile/environments.h"
#include "reconcile/streams.h"
#include "release/promotion.h"
#include "release/status.h"
#include "store/releases.h"

#define COMMAND_ARENA_MAX ((size_t)64 * 1024 * 1024)

static int find_environment(Reconciler *reconciler, const char *id, EnvironmentState **ret,
                            Error *err)
{
        *ret = map_get(&reconciler->environments, id);
        return *ret ? 0
                    : error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no environment '%s'", id);
}

static int find_release(Reconciler *reconciler, const char *id, Arena *arena, Release *ret,
                        Error *err)
{
        int r = store_release(reconciler->store, id, arena, ret, err);

        return r != 0 ? MIN(r, 0)
                      : error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no release '%s'", id);
}

/* --- promotion -------------------------------------------------------------------------------- */

/* What a spec fixes is changed there. */
static int check_spec(const EnvironmentState *environment, const Release *release, Error *err)
{
        const EnvironmentSpec *spec = environment->spec;

        if (!spec->release || streq(spec->release, release->name))
                return 0;
        return error_set(err, ERROR_CONFLICT, -EPERM,
                         "environment '%s' is declared with release '%s' at %s:%u: change it there",
                         spec->object.meta.name, spec->release,
                         spec->object.place.file ? spec->object.place.file : "the database",
                         spec->object.place.line);
}

/* What the stream offers needs no hold to get there, unless it failed there: then a hold for it
 * says that it is to be tried again. */
static int needs_hold(EnvironmentState *environment, const Release *release, Arena *arena,
                      Error *err)
{
        Release candidate;
        const char *failure;
        int r;

        r = environment_candidate(environment, arena, &candidate, err);
        if (r < 0)
                return r;
        if (r == 0 || !streq(candidate.id.text, release->id.text))
                return 1;
        r = store_failure(environment->reconciler->store, environment->id.text, release->id.text,
                          arena, &failure, err);
        return r < 0 ? r : failure != NULL;
}

static void put_hold(Changes *changes, const EnvironmentState *environment, const Release *release,
                     const Actor *actor, const char *reason)
{
        changes_put_hold(changes, &(Hold){ .environment_id = environment->id.text,
                                           .release_id = release->id.text,
                                           .since = time_wall(),
                                           .by = actor->principal,
                                           .reason = reason });
}

static int want(EnvironmentState *environment, const Release *release, const Actor *actor,
                bool is_there, Arena *arena, Error *err)
{
        _cleanup_(changes_done) Changes changes;
        const char *reason =
                arena_printf(arena, "release '%s' was promoted by hand", release->name);
        int r;

        changes_init(&changes);
        r = needs_hold(environment, release, arena, err);
        if (r < 0)
                return r;
        report_audit(&changes, actor, subject_of(&environment->spec->object), release->id.text);
        if (environment->spec->release && is_there)
                return store_apply(environment->reconciler->store, &changes, err);
        if (!reason)
                return error_oom(err);
        if (r > 0)
                put_hold(&changes, environment, release, actor, reason);
        else
                changes_delete_hold(&changes, environment->id.text);
        return store_apply(environment->reconciler->store, &changes, err);
}

int command_promote(Reconciler *reconciler, const char *environment_id, const char *release_id,
                    const Actor *actor, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        PromotionInput input = { 0 };
        EnvironmentState *environment;
        Promotion promotion;
        Release release;
        int r;

        arena_init(&arena, COMMAND_ARENA_MAX);
        r = find_environment(reconciler, environment_id, &environment, err);
        if (r >= 0)
                r = find_release(reconciler, release_id, &arena, &release, err);
        if (r >= 0 && !streq(release.tenant, environment->spec->object.meta.tenant))
                r = error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no release '%s'",
                              release_id);
        if (r >= 0)
                r = check_spec(environment, &release, err);
        input.release = &release;
        if (r >= 0)
                r = environment_decide(environment, &input, &arena, &promotion, err);
        if (r < 0)
                return r;
        if (promotion.decision == PROMOTION_WAIT || promotion.decision == PROMOTION_REFUSED)
                return error_set(err, ERROR_CONFLICT, -EPERM, "%s", promotion.message);
        r = want(environment, &release, actor, promotion.decision == PROMOTION_NONE, &arena, err);
        if (r < 0)
                return r;
        log_notice("environment '%s': %s asks for release '%s'",
                   environment->spec->object.meta.name, actor->principal, release.name);
        /* a look that is under way looks for something else */
        environment->check = environment_check_free(environment->check);
        environment->dirty = true;
        reconciler_kick(reconciler);
        return 0;
}

int command_confirm(Reconciler *reconciler, const char *environment_id,
                    const ConfirmCommand *command, Error *err)
{
        const Confirmation confirmation = { .status = command->status,
                                            .by = command->actor->principal,
                                            .actor = command->actor,
                                            .evidence_ref = command->evidence_ref,
                                            .reason = command->reason };
        EnvironmentState *environment;
        int r;

        r = find_environment(reconciler, environment_id, &environment, err);
        return r < 0 ? r : deployment_confirm(environment, command->release_id, &confirmation, err);
}

/* Whether the person, or this principal under an older name of the person, has approved already. */
static bool has_approved(const Approvals *approvals, const Actor *actor)
{
        if (approvals_of(approvals, actor->person))
                return true;
        for (size_t i = 0; i < approvals->n; i++)
                if (streq(approvals->items[i].by, actor->principal))
                        return true;
        return false;
}

static int store_approval(EnvironmentState *environment, const Release *release, const Actor *actor,
                          bool was_counted, Error *err)
{
        _cleanup_(changes_done) Changes changes;

        changes_init(&changes);
        if (!was_counted)
                changes_add_approval(&changes, &(Approval){ .environment_id = environment->id.text,
                                                            .release_id = release->id.text,
                                                            .by = actor->principal,
                                                            .person = actor->person,
                                                            .at = time_wall() });
        report_audit(&changes, actor, subject_of(&environment->spec->object), NULL);
        return store_apply(environment->reconciler->store, &changes, err);
}

int command_approve(Reconciler *reconciler, const char *environment_id, const char *release_id,
                    const Actor *actor, Approved *ret, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        EnvironmentState *environment;
        Release release = { 0 };
        Approvals approvals;
        int r;

        arena_init(&arena, COMMAND_ARENA_MAX);
        r = find_environment(reconciler, environment_id, &environment, err);
        if (r >= 0)
                r = find_release(reconciler, release_id, &arena, &release, err);
        if (r >= 0 && environment->spec->approvals == 0)
                r = error_set(err, ERROR_CONFLICT, -EINVAL,
                              "environment '%s' asks for no approvals",
                              environment->spec->object.meta.name);
        if (r >= 0 && release.status == RELEASE_DRAFT)
                r = error_set(err, ERROR_CONFLICT, -EINVAL,
                              "release '%s' is a draft: there is nothing to approve yet",
                              release.name);
        if (r >= 0)
                r = store_approvals(reconciler->store, environment->id.text, release.id.text,
                                    &arena, &approvals, err);
        if (r < 0)
                return r;
        *ret = (Approved){ .n_wanted = environment->spec->approvals,
                           .was_counted = has_approved(&approvals, actor) };
        ret->n_given = approvals_persons(&approvals) + !ret->was_counted;
        r = store_approval(environment, &release, actor, ret->was_counted, err);
        if (r < 0)
                return r;
        log_notice("environment '%s': %s (%s) approves release '%s'",
                   environment->spec->object.meta.name, actor->person, actor->principal,
                   release.name);
        environments_wake(reconciler);
        return 0;
}

int command_hold(Reconciler *reconciler, const char *environment_id, const char *reason,
                 const Actor *actor, Error *err)
{
        _cleanup_(changes_done) Changes changes;
        EnvironmentState *environment;
        int r;

        changes_init(&changes);
        r = find_environment(reconciler, environment_id, &environment, err);
        if (r >= 0 && !environment->spec->stream)
                r = error_set(err, ERROR_CONFLICT, -EINVAL,
                              "environment '%s' follows no stream: nothing is promoted to it by "
                              "itself",
                              environment->spec->object.meta.name);
        if (r < 0)
                return r;
        changes_put_hold(&changes, &(Hold){ .environment_id = environment->id.text,
                                            .since = time_wall(),
                                            .by = actor->principal,
                                            .reason = reason ? reason : "put on hold" });
        report_audit(&changes, actor, subject_of(&environment->spec->object), NULL);
        r = store_apply(reconciler->store, &changes, err);
        if (r >= 0)
                environments_wake(reconciler);
        return r;
}

int command_resume(Reconciler *reconciler, const char *environment_id, const Actor *actor,
                   Error *err)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(arena_done) Arena arena;
        EnvironmentState *environment;
        Release candidate;
        int r;

        arena_init(&arena, COMMAND_ARENA_MAX);
        changes_init(&changes);
        r = find_environment(reconciler, environment_id, &environment, err);
        if (r >= 0)
                r = environment_candidate(environment, &arena, &candidate, err);
        if (r > 0)
                r = needs_hold(environment, &candidate, &arena, err);
        if (r < 0)
                return r;
        if (r > 0)
                put_hold(&changes, environment, &candidate, actor,
                         "resumed: what failed is tried again");
        else
                changes_delete_hold(&changes, environment->id.text);
        report_audit(&changes, actor, subject_of(&environment->spec->object), NULL);
        r = store_apply(reconciler->store, &changes, err);
        if (r >= 0)
                environments_wake(reconciler);
        return r;
}

int command_note(Reconciler *reconciler, const char *tenant, const Actor *actor, Error *err)
{
        _cleanup_(changes_done) Changes changes;

        changes_init(&changes);
        report_audit(&changes, actor, (Subject){ OBJECT_KIND_MAX_, "", tenant, "" }, NULL);
        return store_apply(reconciler->store, &changes, err);
}
