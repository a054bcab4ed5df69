#include "reconcile/reconcile.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "compose/drafts.h"
#include "compose/streams.h"
#include "deploy/environments.h"
#include "publish/output-run.h"
#include "reconcile/internal.h"
#include "reconcile/watch.h"
#include "release/compose.h"

/* --- one turn --------------------------------------------------------------------------------- */

/* A draft is tried once all its components were asked after it came: from what is there now. */
static bool components_are_fresh(Reconciler *reconciler, const DraftState *draft)
{
        map_foreach (&reconciler->components, entry) {
                const ComponentState *component = entry->value;

                if (component->attempted_at < draft->since &&
                    release_spec_wants(draft->spec, component->spec))
                        return false;
        }
        return true;
}

static DraftState *find_ready_draft(Reconciler *reconciler)
{
        map_foreach (&reconciler->drafts, entry) {
                DraftState *draft = entry->value;

                if (draft->dirty && !draft->task && components_are_fresh(reconciler, draft))
                        return draft;
        }
        return NULL;
}

static void start_drafts(Reconciler *reconciler)
{
        DraftState *draft;

        while ((draft = find_ready_draft(reconciler))) {
                draft->dirty = false;
                release_task_start(draft);
        }
}

static bool is_idle(Reconciler *reconciler)
{
        if (due_heap_first(&reconciler->due) || reconciler->mend_at == 0)
                return false;
        map_foreach (&reconciler->components, entry) {
                const ComponentState *component = entry->value;

                if (component->sync || component->waiting || component->turn.waiting)
                        return false;
        }
        map_foreach (&reconciler->drafts, entry) {
                const DraftState *draft = entry->value;

                if (draft->task || draft->dirty)
                        return false;
        }
        return streams_are_idle(reconciler) && environments_are_idle(reconciler);
}

/* --once does not wait for a second try of either. */
static bool is_time_to_mend(const Reconciler *reconciler, usec_t now)
{
        return reconciler->mend_at == 0 ||
               (reconciler->mend_at <= now && !reconciler->options.once);
}

static bool is_time_to_load(const Reconciler *reconciler, usec_t now)
{
        return reconciler->load_at <= now && !reconciler->options.once;
}

static int arm_timer(Reconciler *reconciler)
{
        const DueItem *first = due_heap_first(&reconciler->due);
        usec_t at = first ? first->at : USEC_INFINITY;
        int r;

        at = MIN(at, MIN(streams_next(reconciler), environments_next(reconciler)));
        if (is_time_to_mend(reconciler, USEC_INFINITY))
                at = MIN(at, reconciler->mend_at);
        if (is_time_to_load(reconciler, USEC_INFINITY))
                at = MIN(at, reconciler->load_at);
        if (at == USEC_INFINITY)
                return sd_event_source_set_enabled(reconciler->timer, SD_EVENT_OFF);
        r = sd_event_source_set_time(reconciler->timer, at);
        return r < 0 ? r : sd_event_source_set_enabled(reconciler->timer, SD_EVENT_ONESHOT);
}

static int on_turn(sd_event_source *source, void *userdata)
{
        Reconciler *reconciler = userdata;
        usec_t now = time_monotonic();

        (void)source;
        if (is_time_to_load(reconciler, now))
                reconciler_reload(reconciler);
        if (is_time_to_mend(reconciler, now))
                publish_mend(reconciler);
        schedule_due(reconciler, now);
        streams_run(reconciler, now);
        start_drafts(reconciler);
        environments_run(reconciler, now);
        if (reconciler->sweep_later && streams_have_made(reconciler)) {
                reconciler->sweep_later = false;
                reconciler->mend_at = 0;
                reconciler_kick(reconciler);
        }
        if (reconciler->options.once && is_idle(reconciler))
                return sd_event_exit(reconciler->event, 0);
        return arm_timer(reconciler);
}

static int on_timer(sd_event_source *source, usec_t usec, void *userdata)
{
        (void)source, (void)usec;
        reconciler_kick(userdata);
        return 0;
}

void reconciler_kick(Reconciler *reconciler)
{
        if (sd_event_source_set_enabled(reconciler->turn, SD_EVENT_ONESHOT) < 0 &&
            sd_event_get_state(reconciler->event) != SD_EVENT_FINISHED)
                log_error("event loop: a turn cannot be asked for");
}

/* --- life ------------------------------------------------------------------------------------- */

static void on_specs_changed(void *userdata)
{
        reconciler_reload(userdata);
}

