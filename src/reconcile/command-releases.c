/* Commands of clients that archive, deprecate, restore, change or delete a release. */

#include <errno.h>

#include "base/log.h"
#include "reconcile/command-internal.h"
#include "release/status.h"
#include "store/releases.h"

/* --- helpers ---------------------------------------------------------------------------------- */

static Subject subject_of_release(const Release *release)
{
        return (Subject){ KIND_RELEASE, release->id.text, release->tenant, release->name };
}

static void end_release(Changes *changes, const Release *release, ReleaseStatus status,
                        EventType event, const char *const *data)
{
        const Subject subject = subject_of_release(release);

        changes_set_status(changes, release->id.text, status, time_wall());
        report_event(changes, event, subject, time_wall(), data);
}

/* --- changes ---------------------------------------------------------------------------------- */

static int add_deprecation(const Release *release, const char *reason, const Actor *actor,
                           Changes *changes, Error *err)
{
        const char *const data[] = { "reason", reason, "by", actor->principal, NULL };
        ReleaseStatus status = release->status;
        int r;

        r = release_status_on(release->name, release->status, RELEASE_EVENT_DEPRECATED, &status,
                              err);
        if (r < 0)
                return r;
        report_condition(changes, subject_of_release(release),
                         (Told){ CONDITION_WARNING, CONDITION_TRUE, "Deprecated", time_wall() },
                         "%s, by %s", reason ? reason : "no reason was given", actor->principal);
        end_release(changes, release, status, EVENT_RELEASE_DEPRECATED, data);
        return 0;
}

static int check_unused(Reconciler *reconciler, const Release *release, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        Deployments deployments;
        int r;

        arena_init(&arena, COMMAND_ARENA_MAX);
        r = store_deployments_of(reconciler->control.store, release->id.text, &arena, &deployments,
                                 err);
        if (r < 0 || deployments.n == 0)
                return r;
        for (size_t i = 0; i < deployments.n; i++) {
                const EnvironmentState *environment = map_get(&reconciler->deployer.environments,
                                                              deployments.items[i].environment_id);

                if (environment)
                        return error_set(err, ERROR_CONFLICT, -EBUSY,
                                         "release '%s' is in environment '%s': promote another one "
                                         "there first",
                                         release->name, environment->spec->object.meta.name);
        }
        return error_set(err, ERROR_CONFLICT, -EBUSY, "release '%s' is in an environment",
                         release->name);
}

static int add_archive(Reconciler *reconciler, const Release *release, const Actor *actor,
                       Changes *changes, Error *err)
{
        const char *const data[] = { "by", actor->principal, NULL };
        ReleaseStatus status = release->status;
        int r = 0;

        if (release->managed_by == MANAGED_BY_SPEC && release->declared_at)
                r = error_set(err, ERROR_CONFLICT, -EPERM,
                              "release '%s' is declared at %s: remove its document there",
                              release->name, release->declared_at);
        if (r >= 0)
                r = check_unused(reconciler, release, err);
        if (r >= 0)
                r = release_status_on(release->name, release->status, RELEASE_EVENT_ARCHIVED,
                                      &status, err);
        if (r >= 0)
                end_release(changes, release, status, EVENT_RELEASE_ARCHIVED, data);
        return r;
}

/* Adds the changes that restore an archived release. The release still has its digests. Its
 * lockfile was removed, and is written again after the commit. */
static int add_restoration(const Release *release, Changes *changes, Error *err)
{
        ReleaseStatus status = release->status;
        int r = 0;

        if (release->managed_by == MANAGED_BY_SPEC)
                r = error_set(
                        err, ERROR_CONFLICT, -EPERM,
                        "release '%s' was declared by a spec: add its document again to restore it",
                        release->name);
        if (r >= 0)
                r = release_status_on(release->name, release->status, RELEASE_EVENT_RESTORED,
                                      &status, err);
        if (r >= 0)
                changes_set_status(changes, release->id.text, status, time_wall());
        return r;
}

static int add_status(Reconciler *reconciler, const Release *release, const UpdateCommand *command,
                      Changes *changes, Error *err)
{
        switch (command->status) {
        case RELEASE_DEPRECATED:
                return add_deprecation(release, command->reason, command->actor, changes, err);
        case RELEASE_ARCHIVED:
                return add_archive(reconciler, release, command->actor, changes, err);
        case RELEASE_READY: return add_restoration(release, changes, err);
        case RELEASE_DRAFT:
        case RELEASE_PROMOTING:
        case RELEASE_DEPLOYED:
        case RELEASE_STATUS_MAX_: break;
        }
        return 0;
}

/* --- commits ---------------------------------------------------------------------------------- */

/* Writes or removes the lockfile before the client gets its answer. If that fails, relman tries
 * again later. */
static void follow_status(Reconciler *reconciler, const Release *release, ReleaseStatus status)
{
        log_notice("release '%s' is %s", release->name, release_status_to_string(status));
        queue_handle_now(reconciler->queue, KEY_RELEASE_LOCK, release->id.text);
        if (release->stream_id)
                queue_handle_now(reconciler->queue, KEY_STREAM_LINKS, release->stream_id);
}

