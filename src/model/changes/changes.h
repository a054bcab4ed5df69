#pragma once

/* The one value that carries every change of the stored state. Specs, polls and requests all end in
 * a list of typed changes. store_apply() applies a list in one transaction, in order; plans, dry
 * runs and tests print the same list. A list owns an arena, and changes_add_*() copies its
 * arguments into it. Specs are borrowed instead, and must live until the list was applied. */

#include "base/arena.h"
#include "model/audit.h"
#include "model/component.h"
#include "model/condition.h"
#include "model/environment.h"
#include "model/event.h"
#include "model/group.h"
#include "model/output-run.h"
#include "model/receiver.h"
#include "model/registry.h"
#include "model/release.h"
#include "model/version-map.h"

typedef enum ChangeType {
        CHANGE_PUT_TENANT,
        CHANGE_PUT_REGISTRY,
        CHANGE_PUT_COMPONENT,
        CHANGE_PUT_RELEASE,
        CHANGE_DELETE_OBJECT, /* also deletes dependent objects */
        CHANGE_SET_DECLARED,  /* the document is unchanged but stands at another place */
        CHANGE_SET_STATUS,    /* sets the status of a release */
        CHANGE_PUT_STREAM,
        CHANGE_PUT_ENVIRONMENT,
        CHANGE_PUT_CALENDAR,
        CHANGE_PUT_GROUP,
        CHANGE_PUT_DEPLOYMENT,    /* also adds a row of history */
        CHANGE_DELETE_DEPLOYMENT, /* nothing is deployed any more; the history stays */
        CHANGE_ADD_STATEMENT,
        CHANGE_PUT_HOLD,
        CHANGE_DELETE_HOLD,
        CHANGE_ADD_APPROVAL,
        CHANGE_DELETE_APPROVAL,
        CHANGE_PUT_CHECK,
        CHANGE_END_CHECKS,
        CHANGE_PUT_CLOSED_GATE,
        CHANGE_DELETE_CLOSED_GATE,
        CHANGE_PUT_OUTPUT_RUN,
        CHANGE_PUT_TAG,
        CHANGE_ADD_TAG_HISTORY,
        CHANGE_PUT_VERSION,
        CHANGE_DELETE_VERSION,
        CHANGE_PUT_CHANNEL,
        CHANGE_DELETE_CHANNEL,
        CHANGE_PUT_SYNC,
        CHANGE_PUT_MANIFEST,
        CHANGE_PUT_IMAGE,
        CHANGE_PUT_HEAD_IMAGES, /* the first image is the head */
        CHANGE_PUT_REFERRERS,   /* others of the image are the manifests that refer to it */
        CHANGE_PUT_ASSIGNMENT,
        CHANGE_DELETE_ASSIGNMENT,
        CHANGE_PUT_TAG_MOVE,
        CHANGE_DELETE_TAG_MOVE,
        CHANGE_PUT_DRIFT,
        CHANGE_DELETE_DRIFT,
        CHANGE_SET_CONDITION,
        CHANGE_CLEAR_CONDITION,
        CHANGE_ADD_EVENT,
        CHANGE_ADD_AUDIT,
        CHANGE_PUT_RECEIVER,
        CHANGE_ADD_DEAD_LETTER,
        CHANGE_PRUNE_EVENTS,
        CHANGE_TYPE_MAX_,
} ChangeType;

typedef struct Change {
        ChangeType type;
        ObjectKind kind; /* kind of object_id, for changes that are possible for several kinds */
        const char *object_id; /* for tags, versions, channels, sync and manifests: the component */
        usec_t at;
        union {
                const char *tenant; /* PUT_TENANT */
                const RegistrySpec *registry;
                struct {
                        const ComponentSpec *spec;
                        const char *registry_id; /* NULL: none declared */
                } component;
                struct {
                        const Release *release;
                        const ReleaseSpec *spec; /* NULL: keep the stored document */
                } release;
                const StreamSpec *stream;
                const EnvironmentSpec *environment;
                const CalendarSpec *calendar;
                const GroupSpec *group;
                const Deployment *deployment;
                const struct StatementRow *statement; /* model/statement-row.h */
                const Hold *hold;
                const Approval *approval;
                const CheckResult *check;
                const ClosedGate *closed_gate;
                struct {
                        const char *key;
                        OutputRun run;
                } output;
                Place declared;       /* SET_DECLARED */
                ReleaseStatus status; /* SET_STATUS */
                const TagRecord *tag;
                const struct TagPast *tag_past; /* model/tag-past.h */
                const VersionMap *version;
                const char *digest; /* DELETE_VERSION, DELETE_ASSIGNMENT */
                const Assignment *assignment;
                const Channel *channel;
                const char *channel_name; /* DELETE_CHANNEL */
                const SyncState *sync;
                const Manifest *manifest;
                const ImageFactList *images;
                const TagMove *tag_move;
                const Drift *drift;
                const Condition *condition;
                ConditionType condition_type; /* CLEAR_CONDITION */
                const Event *event;
                const AuditEntry *audit;
                const ReceiverState *receiver;
                const DeadLetter *dead_letter;
                int64_t sequence; /* PRUNE_EVENTS */
        };
} Change;

