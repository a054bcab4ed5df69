/* Assigns versions over the API. relmand resolves the tag, then stores the row of the version map.
 * A poll then moves the heads of channels. The client gets its answer after that poll. */

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "release/admission.h"
#include "sync/state.h"

#define ASSIGN_ARENA_MAX ((size_t)16 * 1024 * 1024)

struct Assigning {
        ComponentState *component;
        Assigning *next;
        RegistryCall *call;
        SyncWaiter *waiter;
        Arena arena; /* texts of the members below */
        Actor actor;
        Assignment assignment;
        Classification is;
        Uuid version_id;
        bool is_failing; /* assignings_fail() ends it */
        AssignDone done;
        void *userdata;
};

Assigning *assigning_cancel(Assigning *assigning)
{
        if (!assigning)
                return NULL;
        for (Assigning **at = &assigning->component->assigning; *at; at = &(*at)->next)
                if (*at == assigning) {
                        *at = assigning->next;
                        break;
                }
        registry_call_cancel(assigning->call);
        sync_waiter_cancel(assigning->waiter);
        arena_done(&assigning->arena);
        free(assigning);
        return NULL;
}
DEFINE_FREEP(Assigning, assigning_cancel)

static void end(Assigning *assigning, const Error *error)
{
        AssignDone done = assigning->done;
        void *userdata = assigning->userdata;
        Uuid id = assigning->version_id;

        assigning_cancel(assigning);
        done(error ? NULL : id.text, error, userdata);
}

static Assigning *find_failing(const ComponentState *component)
{
        Assigning *assigning = component->assigning;

        while (assigning && !assigning->is_failing)
                assigning = assigning->next;
        return assigning;
}

/* Fails all assignments. A completion function may cancel other assignments and begin new ones,
 * which do not fail. */
void assignings_fail(ComponentState *component, const Error *error)
{
        Assigning *assigning;

        for (assigning = component->assigning; assigning; assigning = assigning->next)
                assigning->is_failing = true;
        while ((assigning = find_failing(component)))
                /* an assignment that waits for its poll has stored its row: it succeeds */
                end(assigning, assigning->waiter ? NULL : error);
}

/* Called after the poll. The row is stored, so the assignment succeeds even if the poll failed. */
static void on_synced(const Error *error, void *userdata)
{
        Assigning *assigning = userdata;

        (void)error;
        assigning->waiter = NULL;
        end(assigning, NULL);
}

static void follow(Assigning *assigning)
{
        ComponentState *component = assigning->component;
        _cleanup_(error_done) Error error = { 0 };
        const SyncCommand command = { .done = on_synced, .userdata = assigning };

        sync_restart(component);
        /* a suspended component is not polled: its heads move after it is resumed */
        if (poller_sync(component->poller, component->id.text, &command, &assigning->waiter,
                        &error) < 0)
                end(assigning, NULL);
}

static int commit(Assigning *assigning, Error *err)
{
        ComponentState *component = assigning->component;
        const Assignment *assignment = &assigning->assignment;
        const Classification *is = &assigning->is;
        const VersionMap row = { .id = version_map_id(component->id.text, assignment->digest),
                                 .tag = assignment->tag,
                                 .digest = assignment->digest,
                                 .semver = is->version.text,
                                 .channel = is->channel,
                                 .prerelease = is->prerelease,
                                 .build_metadata = is->version.build_metadata,
                                 .sort_key = is->version.sort_key,
                                 .specificity = is->version.specificity,
                                 .resolved_at = assignment->at,
                                 .source = VERSION_MANUAL };
        const char *const data[] = { "component",   component->subject.name,
                                     "componentId", component->id.text,
                                     "tag",         row.tag,
                                     "digest",      row.digest,
                                     "semver",      row.semver,
                                     "channel",     row.channel,
                                     "by",          assigning->actor.principal,
                                     NULL };
        _cleanup_(changes_done) Changes changes;

        changes_init(&changes);
        assigning->version_id = row.id;
        report_audit(&changes, &assigning->actor, component->subject, row.id.text);
        changes_put_assignment(&changes, component->id.text, assignment);
        changes_put_version(&changes, component->id.text, &row);
        report_event(&changes, EVENT_VERSION_RESOLVED, component->subject, assignment->at, data);
        return control_apply(component->poller->control, &changes, err);
}

