#include "reconcile/reconcile.h"

#include <errno.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "compose/streams.h"
#include "reconcile/git-specs.h"
#include "reconcile/internal.h"
#include "watch/watch.h"

/* --- one turn --------------------------------------------------------------------------------- */

static bool is_idle(const Reconciler *reconciler)
{
        return !reconciler->load && !queue_is_due(reconciler->queue, time_monotonic()) &&
               poller_is_idle(&reconciler->poller) && composer_is_idle(&reconciler->composer) &&
               deployer_is_idle(&reconciler->deployer) &&
               check_runner_is_idle(&reconciler->check_runner) &&
               publisher_is_idle(&reconciler->publisher);
}

/* Called after each turn of the queue. */
static void on_turned(void *userdata)
{
        Reconciler *reconciler = userdata;

        if (reconciler->publisher.sweep_later &&
            reconciler->n_made_swept != reconciler->composer.n_made)
                publisher_sweep_soon(&reconciler->publisher);
        reconciler->n_made_swept = reconciler->composer.n_made;
        if (reconciler->control.options.once && is_idle(reconciler))
                /* this fails only if the loop is already ending */
                (void)sd_event_exit(reconciler->control.event, 0);
}

/* --- creation and start ----------------------------------------------------------------------- */

static void on_specs_changed(void *userdata)
{
        reconciler_load_now(userdata);
}

static int make_queue(Reconciler *reconciler, sd_event *event, Error *err)
{
        const QueueOptions options = { .kinds = reconciler_keys,
                                       .n_kinds = KEY_MAX_,
                                       .add_all = reconciler_add_all,
                                       .turned = on_turned,
                                       .userdata = reconciler };

        return queue_new(event, &options, &reconciler->queue, err);
}

static int make_load_timer(Reconciler *reconciler, Error *err)
{
        int r = sd_event_add_time(reconciler->control.event, &reconciler->load_next,
                                  CLOCK_MONOTONIC, 0, 1, reconciler_on_load_step, reconciler);

        if (r >= 0)
                r = sd_event_source_set_enabled(reconciler->load_next, SD_EVENT_OFF);
        return r < 0 ? error_set(err, ERROR_INTERNAL, r, "event loop: %s", strerror(-r)) : 0;
}

static int make_tree(Reconciler *reconciler, Error *err)
{
        const ReconcileOptions *options = &reconciler->control.options;
        int r;

        if (!options->specs_git)
                return spec_tree_new(options->specs_path, &reconciler->tree, err);
        r = spec_tree_new_empty(&reconciler->tree, err);
        return r < 0 ? r : git_specs_new(reconciler, reconciler_load_now, &reconciler->git, err);
}

int reconciler_new(sd_event *event, Store *store, HttpClient *http, const ReconcileOptions *options,
                   Reconciler **ret, Error *err)
{
        _cleanup_(reconciler_freep) Reconciler *reconciler = calloc(1, sizeof(*reconciler));
        int r;

        if (!reconciler)
                return error_oom(err);
        reconciler->zones.folder = ZONE_FOLDER;
        reconciler->control = (Control){ .event = sd_event_ref(event),
                                         .store = store,
                                         .http = http,
                                         .options = *options,
                                         .spec_commit = reconciler->spec_commit,
                                         .calls = &reconciler_calls,
                                         .dependents = &reconciler->dependents,
                                         .zones = &reconciler->zones,
                                         .userdata = reconciler };
        poller_init(&reconciler->poller, &reconciler->control);
        composer_init(&reconciler->composer, &reconciler->control);
        deployer_init(&reconciler->deployer, &reconciler->control);
        check_runner_init(&reconciler->check_runner, &reconciler->control);
        settled_init(&reconciler->settled);
        reconciler->load_at = USEC_INFINITY;
        diag_list_init(&reconciler->diags);
        r = publisher_init(&reconciler->publisher, &reconciler->control, err);
        if (r >= 0)
                r = make_queue(reconciler, event, err);
        if (r < 0)
                return r;
        reconciler->control.queue = reconciler->queue;
        r = make_tree(reconciler, err);
        if (r >= 0)
                spec_tree_know_checks(reconciler->tree, options->check_runs);
        if (r >= 0)
                r = make_load_timer(reconciler, err);
        if (r >= 0 && !options->once && !reconciler->git)
                r = watch_new(event, on_specs_changed, reconciler, &reconciler->watch, err);
        if (r >= 0 && !options->once)
                r = deployer_watch_clock(&reconciler->deployer, err);
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
        sd_event_source_disable_unref(reconciler->load_next);
        specs_load_free(reconciler->load);
        git_specs_free(reconciler->git);
        deployer_done(&reconciler->deployer);
        composer_done(&reconciler->composer);
        poller_done(&reconciler->poller);
        check_runner_done(&reconciler->check_runner);
        publisher_done(&reconciler->publisher);
        model_unref(reconciler->control.model);
        model_unref(reconciler->loaded);
        settled_done(&reconciler->settled);
        merge_forget(&reconciler->documents);
        spec_tree_free(reconciler->tree);
        diag_list_done(&reconciler->diags);
        queue_free(reconciler->queue);
        dependents_done(&reconciler->dependents);
        zones_done(&reconciler->zones);
        sd_event_unref(reconciler->control.event);
        free(reconciler);
        return NULL;
}