/* Returns the document that the change stores; NULL: none. */
const Object *change_document(const Change *change);

typedef struct Changes {
        Arena arena;
        Change *items;
        size_t n;
        size_t capacity;
        const char *tenant; /* the last tenant that was added; NULL: none */
        int failed;         /* -ENOMEM if a change could not be added; do not apply such a list */
} Changes;

void changes_init(Changes *changes);
void changes_done(Changes *changes);
void changes_clear(Changes *changes);
/* Adds nothing if it is the last tenant that was added. */
void changes_put_tenant(Changes *changes, const char *tenant, usec_t at);
void changes_put_registry(Changes *changes, const RegistrySpec *spec, usec_t at);
void changes_put_component(Changes *changes, const ComponentSpec *spec, const char *registry_id,
                           usec_t at);
void changes_put_release(Changes *changes, const Release *release, const ReleaseSpec *spec);
void changes_put_stream(Changes *changes, const StreamSpec *spec, usec_t at);
void changes_put_environment(Changes *changes, const EnvironmentSpec *spec, usec_t at);
void changes_put_calendar(Changes *changes, const CalendarSpec *spec, usec_t at);
void changes_put_group(Changes *changes, const GroupSpec *spec, usec_t at);
void changes_put_deployment(Changes *changes, const Deployment *deployment);
void changes_delete_deployment(Changes *changes, const char *environment_id);
void changes_put_hold(Changes *changes, const Hold *hold);
void changes_delete_hold(Changes *changes, const char *environment_id);
/* Adds an approval or rejection, or removes the person's or principal's approvals of that release.
 * A rejection removes all earlier approvals and rejections, an approval removes the rejections. */
void changes_set_approval(Changes *changes, const Approval *approval, bool is_given);
/* Stores the last success of an output. key: the key of the output. */
void changes_put_output_run(Changes *changes, const char *environment_id, const char *key,
                            const OutputRun *run);
void changes_delete_object(Changes *changes, ObjectKind kind, const char *object_id);
void changes_set_declared(Changes *changes, ObjectKind kind, const char *object_id, Place place);
/* The caller has checked that the transition is legal (release/status.h). */
void changes_set_status(Changes *changes, const char *release_id, ReleaseStatus status, usec_t at);
void changes_put_tag(Changes *changes, const char *component_id, const TagRecord *tag);
/* Records a digest that the tag no longer has. */
void changes_add_tag_history(Changes *changes, const char *component_id,
                             const struct TagPast *past);
void changes_put_version(Changes *changes, const char *component_id, const VersionMap *version);
void changes_delete_version(Changes *changes, const char *component_id, const char *digest);
void changes_put_channel(Changes *changes, const char *component_id, const Channel *channel);
void changes_delete_channel(Changes *changes, const char *component_id, const char *name);
void changes_put_sync(Changes *changes, const char *component_id, const SyncState *sync);
void changes_put_manifest(Changes *changes, const char *component_id, const Manifest *manifest,
                          usec_t at);
void changes_put_assignment(Changes *changes, const char *component_id,
                            const Assignment *assignment);
void changes_delete_assignment(Changes *changes, const char *component_id, const char *digest);
void changes_put_tag_move(Changes *changes, const char *component_id, const TagMove *move);
void changes_delete_tag_move(Changes *changes, const char *component_id, const TagMove *move);
void changes_put_drift(Changes *changes, const char *component_id, const Drift *drift);
void changes_delete_drift(Changes *changes, const char *component_id, const Drift *drift);
void changes_set_condition(Changes *changes, ObjectKind kind, const char *object_id,
                           const Condition *condition);
void changes_clear_condition(Changes *changes, ObjectKind kind, const char *object_id,
                             ConditionType type);
/* id and at of the event, and at of the entry, must be set; the store sets sequence numbers. */
void changes_add_event(Changes *changes, const Event *event);
void changes_add_audit(Changes *changes, const AuditEntry *entry);

/* Stores the position of a receiver. Deletes the dead letters after that position, because they are
 * delivered again. */
void changes_put_receiver(Changes *changes, const ReceiverState *receiver);
void changes_add_dead_letter(Changes *changes, const DeadLetter *letter);
/* Deletes at most a thousand events, up to sequence and older than at. */
void changes_prune_events(Changes *changes, int64_t sequence, usec_t at);

/* Formats one change as a line for people and golden tests, without ids and times. */
int change_format(const Change *change, Buffer *out);
const char *change_type_to_string(ChangeType type);