static int add_sources(Reconciler *reconciler)
{
        int r;

        r = sd_event_add_defer(reconciler->event, &reconciler->turn, on_turn, reconciler);
        if (r >= 0)
                r = sd_event_source_set_enabled(reconciler->turn, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_add_time(reconciler->event, &reconciler->timer, CLOCK_BOOTTIME, 0,
                                      1000, on_timer, reconciler);
        if (r >= 0)
                r = sd_event_source_set_enabled(reconciler->timer, SD_EVENT_OFF);
        return r;
}

int reconciler_new(sd_event *event, Store *store, HttpClient *http, const ReconcileOptions *options,
                   Reconciler **ret, Error *err)
{
        _cleanup_(reconciler_freep) Reconciler *reconciler = calloc(1, sizeof(*reconciler));
        int r;

        if (!reconciler)
                return error_oom(err);
        reconciler->event = sd_event_ref(event);
        reconciler->store = store;
        reconciler->http = http;
        reconciler->options = *options;
        reconciler->load_at = USEC_INFINITY;
        diag_list_init(&reconciler->diags);
        arena_init(&reconciler->look_arena, LOOK_ARENA_MAX);
        r = add_sources(reconciler);
        if (r < 0)
                return error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r));
        r = spec_tree_new(options->specs_path, &reconciler->tree, err);
        if (r >= 0 && !options->once)
                r = watch_new(event, on_specs_changed, reconciler, &reconciler->watch, err);
        if (r < 0)
                return r;
        *ret = TAKE(reconciler);
        return 0;
}

Reconciler *reconciler_free(Reconciler *reconciler)
{
        if (!reconciler)
                return NULL;
        event_pump_free(reconciler->pump);
        watch_free(reconciler->watch);
        reconciler_drop_states(reconciler);
        output_runs_end(reconciler);
        model_unref(reconciler->model);
        model_unref(reconciler->loaded);
        reconciler_forget_documents(reconciler);
        spec_tree_free(reconciler->tree);
        diag_list_done(&reconciler->diags);
        sd_event_source_disable_unref(reconciler->turn);
        sd_event_source_disable_unref(reconciler->timer);
        sd_event_unref(reconciler->event);
        free(reconciler);
        return NULL;
}

int reconciler_start(Reconciler *reconciler, Error *err)
{
        int r;

        r = publish_check_folder(reconciler, err);
        /* before the first event, so that new receivers miss none */
        if (r >= 0 && !reconciler->options.once)
                r = event_pump_new(reconciler->event, reconciler->store, reconciler->http,
                                   &reconciler->options.events, &reconciler->pump, err);
        if (r < 0)
                return r;
        r = reconciler_load_specs(reconciler, err);
        if (r < 0)
                return r;
        reconciler->mend_at = 0;
        return 0;
}

void reconciler_reload(Reconciler *reconciler)
{
        _cleanup_(error_done) Error error = { 0 };

        if (reconciler_load_specs(reconciler, &error) < 0)
                log_error("specs not loaded, what was known stays in force: %s",
                          error_message(&error));
}

size_t reconciler_confirm_prune(Reconciler *reconciler)
{
        size_t n = reconciler->report.n_prune_held;

        if (n == 0)
                return 0;
        reconciler->options.confirm_prune = true;
        reconciler_reload(reconciler);
        reconciler->options.confirm_prune = false; /* also if nothing could be loaded */
        return n - MIN(n, reconciler->report.n_prune_held);
}

/* --- report ----------------------------------------------------------------------------------- */

static void count_components(const Reconciler *reconciler, ReconcileReport *report)
{
        map_foreach (&reconciler->components, entry) {
                const ComponentState *component = entry->value;

                if (component->spec->suspend)
                        report->n_suspended++;
                else if (component->n_failures > 0 || component->state.held_since > 0)
                        report->n_failed++;
                else if (component->attempted)
                        report->n_synced++;
                report->n_tags += (size_t)component->state.n_tags;
        }
        report->n_failed += report->n_unusable;
}

void reconciler_report(const Reconciler *reconciler, ReconcileReport *ret)
{
        *ret = reconciler->report;
        count_components(reconciler, ret);
        ret->n_draft = reconciler->drafts.n;
        ret->specs_not_in_force = reconciler->load_at < USEC_INFINITY;
        ret->n_environments = reconciler->environments.n;
        map_foreach (&reconciler->environments, entry)
                ret->n_environments_failed += ((const EnvironmentState *)entry->value)->failed;
        map_foreach (&reconciler->streams, entry)
                ret->n_streams_failed +=
                        ((const StreamState *)entry->value)->retry_at < USEC_INFINITY;
        ret->n_ready = ret->n_releases - MIN(ret->n_draft, ret->n_releases);
        map_foreach (&reconciler->registries, entry) {
                const RegistryState *registry = entry->value;
                HttpPoolStats stats;

                registry_stats(registry->client, &stats);
                ret->n_requests += stats.n_requests;
        }
}