/* Loads the specs for the first time. */
static int load_first(Reconciler *reconciler, Error *err)
{
        GitSpecs *git = reconciler->git;
        int r = git ? git_specs_start(git, err) : 0;

        if (r >= 0)
                r = reconciler_load_specs(reconciler, err);
        if (r < 0 || !git)
                return r;
        if (!reconciler->control.options.once)
                return git_specs_run(git, err);
        if (git_specs_fetch_once(git) == 0)
                return 0;
        r = reconciler_load_specs(reconciler, err);
        if (r < 0 && git->problem.reason) { /* the commit of the cache stays active */
                log_error("%s (commit %.12s stays active)", error_message(err), git->active);
                error_done(err);
                r = 0;
        }
        return r;
}

int reconciler_start(Reconciler *reconciler, Error *err)
{
        int r;

        r = publisher_check_folder(&reconciler->publisher, err);
        /* starts before the first event is stored, so that new receivers get all events */
        if (r >= 0 && !reconciler->control.options.once)
                r = event_pump_new(reconciler->control.event, reconciler->control.store,
                                   reconciler->control.http, &reconciler->control.options.events,
                                   &reconciler->pump, err);
        if (r < 0)
                return r;
        r = load_first(reconciler, err);
        if (r < 0)
                return r;
        publisher_start(&reconciler->publisher);
        return 0;
}

void reconciler_reload(Reconciler *reconciler)
{
        if (reconciler->git)
                git_specs_fetch(reconciler->git, true);
        else
                reconciler_load_now(reconciler);
}

void reconciler_watch_loads(Reconciler *reconciler, void (*loaded)(void *userdata), void *userdata)
{
        reconciler->loaded_call = loaded;
        reconciler->loaded_userdata = userdata;
}

int reconciler_confirm_prune(Reconciler *reconciler, const PruneCommand *command, PruneWaiter **ret,
                             Error *err)
{
        int r;

        *ret = NULL;
        if (reconciler->report.n_prune_held == 0) {
                command->done(0, command->userdata);
                return 0;
        }
        r = prune_waiter_add(reconciler, command, err);
        if (r < 0)
                return r;
        reconciler->control.options.confirm_prune = reconciler->prune_is_confirmed = true;
        reconciler_load_now(reconciler);
        *ret = reconciler->prune_waiters; /* the waiter that was added; NULL: the load has ended and
                                           * was reported to it */
        return 0;
}

/* --- report ----------------------------------------------------------------------------------- */

static void count_components(const Poller *poller, ReconcileReport *report)
{
        map_foreach (&poller->components, entry) {
                const ComponentState *component = entry->value;

                if (component->spec->suspend)
                        report->n_suspended++;
                else if (component->n_failures > 0 || component->state.held_since > 0 ||
                         component->is_empty)
                        report->n_failed++;
                else if (component->attempted)
                        report->n_synced++;
                report->n_tags += (size_t)component->state.n_tags;
        }
        report->n_unusable = poller->n_unusable;
        report->n_failed += report->n_unusable;
        report->n_moved_tags = poller->n_moved_tags;
        report->n_new_versions = poller->n_new_versions;
        map_foreach (&poller->registries, entry) {
                const RegistryState *registry = entry->value;
                HttpPoolStats stats;

                registry_stats(registry->client, &stats);
                report->n_requests += stats.n_requests;
        }
}

static void count_environments(const Reconciler *reconciler, ReconcileReport *report)
{
        report->n_environments = reconciler->deployer.environments.n;
        map_foreach (&reconciler->deployer.environments, entry)
                report->n_environments_failed += ((const EnvironmentState *)entry->value)->failed;
        report->n_locks_written = reconciler->publisher.n_locks_written;
        report->n_locks_failed = reconciler->publisher.n_locks_failed;
        report->n_outputs_failed = reconciler->publisher.n_outputs_failed;
}

void reconciler_report(const Reconciler *reconciler, ReconcileReport *ret)
{
        *ret = reconciler->report;
        count_components(&reconciler->poller, ret);
        count_environments(reconciler, ret);
        check_runner_count(&reconciler->check_runner, &ret->n_checks_waiting,
                           &ret->n_checks_running);
        ret->n_checks_passed = reconciler->check_runner.n_passed;
        ret->n_checks_failed = reconciler->check_runner.n_failed;
        ret->n_draft = reconciler->composer.drafts.n;
        ret->specs_are_refused = reconciler->git && reconciler->git->problem.reason;
        ret->specs_are_pending = reconciler->load_at < USEC_INFINITY;
        map_foreach (&reconciler->composer.streams, entry)
                ret->n_streams_failed +=
                        ((const StreamState *)entry->value)->retry_at < USEC_INFINITY;
        ret->n_ready = ret->n_releases - MIN(ret->n_draft, ret->n_releases);
}

const DiagList *reconciler_diags(const Reconciler *reconciler)
{
        return &reconciler->diags;
}

const char *reconciler_diags_commit(const Reconciler *reconciler)
{
        return reconciler->diags_commit;
}

const char *reconciler_spec_commit(const Reconciler *reconciler)
{
        return reconciler->spec_commit;
}

Store *reconciler_store(Reconciler *reconciler)
{
        return reconciler->control.store;
}

Poller *reconciler_poller(Reconciler *reconciler)
{
        return &reconciler->poller;
}

Deployer *reconciler_deployer(Reconciler *reconciler)
{
        return &reconciler->deployer;
}
