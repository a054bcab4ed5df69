#include "model/changes/changes.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "model/changes/internal.h"
#include "model/tag-past.h"

void changes_init(Changes *changes)
{
        *changes = (Changes){ 0 };
        arena_init(&changes->arena, CHANGES_MAX);
}

void changes_done(Changes *changes)
{
        arena_done(&changes->arena);
        free(changes->items);
        *changes = (Changes){ 0 };
}

void changes_clear(Changes *changes)
{
        arena_clear(&changes->arena);
        changes->n = 0;
        changes->tenant = NULL;
        changes->failed = 0;
}

/* --- objects ---------------------------------------------------------------------------------- */

const Object *change_document(const Change *change)
{
        switch ((int)change->type) {
        case CHANGE_PUT_REGISTRY: return &change->registry->object;
        case CHANGE_PUT_COMPONENT: return &change->component.spec->object;
        case CHANGE_PUT_RELEASE: return change->release.spec ? &change->release.spec->object : NULL;
        case CHANGE_PUT_STREAM: return &change->stream->object;
        case CHANGE_PUT_ENVIRONMENT: return &change->environment->object;
        case CHANGE_PUT_CALENDAR: return &change->calendar->object;
        case CHANGE_PUT_GROUP: return &change->group->object;
        default: return NULL;
        }
}

void changes_put_tenant(Changes *changes, const char *tenant, usec_t at)
{
        if (changes->tenant && streq(changes->tenant, tenant))
                return;
        changes->tenant = copy_text(changes, tenant);
        add(changes, (Change){ .type = CHANGE_PUT_TENANT, .at = at, .tenant = changes->tenant });
}

void changes_put_registry(Changes *changes, const RegistrySpec *spec, usec_t at)
{
        add(changes, (Change){ .type = CHANGE_PUT_REGISTRY,
                               .kind = KIND_REGISTRY,
                               .object_id = spec->object.id.text,
                               .at = at,
                               .registry = spec });
}

void changes_put_component(Changes *changes, const ComponentSpec *spec, const char *registry_id,
                           usec_t at)
{
        Change change = { .type = CHANGE_PUT_COMPONENT,
                          .kind = KIND_COMPONENT,
                          .object_id = spec->object.id.text,
                          .at = at };

        change.component.spec = spec;
        change.component.registry_id = copy_text(changes, registry_id);
        add(changes, change);
}

static void copy_platforms(Changes *changes, PlatformDigests *platforms)
{
        PlatformDigest *items =
                copy_data(changes, platforms->items, platforms->n * sizeof(*platforms->items));

        for (size_t i = 0; i < platforms->n && items; i++) {
                items[i].platform = copy_text(changes, items[i].platform);
                items[i].digest = copy_text(changes, items[i].digest);
        }
        platforms->items = items;
}

static void copy_strings(Changes *changes, Strings *strings)
{
        const char **items =
                copy_data(changes, strings->items, strings->n * sizeof(*strings->items));

        for (size_t i = 0; i < strings->n && items; i++)
                items[i] = copy_text(changes, items[i]);
        strings->items = items;
}

static void copy_components(Changes *changes, ReleaseComponents *components)
{
        ReleaseComponent *items =
                copy_data(changes, components->items, components->n * sizeof(*components->items));

        for (size_t i = 0; i < components->n && items; i++) {
                ReleaseComponent *item = &items[i];

                item->component_id = copy_text(changes, item->component_id);
                item->component_name = copy_text(changes, item->component_name);
                item->repository = copy_text(changes, item->repository);
                item->digest = copy_text(changes, item->digest);
                item->tag = copy_text(changes, item->tag);
                item->semver = copy_text(changes, item->semver);
                item->channel = copy_text(changes, item->channel);
                item->media_type = copy_text(changes, item->media_type);
                copy_platforms(changes, &item->platforms);
                copy_platforms(changes, &item->configs);
                item->source.repository = copy_text(changes, item->source.repository);
                item->source.revision = copy_text(changes, item->source.revision);
                copy_strings(changes, &item->replaces);
        }
        components->items = items;
}

static void copy_pairs(Changes *changes, Pairs *pairs)
{
        Pair *items = copy_data(changes, pairs->items, pairs->n * sizeof(*pairs->items));

        for (size_t i = 0; i < pairs->n && items; i++) {
                items[i].key = copy_text(changes, items[i].key);
                items[i].value = copy_text(changes, items[i].value);
        }
        pairs->items = items;
}

