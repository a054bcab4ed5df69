/* Adds the keys that committed changes make due. */

#include "base/log.h"
#include "reconcile/internal.h"
#include "store/releases.h"

#define DUE_ARENA_MAX ((size_t)64 * 1024 * 1024)
#define GONE_PAUSE    USEC_PER_SEC

/* --- effects of each type of change ----------------------------------------------------------- */

static void stream_changed(Reconciler *reconciler, const char *stream_id, const char *cause)
{
        control_changed(&reconciler->control, stream_id, cause);
        queue_add(reconciler->queue, KEY_STREAM_LINKS, stream_id, 0, cause);
}

static void files_due(Reconciler *reconciler, const char *environment_id, const char *cause)
{
        queue_add(reconciler->queue, KEY_ENVIRONMENT_LOCK, environment_id, 0, cause);
}

/* Makes all lockfiles due that name the release. These include lockfiles of environments, which
 * contain its display name. Environments that may promote the release come first: relman writes the
 * files while they wait for the registry. */
static void release_put(Reconciler *reconciler, const Change *change)
{
        const Release *release = change->release.release;
        _cleanup_(error_done) Error error = { 0 };
        _cleanup_(arena_done) Arena arena;
        Deployments deployments = { 0 };

        arena_init(&arena, DUE_ARENA_MAX);
        control_changed(&reconciler->control, release->id.text, "the release changed");
        if (release->stream_id)
                control_changed(&reconciler->control, release->stream_id, "it has another release");
        queue_add(reconciler->queue, KEY_RELEASE_LOCK, release->id.text, 0, "the release changed");
        if (release->stream_id)
                queue_add(reconciler->queue, KEY_STREAM_LINKS, release->stream_id, 0,
                          "it has another release");
        if (store_deployments_of(reconciler->control.store, release->id.text, &arena, &deployments,
                                 &error) < 0) {
                log_error("release '%s': all lockfiles are compared: %s", release->name,
                          error_message(&error));
                publisher_start(&reconciler->publisher);
        }
        for (size_t i = 0; i < deployments.n; i++)
                files_due(reconciler, deployments.items[i].environment_id,
                          "the release in it changed");
}

/* Makes the stream of the release due. The change does not name the stream, so this reads the
 * release. If that fails, all streams are due. */
static void release_status(Reconciler *reconciler, const Change *change)
{
        const char *cause = "the status of a release of it changed";
        _cleanup_(arena_done) Arena arena;
        _cleanup_(error_done) Error error = { 0 };
        Release release;
        int r;

        arena_init(&arena, DUE_ARENA_MAX);
        control_changed(&reconciler->control, change->object_id, "the release's status changed");
        queue_add(reconciler->queue, KEY_RELEASE_LOCK, change->object_id, 0, "its status changed");
        r = store_release(reconciler->control.store, change->object_id, &arena, &release, &error);
        if (r > 0 && release.stream_id)
                stream_changed(reconciler, release.stream_id, cause);
        if (r >= 0)
                return;
        log_error("release %s: dependents of its stream are evaluated again later: %s",
                  change->object_id, error_message(&error));
        queue_lost(reconciler->queue, KEY_STREAM);
        queue_lost(reconciler->queue, KEY_ENVIRONMENT);
        queue_lost(reconciler->queue, KEY_STREAM_LINKS);
}

static void stream_put(Reconciler *reconciler, const Change *change)
{
        queue_add(reconciler->queue, KEY_STREAM_LINKS, change->stream->object.id.text, 0,
                  "its document changed");
}

static void object_deleted(Reconciler *reconciler, const Change *change)
{
        control_changed(&reconciler->control, change->object_id, "the object was deleted");
        if (change->kind == KIND_RELEASE || change->kind == KIND_STREAM ||
            change->kind == KIND_ENVIRONMENT)
                publisher_sweep_soon(&reconciler->publisher);
}

static void environment_due(Reconciler *reconciler, const char *id, const char *cause)
{
        queue_add(reconciler->queue, KEY_ENVIRONMENT, id, 0, cause);
}

static void deployment_changed(Reconciler *reconciler, const char *environment_id)
{
        files_due(reconciler, environment_id, "what is deployed changed");
        environment_due(reconciler, environment_id, "what is deployed changed");
        queue_add(reconciler->queue, KEY_ROLLBACK, environment_id, 0, "what is deployed changed");
        control_changed(&reconciler->control, environment_id, "another environment changed");
}

