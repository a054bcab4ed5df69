/* What becomes of releases by people's word. */

#include <errno.h>

#include "base/log.h"
#include "reconcile/command.h"
#include "reconcile/publish.h"
#include "reconcile/streams.h"
#include "release/status.h"
#include "store/releases.h"

#define COMMAND_ARENA_MAX ((size_t)64 * 1024 * 1024)

static int find_release(Reconciler *reconciler, const char *id, Arena *arena, Release *ret,
                        Error *err)
{
        int r = store_release(reconciler->store, id, arena, ret, err);

        return r != 0 ? MIN(r, 0)
                      : error_set(err, ERROR_NOT_FOUND, -ENOENT, "there is no release '%s'", id);
}

/* --- the end of a release --------------------------------------------------------------------- */

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

static int apply(Reconciler *reconciler, Changes *changes, const Release *release,
                 ReleaseStatus status, Error *err)
{
        int r;

        r = store_apply(reconciler->store, changes, err);
        if (r < 0)
                return r;
        log_notice("release '%s' is %s", release->name, release_status_to_string(status));
        streams_wake(reconciler, release->tenant);
        environments_wake(reconciler);
        if (release->stream_id)
                publish_stream(reconciler, release->stream_id);
        return 0;
}

int command_deprecate(Reconciler *reconciler, const char *release_id, const char *reason,
                      const Actor *actor, Error *err)
{
        const char *const data[] = { "reason", reason, "by", actor->principal, NULL };
        _cleanup_(changes_done) Changes changes;
        _cleanup_(arena_done) Arena arena;
        ReleaseStatus status = RELEASE_DRAFT;
        Release release;
        int r;

        arena_init(&arena, COMMAND_ARENA_MAX);
        changes_init(&changes);
        r = find_release(reconciler, release_id, &arena, &release, err);
        if (r >= 0)
                r = release_status_on(release.name, release.status, RELEASE_EVENT_DEPRECATED,
                                      &status, err);
        if (r < 0)
                return r;
        report_condition(&changes, subject_of_release(&release),
                         (Told){ CONDITION_WARNING, CONDITION_TRUE, "Deprecated", time_wall() },
                         "%s, by %s", reason ? reason : "no reason was given", actor->principal);
        report_audit(&changes, actor, subject_of_release(&release), NULL);
        end_release(&changes, &release, status, EVENT_RELEASE_DEPRECATED, data);
        return apply(reconciler, &changes, &release, status, err);
}

static int check_unused(Reconciler *reconciler, const Release *release, Arena *arena, Error *err)
{
        Deployments deployments;
        int r;

        r = store_deployments_of(reconciler->store, release->id.text, arena, &deployments, err);
        if (r < 0 || deployments.n == 0)
                return r;
        for (size_t i = 0; i < deployments.n; i++) {
                const EnvironmentState *environment =
                        map_get(&reconciler->environments, deployments.items[i].environment_id);

                if (environment)
                        return error_set(err, ERROR_CONFLICT, -EBUSY,
                                         "release '%s' is in environment '%s': promote another one "
                                         "there first",
                                         release->name, environment->spec->object.meta.name);
        }
        return error_set(err, ERROR_CONFLICT, -EBUSY, "release '%s' is in an environment",
                         release->name);
}

int command_archive(Reconciler *reconciler, const char *release_id, const Actor *actor, Error *err)
{
        const char *const data[] = { "by", actor->principal, NULL };
        _cleanup_(changes_done) Changes changes;
        _cleanup_(arena_done) Arena arena;
        ReleaseStatus status = RELEASE_DRAFT;
        Release release;
        int r;

        arena_init(&arena, COMMAND_ARENA_MAX);
        changes_init(&changes);
        r = find_release(reconciler, release_id, &arena, &release, err);
        if (r >= 0 && release.managed_by == MANAGED_BY_SPEC && release.declared_at)
                r = error_set(err, ERROR_CONFLICT, -EPERM,
                              "release '%s' is declared at %s: take its document away there",
                              release.name, release.declared_at);
        if (r >= 0)
                r = check_unused(reconciler, &release, &arena, err);
        if (r >= 0)
                r = release_status_on(release.name, release.status, RELEASE_EVENT_ARCHIVED, &status,
                                      err);
        if (r < 0)
                return r;
        report_audit(&changes, actor, subject_of_release(&release), NULL);
        end_release(&changes, &release, status, EVENT_RELEASE_ARCHIVED, data);
        r = apply(reconciler, &changes, &release, status, err);
        if (r >= 0)
                publish_remove(reconciler, release.tenant, release.name);
        return r;
}