static void copy_source_ref(Changes *changes, SourceRef *ref)
{
        ref->scm_integration_id = copy_text(changes, ref->scm_integration_id);
        ref->commit_sha = copy_text(changes, ref->commit_sha);
        ref->branch = copy_text(changes, ref->branch);
        ref->ci_integration_id = copy_text(changes, ref->ci_integration_id);
        ref->build_id = copy_text(changes, ref->build_id);
        ref->pipeline_url = copy_text(changes, ref->pipeline_url);
}

void changes_put_release(Changes *changes, const Release *release, const ReleaseSpec *spec)
{
        Release *copy = copy_data(changes, release, sizeof(*release));
        Change change = { .type = CHANGE_PUT_RELEASE, .kind = KIND_RELEASE };

        if (!copy)
                return;
        copy->tenant = copy_text(changes, release->tenant);
        copy->name = copy_text(changes, release->name);
        copy->display_name = copy_text(changes, release->display_name);
        copy_components(changes, &copy->components);
        copy_source_ref(changes, &copy->source_ref);
        copy_pairs(changes, &copy->metadata);
        copy->spec_digest = copy_text(changes, release->spec_digest);
        copy->declared_at = copy_text(changes, release->declared_at);
        copy->stream_id = copy_text(changes, release->stream_id);
        copy->created_by = copy_text(changes, release->created_by);
        copy->created_person = copy_text(changes, release->created_person);
        change.object_id = copy->id.text;
        change.at = release->updated_at;
        change.release.release = copy;
        change.release.spec = spec;
        add(changes, change);
}

void changes_put_stream(Changes *changes, const StreamSpec *spec, usec_t at)
{
        add(changes, (Change){ .type = CHANGE_PUT_STREAM,
                               .kind = KIND_STREAM,
                               .object_id = spec->object.id.text,
                               .at = at,
                               .stream = spec });
}

void changes_put_environment(Changes *changes, const EnvironmentSpec *spec, usec_t at)
{
        add(changes, (Change){ .type = CHANGE_PUT_ENVIRONMENT,
                               .kind = KIND_ENVIRONMENT,
                               .object_id = spec->object.id.text,
                               .at = at,
                               .environment = spec });
}

/* Returns a change of an environment; the caller sets the payload. */
static Change of_environment(Changes *changes, ChangeType type, const char *environment_id)
{
        return (Change){ .type = type,
                         .kind = KIND_ENVIRONMENT,
                         .object_id = copy_text(changes, environment_id) };
}

void changes_put_deployment(Changes *changes, const Deployment *deployment)
{
        Change change = of_environment(changes, CHANGE_PUT_DEPLOYMENT, deployment->environment_id);
        Deployment *copy = copy_data(changes, deployment, sizeof(*deployment));

        if (!copy)
                return;
        copy->environment_id = change.object_id;
        copy->tenant_id = copy_text(changes, deployment->tenant_id);
        copy->release_id = copy_text(changes, deployment->release_id);
        copy->release_name = copy_text(changes, deployment->release_name);
        copy->by = copy_text(changes, deployment->by);
        copy->promotion_id = copy_text(changes, deployment->promotion_id);
        copy->evidence_ref = copy_text(changes, deployment->evidence_ref);
        copy->reason = copy_text(changes, deployment->reason);
        copy->deployed_release_id = copy_text(changes, deployment->deployed_release_id);
        change.at = copy->at;
        change.deployment = copy;
        add(changes, change);
}

void changes_put_hold(Changes *changes, const Hold *hold)
{
        Change change = of_environment(changes, CHANGE_PUT_HOLD, hold->environment_id);
        Hold *copy = copy_data(changes, hold, sizeof(*hold));

        if (!copy)
                return;
        copy->environment_id = change.object_id;
        copy->release_id = copy_text(changes, hold->release_id);
        copy->by = copy_text(changes, hold->by);
        copy->reason = copy_text(changes, hold->reason);
        change.at = copy->since;
        change.hold = copy;
        add(changes, change);
}

void changes_delete_deployment(Changes *changes, const char *environment_id)
{
        add(changes, of_environment(changes, CHANGE_DELETE_DEPLOYMENT, environment_id));
}