static void on_resolved(const Manifest *manifest, const Error *error, void *userdata)
{
        Assigning *assigning = userdata;
        _cleanup_(error_done) Error own = { 0 };
        AdmissionFacts facts = { 0 };
        Admission admission;
        int r = 0;

        assigning->call = NULL;
        if (error) {
                end(assigning, error);
                return;
        }
        facts.policy = assigning->component->policy;
        admission = admission_decide(ADMIT_ASSIGNMENT, assigning->component->spec, manifest->digest,
                                     &facts);
        assigning->assignment.at = time_wall();
        assigning->assignment.digest = arena_strdup(&assigning->arena, manifest->digest);
        if (!assigning->assignment.digest)
                r = error_oom(&own);
        else if (admission.verdict == ADMISSION_DENIED)
                r = error_set(&own, ERROR_CONFLICT, -EPERM, "%s is %s", manifest->digest,
                              admission.detail);
        if (r >= 0)
                r = commit(assigning, &own);
        if (r < 0) {
                end(assigning, &own);
                return;
        }
        log_notice("component '%s': %s assigned version %s (channel '%s') to tag '%s'",
                   assigning->component->subject.name, assigning->actor.principal,
                   assigning->assignment.semver, assigning->assignment.channel,
                   assigning->assignment.tag);
        follow(assigning);
}

/* --- the command ----------------------------------------------------------------------------- */

static int copy(Assigning *assigning, const AssignCommand *command)
{
        Arena *arena = &assigning->arena;
        const char *channel =
                command->channel ? command->channel : assigning->component->spec->default_channel;

        assigning->done = command->done;
        assigning->userdata = command->userdata;
        assigning->assignment = (Assignment){ .tag = arena_strdup(arena, command->tag),
                                              .semver = arena_strdup(arena, command->semver),
                                              .channel = arena_strdup(arena, channel) };
        if (!assigning->assignment.tag || !assigning->assignment.semver ||
            !assigning->assignment.channel ||
            actor_copy(command->actor, arena, &assigning->actor) < 0)
                return -ENOMEM;
        assigning->assignment.by = assigning->actor.principal;
        return 0;
}

static int check(Assigning *assigning, Error *err)
{
        ComponentState *component = assigning->component;
        const Assignment *assignment = &assigning->assignment;
        const char *reason = NULL;
        int r = 0;

        if (!component->policy)
                r = version_policy_new(component->spec, &component->policy, err);
        if (r < 0)
                return r;
        r = version_check_assigned(assignment->semver, &reason);
        if (r >= 0)
                r = version_policy_assign(component->policy, assignment->semver,
                                          assignment->channel, &assigning->arena, &assigning->is,
                                          &reason);
        if (r == -EINVAL)
                return error_set(err, ERROR_INVALID, r, "semver '%s': %s", assignment->semver,
                                 reason);
        if (r < 0)
                return error_oom(err);
        return assigning->is.eligible ? 0
                                      : error_set(err, ERROR_CONFLICT, -EPERM, "version %s is %s",
                                                  assignment->semver, assigning->is.reason);
}

int poller_assign(Poller *poller, const char *component_id, const AssignCommand *command,
                  Assigning **ret, Error *err)
{
        ComponentState *component = map_get(&poller->components, component_id);
        _cleanup_(assigning_cancelp) Assigning *assigning = NULL;
        int r;

        if (!component)
                return error_set(err, ERROR_CONFLICT, -ENOENT,
                                 "the component cannot be served; its conditions say why");
        assigning = calloc(1, sizeof(*assigning));
        if (!assigning)
                return error_oom(err);
        arena_init(&assigning->arena, ASSIGN_ARENA_MAX);
        assigning->component = component;
        assigning->next = component->assigning;
        component->assigning = assigning;
        r = copy(assigning, command) < 0 ? error_oom(err) : check(assigning, err);
        if (r >= 0)
                r = registry_resolve(component->registry->client, component->repository,
                                     assigning->assignment.tag,
                                     (ManifestReceiver){ on_resolved, assigning }, &assigning->call,
                                     err);
        if (r < 0)
                return r;
        *ret = TAKE(assigning);
        return 0;
}

int poller_unassign(Poller *poller, const char *component_id, const char *digest,
                    const Actor *actor, Error *err)
{
        ComponentState *component = map_get(&poller->components, component_id);
        _cleanup_(changes_done) Changes changes;
        _cleanup_(arena_done) Arena arena;
        Assignments assigned;
        bool found = false;
        int r;

        changes_init(&changes);
        arena_init(&arena, ASSIGN_ARENA_MAX);
        if (!component)
                return error_set(err, ERROR_CONFLICT, -ENOENT,
                                 "the component cannot be served; its conditions say why");
        r = store_assignments(poller->control->store, component_id, &arena, &assigned, err);
        if (r < 0)
                return r;
        for (size_t i = 0; i < assigned.n; i++)
                found = found || streq(assigned.items[i].digest, digest);
        if (!found)
                return error_set(
                        err, ERROR_CONFLICT, -EPERM,
                        "this version was not assigned over the API: its component's rules "
                        "or versions make it");
        report_audit(&changes, actor, component->subject, NULL);
        changes_delete_assignment(&changes, component_id, digest);
        r = control_apply(poller->control, &changes, err);
        if (r >= 0)
                sync_restart(component);
        return r;
}