/* Commits all changes of a command and its audit row in one transaction. */
static int update(Reconciler *reconciler, Release *release, const UpdateCommand *command,
                  Error *err)
{
        bool describes = command->display_name || command->metadata;
        bool moves = command->status != RELEASE_STATUS_MAX_;
        _cleanup_(changes_done) Changes changes;
        int r = 0;

        changes_init(&changes);
        report_audit(&changes, command->actor, subject_of_release(release), NULL);
        if (command->display_name)
                release->display_name = command->display_name;
        if (command->metadata)
                release->metadata = *command->metadata;
        if (describes) {
                release->updated_at = MAX(time_wall(), release->updated_at + 1);
                changes_put_release(&changes, release, NULL);
        }
        if (moves)
                r = add_status(reconciler, release, command, &changes, err);
        if (r >= 0)
                r = control_apply(&reconciler->control, &changes, err);
        if (r < 0)
                return r;
        if (moves)
                follow_status(reconciler, release, command->status);
        return 0;
}

static int move(Reconciler *reconciler, const char *release_id, const UpdateCommand *command,
                Error *err)
{
        _cleanup_(arena_done) Arena arena;
        Release release;
        int r;

        arena_init(&arena, COMMAND_ARENA_MAX);
        r = control_find_release(&reconciler->control, release_id, &arena, &release, err);
        return r < 0 ? r : update(reconciler, &release, command, err);
}

int command_deprecate(Reconciler *reconciler, const char *release_id, const char *reason,
                      const Actor *actor, Error *err)
{
        return move(
                reconciler, release_id,
                &(UpdateCommand){ .status = RELEASE_DEPRECATED, .reason = reason, .actor = actor },
                err);
}

int command_archive(Reconciler *reconciler, const char *release_id, const Actor *actor, Error *err)
{
        return move(reconciler, release_id,
                    &(UpdateCommand){ .status = RELEASE_ARCHIVED, .actor = actor }, err);
}

static int check_update(const Release *release, const UpdateCommand *command, Error *err)
{
        ReleaseStatus to = command->status;

        if ((command->display_name || command->metadata) && release->managed_by == MANAGED_BY_SPEC)
                return error_set(err, ERROR_CONFLICT, -EPERM,
                                 "release '%s' is declared at %s: change it there", release->name,
                                 release->declared_at ? release->declared_at
                                                      : "a document that was removed");
        if (to == RELEASE_STATUS_MAX_ || to == release->status)
                return 0;
        if (release_status_check(release->name, release->status, to, err) < 0)
                return -EINVAL;
        if (to == RELEASE_DEPRECATED || to == RELEASE_ARCHIVED ||
            (to == RELEASE_READY && release->status == RELEASE_ARCHIVED))
                return 0;
        return error_set(
                err, ERROR_CONFLICT, -EPERM,
                "release '%s' becomes %s by its environments, not by a command: promote it to one, "
                "or confirm it there",
                release->name, release_status_to_string(to));
}

int command_update_release(Reconciler *reconciler, const char *release_id,
                           const UpdateCommand *command, Error *err)
{
        UpdateCommand update_command = *command;
        _cleanup_(arena_done) Arena arena;
        Release release;
        int r;

        arena_init(&arena, COMMAND_ARENA_MAX);
        r = control_find_release(&reconciler->control, release_id, &arena, &release, err);
        if (r >= 0)
                r = check_update(&release, command, err);
        if (r < 0)
                return r;
        if (command->status == release.status)
                /* the release has this status already */
                update_command.status = RELEASE_STATUS_MAX_;
        return update(reconciler, &release, &update_command, err);
}

/* --- deletion --------------------------------------------------------------------------------- */

int command_delete_release(Reconciler *reconciler, const char *release_id, const Actor *actor,
                           Error *err)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(arena_done) Arena arena;
        Release release;
        int r;

        arena_init(&arena, COMMAND_ARENA_MAX);
        changes_init(&changes);
        r = control_find_release(&reconciler->control, release_id, &arena, &release, err);
        if (r >= 0 && release.status == RELEASE_DRAFT && release.declared_at)
                r = error_set(err, ERROR_CONFLICT, -EPERM,
                              "release '%s' is declared at %s: remove its document there",
                              release.name, release.declared_at);
        if (r >= 0 && release.status != RELEASE_DRAFT && release.status != RELEASE_ARCHIVED)
                r = error_set(
                        err, ERROR_CONFLICT, -EBUSY,
                        "release '%s' is %s: only a draft or an archived release can be deleted",
                        release.name, release_status_to_string(release.status));
        if (r >= 0)
                r = check_unused(reconciler, &release, err);
        if (r < 0)
                return r;
        report_audit(&changes, actor, subject_of_release(&release), NULL);
        changes_delete_object(&changes, KIND_RELEASE, release.id.text);
        r = control_apply(&reconciler->control, &changes, err);
        if (r < 0)
                return r;
        log_notice("release '%s' is deleted by %s", release.name, actor->principal);
        return 0;
}