void changes_delete_hold(Changes *changes, const char *environment_id)
{
        add(changes, of_environment(changes, CHANGE_DELETE_HOLD, environment_id));
}

void changes_put_output_run(Changes *changes, const char *environment_id, const char *key,
                            const OutputRun *run)
{
        Change change = of_environment(changes, CHANGE_PUT_OUTPUT_RUN, environment_id);

        change.output.key = copy_text(changes, key);
        change.output.run = (OutputRun){ .lock_digest = copy_text(changes, run->lock_digest),
                                         .release = copy_text(changes, run->release),
                                         .commit = copy_text(changes, run->commit),
                                         .at = run->at };
        change.at = run->at;
        add(changes, change);
}

void changes_set_approval(Changes *changes, const Approval *approval, bool is_given)
{
        Change change =
                of_environment(changes, is_given ? CHANGE_ADD_APPROVAL : CHANGE_DELETE_APPROVAL,
                               approval->environment_id);
        Approval *copy = copy_data(changes, approval, sizeof(*approval));

        if (!copy)
                return;
        copy->environment_id = change.object_id;
        copy->release_id = copy_text(changes, approval->release_id);
        copy->by = copy_text(changes, approval->by);
        copy->person = copy_text(changes, approval->person);
        copy->message = copy_text(changes, approval->message);
        change.at = copy->at;
        change.approval = copy;
        add(changes, change);
}

void changes_delete_object(Changes *changes, ObjectKind kind, const char *object_id)
{
        add(changes, (Change){ .type = CHANGE_DELETE_OBJECT,
                               .kind = kind,
                               .object_id = copy_text(changes, object_id) });
}

void changes_set_declared(Changes *changes, ObjectKind kind, const char *object_id, Place place)
{
        place.file = copy_text(changes, place.file);
        add(changes, (Change){ .type = CHANGE_SET_DECLARED,
                               .kind = kind,
                               .object_id = copy_text(changes, object_id),
                               .declared = place });
}

void changes_set_status(Changes *changes, const char *release_id, ReleaseStatus status, usec_t at)
{
        add(changes, (Change){ .type = CHANGE_SET_STATUS,
                               .kind = KIND_RELEASE,
                               .object_id = copy_text(changes, release_id),
                               .at = at,
                               .status = status });
}

/* --- versions --------------------------------------------------------------------------------- */

/* Returns a change of a component; the caller sets the payload. */
static Change of_component(Changes *changes, ChangeType type, const char *component_id)
{
        return (Change){ .type = type,
                         .kind = KIND_COMPONENT,
                         .object_id = copy_text(changes, component_id) };
}

void changes_put_tag(Changes *changes, const char *component_id, const TagRecord *tag)
{
        Change change = of_component(changes, CHANGE_PUT_TAG, component_id);
        TagRecord *copy = copy_data(changes, tag, sizeof(*tag));

        if (!copy)
                return;
        copy->tag = copy_text(changes, tag->tag);
        copy->digest = copy_text(changes, tag->digest);
        copy->problem = copy_text(changes, tag->problem);
        change.tag = copy;
        add(changes, change);
}

void changes_add_tag_history(Changes *changes, const char *component_id, const TagPast *past)
{
        Change change = of_component(changes, CHANGE_ADD_TAG_HISTORY, component_id);
        TagPast *copy = copy_data(changes, past, sizeof(*past));

        if (!copy)
                return;
        copy->tag = copy_text(changes, past->tag);
        copy->digest = copy_text(changes, past->digest);
        copy->next = NULL;
        change.tag_past = copy;
        add(changes, change);
}

static Change of_tag_move(Changes *changes, ChangeType type, const char *component_id,
                          const TagMove *move)
{
        Change change = of_component(changes, type, component_id);
        TagMove *copy = copy_data(changes, move, sizeof(*move));

        if (copy) {
                copy->tag = copy_text(changes, move->tag);
                copy->digest = copy_text(changes, move->digest);
                copy->keeps = copy_text(changes, move->keeps);
                copy->allowed_by = copy_text(changes, move->allowed_by);
                copy->reason = copy_text(changes, move->reason);
        }
        change.tag_move = copy;
        return change;
}

void changes_put_tag_move(Changes *changes, const char *component_id, const TagMove *move)
{
        add(changes, of_tag_move(changes, CHANGE_PUT_TAG_MOVE, component_id, move));
}