/* The same digests come back, and the lockfile with them. */
static int restore(Reconciler *reconciler, const char *release_id, const Actor *actor, Error *err)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(arena_done) Arena arena;
        ReleaseStatus status = RELEASE_DRAFT;
        Release release;
        int r;

        arena_init(&arena, COMMAND_ARENA_MAX);
        changes_init(&changes);
        r = find_release(reconciler, release_id, &arena, &release, err);
        if (r >= 0 && release.managed_by == MANAGED_BY_SPEC)
                r = error_set(err, ERROR_CONFLICT, -EPERM,
                              "release '%s' was declared by a spec: its document brings it back",
                              release.name);
        if (r >= 0)
                r = release_status_on(release.name, release.status, RELEASE_EVENT_RESTORED, &status,
                                      err);
        if (r < 0)
                return r;
        report_audit(&changes, actor, subject_of_release(&release), NULL);
        changes_set_status(&changes, release.id.text, status, time_wall());
        r = apply(reconciler, &changes, &release, status, err);
        if (r >= 0)
                publish_mend_soon(reconciler);
        return r;
}

/* --- what is said of it ----------------------------------------------------------------------- */

static int describe(Reconciler *reconciler, Release *release, const UpdateCommand *command,
                    Error *err)
{
        _cleanup_(changes_done) Changes changes;
        int r;

        changes_init(&changes);
        if (command->display_name)
                release->display_name = command->display_name;
        if (command->metadata)
                release->metadata = *command->metadata;
        release->updated_at = MAX(time_wall(), release->updated_at + 1);
        report_audit(&changes, command->actor, subject_of_release(release), NULL);
        changes_put_release(&changes, release, NULL);
        r = store_apply(reconciler->store, &changes, err);
        if (r >= 0)
                publish_mend_soon(reconciler); /* displayName stands in lockfiles */
        return r;
}

static int check_update(const Release *release, const UpdateCommand *command, Error *err)
{
        ReleaseStatus to = command->status;

        if ((command->display_name || command->metadata) && release->managed_by == MANAGED_BY_SPEC)
                return error_set(err, ERROR_CONFLICT, -EPERM,
                                 "release '%s' is declared at %s: change it there", release->name,
                                 release->declared_at ? release->declared_at : "no place any more");
        if (to == RELEASE_STATUS_MAX_ || to == release->status)
                return 0;
        if (release_status_check(release->name, release->status, to, err) < 0)
                return -EINVAL;
        if (to == RELEASE_DEPRECATED || to == RELEASE_ARCHIVED ||
            (to == RELEASE_READY && release->status == RELEASE_ARCHIVED))
                return 0;
        return error_set(err, ERROR_CONFLICT, -EPERM,
                         "release '%s' becomes %s by what its environments say: promote it to one, "
                         "or confirm it there",
                         release->name, release_status_to_string(to));
}

int command_update_release(Reconciler *reconciler, const char *release_id,
                           const UpdateCommand *command, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        ReleaseStatus before;
        Release release;
        int r;

        arena_init(&arena, COMMAND_ARENA_MAX);
        r = find_release(reconciler, release_id, &arena, &release, err);
        if (r >= 0)
                r = check_update(&release, command, err);
        if (r < 0)
                return r;
        before = release.status;
        if (command->display_name || command->metadata)
                r = describe(reconciler, &release, command, err);
        if (r < 0 || command->status == before)
                return r;
        switch (command->status) {
        case RELEASE_DEPRECATED:
                return command_deprecate(reconciler, release_id, NULL, command->actor, err);
        case RELEASE_ARCHIVED: return command_archive(reconciler, release_id, command->actor, err);
        case RELEASE_READY: return restore(reconciler, release_id, command->actor, err);
        case RELEASE_DRAFT:
        case RELEASE_PROMOTING:
        case RELEASE_DEPLOYED:
        case RELEASE_STATUS_MAX_: break;
        }
        return r;
}

/* --- its end ---------------------------------------------------------------------------------- */

int command_delete_release(Reconciler *reconciler, const char *release_id, const Actor *actor,
                           Error *err)
{
        _cleanup_(changes_done) Changes changes;
        _cleanup_(arena_done) Arena arena;
        Release release;
        int r;

        arena_init(&arena, COMMAND_ARENA_MAX);
        changes_init(&changes);
        r = find_release(reconciler, release_id, &arena, &release, err);
        if (r >= 0 && release.status == RELEASE_DRAFT && release.declared_at)
                r = error_set(err, ERROR_CONFLICT, -EPERM,
                              "release '%s' is declared at %s: take its document away there",
                              release.name, release.declared_at);
        if (r >= 0 && release.status != RELEASE_DRAFT && release.status != RELEASE_ARCHIVED)
                r = error_set(
                        err, ERROR_CONFLICT, -EBUSY,
                        "release '%s' is %s: only a draft or an archived release can be deleted",
                        release.name, release_status_to_string(release.status));
        if (r >= 0)
                r = check_unused(reconciler, &release, &arena, err);
        if (r < 0)
                return r;
        report_audit(&changes, actor, subject_of_release(&release), NULL);
        changes_delete_object(&changes, KIND_RELEASE, release.id.text);
        r = store_apply(reconciler->store, &changes, err);
        if (r < 0)
                return r;
        log_notice("release '%s' is deleted by %s", release.name, actor->principal);
        publish_remove(reconciler, release.tenant, release.name);
        return 0;
}