static void deployment_put(Reconciler *reconciler, const Change *change)
{
        deployment_changed(reconciler, change->deployment->environment_id);
}

static void deployment_deleted(Reconciler *reconciler, const Change *change)
{
        deployment_changed(reconciler, change->object_id);
}

static void hold_put(Reconciler *reconciler, const Change *change)
{
        environment_due(reconciler, change->hold->environment_id, "its hold changed");
}

static void hold_deleted(Reconciler *reconciler, const Change *change)
{
        environment_due(reconciler, change->object_id, "its hold changed");
}

static void approval_changed(Reconciler *reconciler, const Change *change)
{
        environment_due(reconciler, change->approval->environment_id, "its approvals changed");
}

/* Handles all changes of checks. If a check has ended, the handler of the key stops the program
 * that runs for it. */
static void checks_ended(Reconciler *reconciler, const Change *change)
{
        queue_add(reconciler->queue, KEY_CHECKS, change->check->environment_id, 0,
                  "a check changed");
}

static void checks_changed(Reconciler *reconciler, const Change *change)
{
        checks_ended(reconciler, change);
        environment_due(reconciler, change->check->environment_id, "a check changed");
}

static void head_moved(Reconciler *reconciler, const Change *change)
{
        const Object *object = map_get(&reconciler->control.model->by_id, change->object_id);

        if (object && object->kind == KIND_COMPONENT)
                control_component_changed(&reconciler->control, (const ComponentSpec *)object,
                                          "a channel has another head");
}

/* Checks the possible roll backs of all environments, once, after a pause: the digest may matter to
 * many of them, and registries delete many digests at once. */
static void drift_changed(Reconciler *reconciler, const Change *change)
{
        if (change->drift->digest[0] == '\0')
                queue_add(reconciler->queue, KEY_ROLLBACK, "", time_monotonic() + GONE_PAUSE,
                          "a digest of a release was deleted or found again");
}

/* --- dispatch --------------------------------------------------------------------------------- */

/* Other types make nothing due: a load adopts documents itself, and rows of tags and versions,
 * conditions and events are results of handlers. */
static void (*const made_due[CHANGE_TYPE_MAX_])(Reconciler *reconciler, const Change *change) = {
        [CHANGE_PUT_RELEASE] = release_put,
        [CHANGE_SET_STATUS] = release_status,
        [CHANGE_PUT_STREAM] = stream_put,
        [CHANGE_DELETE_OBJECT] = object_deleted,
        [CHANGE_PUT_DEPLOYMENT] = deployment_put,
        [CHANGE_DELETE_DEPLOYMENT] = deployment_deleted,
        [CHANGE_PUT_HOLD] = hold_put,
        [CHANGE_DELETE_HOLD] = hold_deleted,
        [CHANGE_ADD_APPROVAL] = approval_changed,
        [CHANGE_DELETE_APPROVAL] = approval_changed,
        [CHANGE_PUT_CHECK] = checks_changed,
        [CHANGE_END_CHECKS] = checks_ended,
        [CHANGE_PUT_DRIFT] = drift_changed,
        [CHANGE_DELETE_DRIFT] = drift_changed,
        [CHANGE_PUT_CHANNEL] = head_moved,
        [CHANGE_DELETE_CHANNEL] = head_moved,
};

/* True if the change affects rows that a load reads (StoredObject). */
static bool is_read_by_loads(const Change *change)
{
        switch ((int)change->type) {
        case CHANGE_PUT_COMPONENT:
        case CHANGE_PUT_RELEASE:
        case CHANGE_DELETE_OBJECT:
        case CHANGE_SET_STATUS:
        case CHANGE_PUT_DEPLOYMENT:
        case CHANGE_DELETE_DEPLOYMENT: return true;
        case CHANGE_SET_CONDITION: return change->condition->type == CONDITION_STALLED;
        default: return false;
        }
}

void reconciler_committed(Reconciler *reconciler, const Changes *changes)
{
        for (size_t i = 0; i < changes->n; i++)
                if (is_read_by_loads(&changes->items[i]))
                        reconciler_load_is_stale(reconciler);
        settled_note(&reconciler->settled, changes, reconciler->load_applies);
        for (size_t i = 0; i < changes->n; i++)
                if (made_due[changes->items[i].type])
                        made_due[changes->items[i].type](reconciler, &changes->items[i]);
}