void changes_delete_tag_move(Changes *changes, const char *component_id, const TagMove *move)
{
        add(changes, of_tag_move(changes, CHANGE_DELETE_TAG_MOVE, component_id, move));
}

static Change of_drift(Changes *changes, ChangeType type, const char *component_id,
                       const Drift *drift)
{
        Change change = of_component(changes, type, component_id);
        Drift *copy = copy_data(changes, drift, sizeof(*drift));

        if (copy) {
                copy->tag = copy_text(changes, drift->tag);
                copy->released_digest = copy_text(changes, drift->released_digest);
                copy->digest = copy_text(changes, drift->digest);
        }
        change.drift = copy;
        return change;
}

void changes_put_drift(Changes *changes, const char *component_id, const Drift *drift)
{
        add(changes, of_drift(changes, CHANGE_PUT_DRIFT, component_id, drift));
}

void changes_delete_drift(Changes *changes, const char *component_id, const Drift *drift)
{
        add(changes, of_drift(changes, CHANGE_DELETE_DRIFT, component_id, drift));
}

static SortKey copy_sort_key(Changes *changes, SortKey key)
{
        return (SortKey){ .data = copy_data(changes, key.data, key.size), .size = key.size };
}

void changes_put_version(Changes *changes, const char *component_id, const VersionMap *version)
{
        Change change = of_component(changes, CHANGE_PUT_VERSION, component_id);
        VersionMap *copy = copy_data(changes, version, sizeof(*version));

        if (!copy)
                return;
        copy->tag = copy_text(changes, version->tag);
        copy->digest = copy_text(changes, version->digest);
        copy->semver = copy_text(changes, version->semver);
        copy->channel = copy_text(changes, version->channel);
        copy->build_metadata = copy_text(changes, version->build_metadata);
        copy->sort_key = copy_sort_key(changes, version->sort_key);
        change.version = copy;
        add(changes, change);
}

void changes_delete_version(Changes *changes, const char *component_id, const char *digest)
{
        Change change = of_component(changes, CHANGE_DELETE_VERSION, component_id);

        change.digest = copy_text(changes, digest);
        add(changes, change);
}

void changes_put_channel(Changes *changes, const char *component_id, const Channel *channel)
{
        Change change = of_component(changes, CHANGE_PUT_CHANNEL, component_id);
        Channel *copy = copy_data(changes, channel, sizeof(*channel));

        if (!copy)
                return;
        copy->name = copy_text(changes, channel->name);
        copy->tag = copy_text(changes, channel->tag);
        copy->digest = copy_text(changes, channel->digest);
        copy->semver = copy_text(changes, channel->semver);
        copy->sort_key = copy_sort_key(changes, channel->sort_key);
        change.channel = copy;
        add(changes, change);
}

void changes_delete_channel(Changes *changes, const char *component_id, const char *name)
{
        Change change = of_component(changes, CHANGE_DELETE_CHANNEL, component_id);

        change.channel_name = copy_text(changes, name);
        add(changes, change);
}

void changes_put_sync(Changes *changes, const char *component_id, const SyncState *sync)
{
        Change change = of_component(changes, CHANGE_PUT_SYNC, component_id);

        change.sync = copy_data(changes, sync, sizeof(*sync));
        add(changes, change);
}

void changes_put_manifest(Changes *changes, const char *component_id, const Manifest *manifest,
                          usec_t at)
{
        Change change = of_component(changes, CHANGE_PUT_MANIFEST, component_id);
        Manifest *copy = copy_data(changes, manifest, sizeof(*manifest));

        if (!copy)
                return;
        copy->digest = copy_text(changes, manifest->digest);
        copy->media_type = copy_text(changes, manifest->media_type);
        copy_platforms(changes, &copy->platforms);
        copy->facts = (ImageFactList){ 0 };
        copy->signature = signature_copy(&manifest->signature, &changes->arena);
        if (changes->arena.failed)
                changes->failed = -ENOMEM;
        change.at = at;
        change.manifest = copy;
        add(changes, change);
}

void changes_put_assignment(Changes *changes, const char *component_id,
                            const Assignment *assignment)
{
        Change change = of_component(changes, CHANGE_PUT_ASSIGNMENT, component_id);
        Assignment *copy = copy_data(changes, assignment, sizeof(*assignment));

        if (!copy)
                return;
        copy->tag = copy_text(changes, assignment->tag);
        copy->digest = copy_text(changes, assignment->digest);
        copy->semver = copy_text(changes, assignment->semver);
        copy->channel = copy_text(changes, assignment->channel);
        copy->by = copy_text(changes, assignment->by);
        change.assignment = copy;
        add(changes, change);
}

