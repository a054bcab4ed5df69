/* Ends a pass: reports the result to the component, its registry, and the clients and drafts that
 * wait. */

#include "base/limits.h"
#include "base/log.h"
#include "sync/sync.h"

static void tell_registry(ComponentState *component, bool reachable, const Error *error)
{
        const Control *control = component->poller->control;
        RegistryState *registry = component->registry;
        Subject subject = {
                .kind = KIND_REGISTRY,
                .id = registry->id.text,
                .tenant = component->subject.tenant,
                .name = registry_name(registry->client),
        };
        const char *const data[] = { "url", registry_url(registry->client), "message",
                                     error ? error->message : NULL, NULL };
        _cleanup_(changes_done) Changes changes = { 0 };
        _cleanup_(error_done) Error store_error = { 0 };
        usec_t now = time_wall();

        if (registry->unreachable == !reachable)
                return;
        changes_init(&changes);
        if (registry->declared) {
                report_condition(&changes, subject,
                                 (Told){ CONDITION_READY,
                                         reachable ? CONDITION_TRUE : CONDITION_FALSE,
                                         reachable ? "Reachable" : "Unreachable", now },
                                 "%s", reachable ? "it answers" : error_message(error));
                report_event(&changes,
                             reachable ? EVENT_REGISTRY_RECOVERED : EVENT_REGISTRY_UNREACHABLE,
                             subject, now, data);
        }
        if (control_apply(control, &changes, &store_error) < 0) {
                log_error("registry '%s': %s", subject.name, error_message(&store_error));
                return; /* the next pass tries again */
        }
        registry->unreachable = !reachable;
        if (reachable)
                log_notice("registry '%s' answers again", subject.name);
        else
                log_error("registry '%s' cannot be reached: %s", subject.name,
                          error_message(error));
}

static int tell_failure(ComponentState *component, const char *reason, const Error *error,
                        Error *err)
{
        _cleanup_(changes_done) Changes changes;
        const Control *control = component->poller->control;
        usec_t now = time_monotonic();
        usec_t next_at = queue_at(control->queue, KEY_COMPONENT, component->id.text);
        char next[TIME_TEXT_SIZE] = "";

        changes_init(&changes);
        if (next_at < USEC_INFINITY)
                (void)time_format(time_wall() + (next_at > now ? next_at - now : 0), next);
        report_condition(&changes, component->subject,
                         (Told){ CONDITION_READY, CONDITION_FALSE,
                                 reason ? reason : report_reason(error->kind), time_wall() },
                         "%s%s%s", error_message(error), next[0] ? "; next try at " : "", next);
        return control_apply(control, &changes, err);
}

static void fail(ComponentState *component, const char *reason, const Error *error)
{
        _cleanup_(error_done) Error store_error = { 0 };

        log_error("component '%s': %s", component->subject.name, error_message(error));
        if (tell_failure(component, reason, error, &store_error) < 0)
                log_error("component '%s': %s", component->subject.name,
                          error_message(&store_error));
}

/* Sets the error for a full arena. The limit of the arena was reached; memory has not run out. */
static int set_too_large(const Sync *sync, Error *err)
{
        return error_set(err, ERROR_HOSTILE, -EFBIG,
                         "its repository has too many tags (%zu): they take more than %zu MiB of "
                         "memory; what was known stays; delete old tags from the repository",
                         MAX(sync->tags.n, sync->listed.n), SYNC_ARENA_MAX / (1024 * 1024));
}

/* Ends a pass in the background. sync_leave() has already scheduled the next poll and answered the
 * waiters. */
static void end_background(Sync *sync)
{
        ComponentState *component = sync->component;

        component->in_background = false;
        schedule_after_background(component);
        control_kick(component->poller->control);
        sync_free(sync);
}

void sync_end(Sync *sync, const Error *error)
{
        ComponentState *component = sync->component;
        const Control *control = component->poller->control;
        _cleanup_(error_done) Error too_large = { 0 };
        bool is_unverified = error && error->code == SIGNATURE_UNREACHABLE, in_background;

        if (error && sync->arena.full) {
                (void)set_too_large(sync, &too_large);
                error = &too_large;
        }
        if (error && error->kind == ERROR_CANCELED) {
                sync_restart(component);
                return;
        }
        component->sync = NULL;
        if (component->in_background && !error) {
                end_background(sync);
                return;
        }
        /* the rows of moved tags may be stored without their versions: the next pass plans them */
        if (error && (sync->n_moved > 0 || sync->live_changed))
                component->state.list_digest[0] = component->state.list_etag[0] = '\0';
        in_background = component->in_background;
        component->in_background = false;
        schedule_after_sync(component, error);
        if (error)
                fail(component,
                     sync->gave_up   ? "PatternTooCostly"
                     : is_unverified ? "SignatureUnreachable"
                                     : NULL,
                     error);
        if (!error || error->kind != ERROR_INTERNAL)
                tell_registry(component,
                              !error || error->kind != ERROR_UNREACHABLE || is_unverified, error);
        if (!in_background) /* while a pass is in the background, clients wait for the next one */
                sync_waiters_tell(component, error);
        control_kick(control);
        sync_free(sync);
}

void sync_leave(Sync *sync)
{
        ComponentState *component = sync->component;

        component->in_background = true;
        component->background_since = time_monotonic();
        schedule_after_sync(component, NULL);
        tell_registry(component, true, NULL);
        control_kick(component->poller->control);
        sync_waiters_tell(component, NULL); /* a waiter may end the pass */
}
