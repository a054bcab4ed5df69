#pragma once

/* The reconciler keeps specs, registries, database and lockfiles consistent. It runs in an event
 * loop. Only this folder knows all controllers, and decides the order of their work. All pointers
 * passed to it are borrowed. */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/diag.h"
#include "base/error.h"
#include "base/time.h"
#include "control/options.h"
#include "deploy/deployer.h"
#include "http/http.h"
#include "model/registry.h"
#include "store/store.h"
#include "sync/poller.h"

typedef struct Reconciler Reconciler;

/* Counters for the output of --once, the status line and the exit status. */
typedef struct ReconcileReport {
        size_t n_files, n_objects, n_components, n_registries, n_releases;
        size_t n_spec_errors;
        size_t n_spec_warnings;
        size_t n_synced, n_failed, n_suspended; /* numbers of components by the result of their last
                                                 * poll */
        size_t n_unusable;                      /* components that could not be polled */
        size_t n_tags, n_new_versions, n_moved_tags;
        size_t n_ready, n_draft, n_refused; /* releases */
        size_t n_locks_written, n_locks_failed;
        size_t n_prune_held;
        size_t n_outputs_failed; /* programs and pushes of outputs */
        size_t n_environments, n_environments_failed;
        size_t n_checks_waiting, n_checks_running; /* only checks that relmand runs itself */
        uint64_t n_checks_passed, n_checks_failed; /* results of these checks since the start */
        size_t n_streams_failed;
        uint64_t n_requests;
        bool specs_unreadable;
        bool specs_are_refused; /* with specs in Git: the newest commit is not active, or not known
                                 */
        bool specs_are_pending; /* some specs are not active; another load follows later */
} ReconcileReport;

int reconciler_new(sd_event *event, Store *store, HttpClient *http, const ReconcileOptions *options,
                   Reconciler **ret, Error *err);
Reconciler *reconciler_free(Reconciler *reconciler);
DEFINE_FREEP(Reconciler, reconciler_free)

/* Loads specs, repairs lockfiles and starts all controllers. Fails if the spec path or the lock
 * folder cannot be used. */
int reconciler_start(Reconciler *reconciler, Error *err);

/* Loads the specs again, in steps, as on SIGHUP; fetches them first if they are in Git. Errors are
 * logged and counted in the report. If a load is running, it starts again. */
void reconciler_reload(Reconciler *reconciler);
/* Sets a function that is called after each load, including loads that failed. It is not called if
 * another load follows directly. */
void reconciler_watch_loads(Reconciler *reconciler, void (*loaded)(void *userdata), void *userdata);

/* Finds a Registry. Returns NULL if it does not exist, or if it must not use the secrets that it
 * names. */
const RegistrySpec *reconciler_find_registry(const Reconciler *reconciler, const char *tenant,
                                             const char *name);
/* Returns the first Registry that has a hook; NULL: none has. */
const RegistrySpec *reconciler_first_hook(const Reconciler *reconciler);

Store *reconciler_store(Reconciler *reconciler);
/* Returns the controllers; the API calls their commands (sync/poller.h, deploy/commands.h). */
Poller *reconciler_poller(Reconciler *reconciler);
Deployer *reconciler_deployer(Reconciler *reconciler);

typedef struct PruneWaiter PruneWaiter;

typedef struct PruneCommand {
        void (*done)(size_t n_removed, void *userdata);
        void *userdata;
} PruneCommand;

/* Loads the specs again without the prune guard, then calls done, even if the load failed. If the
 * guard holds nothing back, calls done at once. *ret is NULL if done was called already; otherwise
 * it is valid until done is called. Returns 0 or -ENOMEM. */
int reconciler_confirm_prune(Reconciler *reconciler, const PruneCommand *command, PruneWaiter **ret,
                             Error *err);
/* Cancels the call of done; the load continues. Safe on NULL. Returns NULL. */
PruneWaiter *prune_waiter_cancel(PruneWaiter *waiter);

void reconciler_report(const Reconciler *reconciler, ReconcileReport *ret);
/* The diagnostics of the last load of the specs, sorted. Valid until the next load. */
const DiagList *reconciler_diags(const Reconciler *reconciler);
/* The commit that has the files of the diagnostics; "": they are in a folder. */
const char *reconciler_diags_commit(const Reconciler *reconciler);
/* The commit of the active specs; "": none is known. */
const char *reconciler_spec_commit(const Reconciler *reconciler);

/* The state of specs in Git. Texts are borrowed until the next turn of the loop. */
typedef struct SpecsGitStatus {
        const SpecsGit *spec;
        const char *commit; /* the active one; "": none */
        const char *reason; /* why the newest commit is not active or not known; NULL: it is */
        const char *message;
        usec_t since;                    /* wall */
        usec_t fetched_at, succeeded_at; /* wall; 0: never */
        uint64_t n_failures;
} SpecsGitStatus;

/* Returns false if the specs are in a folder. */
bool reconciler_git_status(const Reconciler *reconciler, SpecsGitStatus *ret);
/* Somebody pushed to a branch of a repository: fetches at once if it is that of the specs.
 * repository: its path at the server, such as group/name. Returns true if it is. */
bool reconciler_git_pushed(Reconciler *reconciler, const char *repository, const char *branch);