void changes_delete_assignment(Changes *changes, const char *component_id, const char *digest)
{
        Change change = of_component(changes, CHANGE_DELETE_ASSIGNMENT, component_id);

        change.digest = copy_text(changes, digest);
        add(changes, change);
}

/* --- conditions and events -------------------------------------------------------------------- */

void changes_set_condition(Changes *changes, ObjectKind kind, const char *object_id,
                           const Condition *condition)
{
        Condition *copy = copy_data(changes, condition, sizeof(*condition));

        if (!copy)
                return;
        copy->reason = copy_text(changes, condition->reason);
        copy->message = copy_text(changes, condition->message);
        add(changes, (Change){ .type = CHANGE_SET_CONDITION,
                               .kind = kind,
                               .object_id = copy_text(changes, object_id),
                               .at = condition->since,
                               .condition = copy });
}

void changes_clear_condition(Changes *changes, ObjectKind kind, const char *object_id,
                             ConditionType type)
{
        add(changes, (Change){ .type = CHANGE_CLEAR_CONDITION,
                               .kind = kind,
                               .object_id = copy_text(changes, object_id),
                               .condition_type = type });
}

void changes_add_event(Changes *changes, const Event *event)
{
        Event *copy = copy_data(changes, event, sizeof(*event));

        if (!copy)
                return;
        copy->tenant = copy_text(changes, event->tenant);
        copy->object_id = copy_text(changes, event->object_id);
        copy->object_name = copy_text(changes, event->object_name);
        copy->data = copy_text(changes, event->data);
        add(changes, (Change){ .type = CHANGE_ADD_EVENT,
                               .kind = event->kind,
                               .object_id = copy->object_id,
                               .at = event->at,
                               .event = copy });
}

void changes_add_audit(Changes *changes, const AuditEntry *entry)
{
        AuditEntry *copy = copy_data(changes, entry, sizeof(*entry));

        if (!copy)
                return;
        copy->tenant = copy_text(changes, entry->tenant);
        copy->actor.principal = copy_text(changes, entry->actor.principal);
        copy->actor.origin = copy_text(changes, entry->actor.origin);
        copy->actor.action = copy_text(changes, entry->actor.action);
        copy->actor.person = copy_text(changes, entry->actor.person);
        copy->actor.release = copy_text(changes, entry->actor.release);
        copy->actor.idempotency_key = copy_text(changes, entry->actor.idempotency_key);
        copy->actor.request_digest = copy_text(changes, entry->actor.request_digest);
        copy->object_id = copy_text(changes, entry->object_id);
        copy->object_name = copy_text(changes, entry->object_name);
        copy->result_id = copy_text(changes, entry->result_id);
        copy->detail = copy_text(changes, entry->detail);
        add(changes, (Change){ .type = CHANGE_ADD_AUDIT,
                               .kind = entry->kind,
                               .object_id = copy->object_id,
                               .at = entry->at,
                               .audit = copy });
}

/* --- receivers of events ---------------------------------------------------------------------- */

void changes_put_receiver(Changes *changes, const ReceiverState *receiver)
{
        ReceiverState *copy = copy_data(changes, receiver, sizeof(*receiver));

        if (!copy)
                return;
        copy->name = copy_text(changes, receiver->name);
        copy->problem = copy_text(changes, receiver->problem);
        add(changes, (Change){ .type = CHANGE_PUT_RECEIVER, .receiver = copy });
}

void changes_add_dead_letter(Changes *changes, const DeadLetter *letter)
{
        DeadLetter *copy = copy_data(changes, letter, sizeof(*letter));

        if (!copy)
                return;
        copy->receiver = copy_text(changes, letter->receiver);
        copy->problem = copy_text(changes, letter->problem);
        add(changes, (Change){ .type = CHANGE_ADD_DEAD_LETTER, .dead_letter = copy });
}

void changes_prune_events(Changes *changes, int64_t sequence, usec_t at)
{
        add(changes, (Change){ .type = CHANGE_PRUNE_EVENTS, .sequence = sequence, .at = at });
}
