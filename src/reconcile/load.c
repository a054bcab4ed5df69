/* Loads specs: from the tree on disk to rows and states. A load works in steps of some
 * milliseconds, so that it does not block the event loop:
 *
 *   READ_TREE --> TAKE_TREE --> READ_STORED --> PLAN --> MERGE --> COMMIT --> ADOPT --> REMOVE
 *       ^                           ^
 *       |                           +-- starts here again if others changed rows, or if this load
 *       |                           |   removed an environment
 *       |                           +-- a load after a change of the API starts here
 *       +-- starts here again after another reload, or when folders that changed have settled
 *
 * The old model is active until ADOPT. ADOPT is one turn: it commits a transaction and passes the
 * model to the controllers. A small load is committed in this transaction. Parts of a large load
 * are committed before it (COMMIT) and after it (REMOVE); see commit-parts.h. A load that fails is
 * tried again later. */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "plan/commit-parts.h"
#include "reconcile/declared-files.h"
#include "reconcile/git-specs.h"
#include "reconcile/load-record.h"
#include "reconcile/load-report.h"
#include "reconcile/load-stored.h"
#include "spec/check.h"
#include "watch/watch.h"

#define LOAD_RETRY_MIN USEC_PER_SEC
#define LOAD_ARENA_MAX ((size_t)256 * 1024 * 1024)
#define LOAD_SLICE     (5 * USEC_PER_MSEC)
#define LOAD_AGAIN_MAX 5 /* restarts in a row; then a reload waits for the end of the load */
#define LOAD_STALE_MAX 3 /* changes of rows by others; then the load ends in one turn */
#define LOAD_WATCH_MAX 5 /* how often a load reads the tree to watch new folders */
#define LOAD_WAITS_MAX (WATCH_SETTLE_MAX / WATCH_SETTLE)

typedef enum LoadStage {
        LOAD_READ_TREE,
        LOAD_TAKE_TREE,
        LOAD_READ_STORED,
        LOAD_PLAN,
        LOAD_MERGE,
        LOAD_COMMIT,
        LOAD_ADOPT,
        LOAD_REMOVE,
        LOAD_STAGE_MAX_,
} LoadStage;

/* The result of a stage; a stage can also return a negative errno. A stage may change the number of
 * the stage that runs next. */
typedef enum LoadResult {
        LOAD_NEXT,  /* go on with the next stage */
        LOAD_GO_ON, /* call this stage again, or the stage that it has set */
        LOAD_WAIT   /* wait: another load replaces this load when the tree has settled */
} LoadResult;

struct SpecsLoad {
        Reconciler *reconciler;
        LoadStage stage;
        SpecLoad *tree; /* reads the tree; NULL in other stages */
        Model *loaded;  /* the model from the tree, until the next stage takes it */
        DiagList diags;
        char spec_commit[GIT_HEAD_SIZE]; /* commit of the tree; "": none */
        bool has_read_tree;
        bool is_late; /* an earlier load failed */
        unsigned n_watched, n_waits;
        Arena arena; /* memory of the stored objects and of the plan */
        LoadStored stored;
        bool is_stale; /* others changed rows after this load had read them */
        unsigned n_stale;
        bool is_second;  /* the load plans a second time, because it has removed an environment */
        bool is_adopted; /* the model is active; only removals are missing */
        bool is_removed; /* all removals of the first plan are stored */
        SpecPlan plan;
        Model *model; /* the model that becomes active */
        size_t merge_at;
        CommitParts parts;   /* empty before COMMIT */
        CommitCounts counts; /* changes of earlier plans of this load that are stored */
        unsigned n_failures; /* number of failed loads in a row when the model was adopted */
};

/* Moves the diagnostics to the report, which shows them until the next load. */
static void load_show_diags(SpecsLoad *load)
{
        DiagList *diags = &load->reconciler->diags;
        const GitSpecs *git = load->reconciler->git;

        git_specs_copy_commit(git, load->reconciler->diags_commit);
        diag_list_sort(&load->diags);
        load_log_diags(&load->diags, load->reconciler->diags_commit);
        diag_list_done(diags);
        *diags = load->diags;
        diag_list_init(&load->diags);
}

/* --- the tree --------------------------------------------------------------------------------- */

/* Watches the folders that were read. Returns true if a folder was not watched before. The tree
 * must then be read again, because it may have changed in between. */
static bool watch_again(Reconciler *reconciler)
{
        _cleanup_(error_done) Error error = { 0 };
        int r;

        if (!reconciler->watch)
                return false;
        r = watch_set(reconciler->watch, reconciler->control.options.specs_path,
                      spec_tree_folders(reconciler->tree), &error);
        if (r < 0)
                log_error("%s; changes of specs are seen after a reload only",
                          error_message(&error));
        return r > 0;
}

/* Returns false if the tree changed while it was read. A file that an editor has just truncated
 * declares nothing, and its objects would be removed. The watch reports the change, and another
 * load begins. After LOAD_AGAIN_MAX restarts, the tree is loaded even if it still changes. */
static bool is_settled(const Reconciler *reconciler)
{
        return !reconciler->watch || reconciler->n_load_restarts == LOAD_AGAIN_MAX ||
               watch_is_settled(reconciler->watch);
}

static int load_read_tree(SpecsLoad *load, usec_t until, Error *err)
{
        Reconciler *reconciler = load->reconciler;
        int r;

        r = spec_load_step(load->tree, until, &load->loaded, &load->diags, err);
        if (r != 0)
                return r < 0 ? r : LOAD_GO_ON;
        load->tree = spec_load_free(load->tree);
        if (!watch_again(reconciler) || ++load->n_watched == LOAD_WATCH_MAX)
                return until < USEC_INFINITY && !is_settled(reconciler) ? LOAD_WAIT : LOAD_NEXT;
        load->loaded = model_unref(load->loaded);
        diag_list_clear(&load->diags);
        r = spec_load_new(reconciler->tree, &load->tree, err);
        return r < 0 ? r : LOAD_GO_ON;
}

static int load_take_tree(SpecsLoad *load, usec_t until, Error *err)
{
        Reconciler *reconciler = load->reconciler;
        const ReconcileOptions *options = &reconciler->control.options;

        (void)until, (void)err;
        check_output_environments(options->outputs, load->loaded, &load->diags);
        check_secrets(options->grants, load->loaded, &load->diags);
        load_show_diags(load);
        if (reconciler->git)
                git_specs_copy_commit(reconciler->git, load->spec_commit);
        else if (git_head(options->specs_path, load->spec_commit) == 0)
                load->spec_commit[0] = '\0';
        load->has_read_tree = true;
        model_unref(reconciler->loaded);
        reconciler->loaded = TAKE(load->loaded);
        return LOAD_NEXT;
}

/* --- stored objects --------------------------------------------------------------------------- */

static void load_forget_stored(SpecsLoad *load)
{
        load->model = model_unref(load->model);
        load->merge_at = 0;
        load->parts = (CommitParts){ 0 };
        spec_plan_done(&load->plan);
        load_stored_clear(&load->stored);
        arena_clear(&load->arena);
        load->is_stale = false;
}

/* Reads the stored objects again. */
static int load_read_again(SpecsLoad *load)
{
        load_forget_stored(load);
        load->stage = LOAD_READ_STORED;
        return LOAD_GO_ON;
}

static int load_read_stored(SpecsLoad *load, usec_t until, Error *err)
{
        Reconciler *reconciler = load->reconciler;
        const LoadStoredInput input = { reconciler->control.store, &reconciler->settled,
                                        reconciler->loaded, &load->arena };
        int r = load_stored_step(&load->stored, &input, until, err);

        return r < 0 ? r : r > 0 ? LOAD_GO_ON : LOAD_NEXT;
}

/* --- plan and commit -------------------------------------------------------------------------- */

/* An editor may have truncated a file just before the start, which no watch reports. If the load
 * would remove objects although a file has changed a moment ago, waits and returns true. */
static bool load_waits(SpecsLoad *load)
{
        usec_t settled, now = time_wall();

        if (!load->has_read_tree || load->is_second || load->reconciler->git ||
            load->plan.n_deleted + load->plan.n_archived == 0)
                return false;
        settled = declared_files_changed_at(&load->stored.objects) + WATCH_SETTLE;
        if (settled <= now || load->n_waits++ == LOAD_WAITS_MAX)
                return false;
        (void)usleep((useconds_t)MIN(settled - now, WATCH_SETTLE));
        return true;
}

static int load_plan(SpecsLoad *load, usec_t until, Error *err)
{
        const ReconcileOptions *options = &load->reconciler->control.options;
        const SpecPlanInput input = {
                .model = load->reconciler->loaded,
                .stored = &load->stored.objects,
                .objects = load->stored.unsettled.objects,
                .n_objects = load->stored.unsettled.n_objects,
                .n_settled = load->stored.unsettled.n_settled,
                .grants = options->grants,
                .confirm_prune = options->confirm_prune,
                .now = time_wall(),
        };
        int r = 0;

        if (!load->plan.run)
                r = plan_specs_begin(&input, &load->arena, &load->plan, err);
        if (r >= 0)
                r = plan_specs_step(&load->plan, until, SIZE_MAX, err);
        if (r != 0 || until < USEC_INFINITY || !load_waits(load))
                return r < 0 ? r : r > 0 ? LOAD_GO_ON : LOAD_NEXT;
        load_forget_stored(load);
        load->stage = LOAD_READ_TREE;
        r = spec_load_new(load->reconciler->tree, &load->tree, err);
        return r < 0 ? r : LOAD_GO_ON;
}

static MergeSource merge_source(Reconciler *reconciler)
{
        return (MergeSource){ reconciler->control.store, &reconciler->documents };
}

static int load_merge(SpecsLoad *load, usec_t until, Error *err)
{
        Reconciler *reconciler = load->reconciler;
        int r = 0;

        if (!load->model)
                r = merge_begin(reconciler->loaded, &load->plan, &load->stored.objects,
                                &load->model, err);
        if (r >= 0)
                r = merge_step(&(MergeInput){ merge_source(reconciler), &load->plan,
                                              &load->stored.objects, load->model },
                               &load->merge_at, until, err);
        return r < 0 ? r : r > 0 ? LOAD_GO_ON : LOAD_NEXT;
}

/* Cancels the load that is due later, because this load replaces it. */
static void load_is_not_due(Reconciler *reconciler)
{
        reconciler->load_at = USEC_INFINITY;
        queue_remove(reconciler->queue, KEY_SPECS, "");
}

/* Reads the stored objects and plans again, because others have changed rows. */
static int load_plan_again(SpecsLoad *load)
{
        load->n_stale++;
        commit_parts_count(&load->parts, &load->plan, &load->counts);
        return load_read_again(load);
}

/* Applies the changes of a phase until the time `until`. Returns 1 if there is more to do. */
static int load_apply(SpecsLoad *load, CommitPhase phase, usec_t until, Error *err)
{
        Reconciler *reconciler = load->reconciler;
        CommitParts *parts = &load->parts;
        Changes part = commit_parts_next(parts, phase);
        int r = 0;

        while (r == 0 && part.n > 0) {
                reconciler->load_applies = true;
                r = MIN(control_apply(&reconciler->control, &part, err), 0);
                reconciler->load_applies = false;
                if (r < 0)
                        break;
                parts->at += part.n;
                part = commit_parts_next(parts, phase);
                r = part.n > 0 && time_monotonic() >= until;
        }
        load->is_stale = false; /* the load made these changes itself */
        return r;
}

static int load_commit(SpecsLoad *load, usec_t until, Error *err)
{
        int r = 0;

        if (load->is_stale)
                return load_plan_again(load);
        if (!load->parts.items)
                r = load_record_removals(&load->reconciler->control, &load->stored.objects,
                                         &load->plan.changes, err);
        if (r < 0)
                return r;
        if (!load->parts.items &&
            commit_parts_make(&load->plan, until < USEC_INFINITY, &load->arena, &load->parts) < 0)
                return error_oom(err);
        r = load_apply(load, COMMIT_BEFORE, until, err);
        return r < 0 ? r : r > 0 ? LOAD_GO_ON : LOAD_NEXT;
}

static int load_adopt(SpecsLoad *load, usec_t until, Error *err)
{
        Reconciler *reconciler = load->reconciler;
        int r;

        (void)until;
        if (load->is_stale)
                return load_plan_again(load);
        load_is_not_due(reconciler);
        load->n_failures = reconciler->n_load_failures;
        r = load_apply(load, COMMIT_WITH_MODEL, until, err);
        if (r < 0)
                return r;
        if (load->has_read_tree)
                memcpy(reconciler->spec_commit, load->spec_commit, GIT_HEAD_SIZE);
        if (load->has_read_tree && reconciler->git)
                git_specs_adopted(reconciler->git);
        load_count_objects(reconciler, load->model, &load->plan);
        r = reconciler_adopt(reconciler, load->model, err);
        if (r < 0)
                return r;
        load->is_adopted = true;
        load->is_removed = false;
        return LOAD_NEXT;
}

static int load_remove(SpecsLoad *load, usec_t until, Error *err)
{
        Reconciler *reconciler = load->reconciler;
        int r;

        if (load->is_stale && load->parts.at < load->parts.ends[COMMIT_AFTER])
                return load_plan_again(load);
        r = load_apply(load, COMMIT_AFTER, until, err);
        if (r != 0)
                return r < 0 ? r : LOAD_GO_ON;
        load_log_plan(&load->plan, &load->counts);
        load->counts = (CommitCounts){ 0 };
        if (reconciler->n_load_failures == load->n_failures)
                reconciler->n_load_failures = 0; /* no controller has asked for a later load: all of
                                                  * the model is active */
        settled_update(&reconciler->settled, reconciler->loaded, &load->plan,
                       &load->stored.objects);
        /* plans again: releases that only a removed environment had can be removed now */
        if (load->is_second || !load_removes_environment(&load->plan.changes))
                return LOAD_NEXT;
        load->is_second = true;
        load->is_removed = true;
        return load_read_again(load);
}

/* --- course of a load ------------------------------------------------------------------------- */

static int (*const load_stages[LOAD_STAGE_MAX_])(SpecsLoad *load, usec_t until, Error *err) = {
        [LOAD_READ_TREE] = load_read_tree,
        [LOAD_TAKE_TREE] = load_take_tree,
        [LOAD_READ_STORED] = load_read_stored,
        [LOAD_PLAN] = load_plan,
        [LOAD_MERGE] = load_merge,
        [LOAD_COMMIT] = load_commit,
        [LOAD_ADOPT] = load_adopt,
        [LOAD_REMOVE] = load_remove,
};

SpecsLoad *specs_load_free(SpecsLoad *load)
{
        if (!load)
                return NULL;
        spec_load_free(load->tree);
        model_unref(load->loaded);
        load_forget_stored(load);
        load_stored_done(&load->stored);
        arena_done(&load->arena);
        diag_list_done(&load->diags);
        free(load);
        return NULL;
}

/* Begins a load, after dropping a load that is in progress. */
static int load_begin(Reconciler *reconciler, bool reads_tree, Error *err)
{
        SpecsLoad *load;
        int r = 0;

        reconciler->load = specs_load_free(reconciler->load);
        queue_remove(reconciler->queue, KEY_SPECS, "");
        if (reads_tree && reconciler->git)
                git_specs_take_next(reconciler->git);
        load = calloc(1, sizeof(*load));
        if (!load)
                return error_oom(err);
        load->reconciler = reconciler;
        load->stage = reads_tree ? LOAD_READ_TREE : LOAD_READ_STORED;
        load->is_late = reconciler->load_at < USEC_INFINITY;
        arena_init(&load->arena, LOAD_ARENA_MAX);
        diag_list_init(&load->diags);
        if (reads_tree)
                r = spec_load_new(reconciler->tree, &load->tree, err);
        if (r < 0) {
                specs_load_free(load);
                return r;
        }
        reconciler->load = load;
        return 0;
}

/* Runs a load until the time `until`. Returns LOAD_GO_ON if there is more to do, LOAD_WAIT, or 0 at
 * its end. With USEC_INFINITY, it runs to the end. */
static int load_run(SpecsLoad *load, usec_t until, Error *err)
{
        int r;

        do {
                if (load->n_stale >= LOAD_STALE_MAX)
                        until = USEC_INFINITY;
                r = load_stages[load->stage](load, until, err);
                if (r == LOAD_NEXT && ++load->stage == LOAD_STAGE_MAX_)
                        return 0;
        } while (r >= 0 && r != LOAD_WAIT && time_monotonic() < until);
        return r < 0 || r == LOAD_WAIT ? r : LOAD_GO_ON;
}

/* True if a commit of specs in Git has errors: the commit before stays active. */
static bool load_is_refused(const Reconciler *reconciler, int r)
{
        return r == -EINVAL && reconciler->git && reconciler->load &&
               reconciler->load->stage == LOAD_READ_TREE;
}

static void load_failed(Reconciler *reconciler, int r, const Error *error)
{
        SpecsLoad *load = reconciler->load;

        if (load && load->stage == LOAD_READ_TREE) {
                load_show_diags(load);
                if (load_is_refused(reconciler, r)) {
                        reconciler->report.n_spec_errors = reconciler->diags.n_errors;
                        git_specs_refused(reconciler->git, error);
                        return;
                }
                reconciler->report.specs_unreadable = true;
                (void)watch_again(reconciler); /* a missing folder may appear again, which the watch
                                                * reports */
                if (error->kind != ERROR_INTERNAL && r != -ESTALE && !load->is_late)
                        return;
        }
        reconciler_load_later(reconciler);
}

/* True if the load failed after the model became active. A later load stores the removals that are
 * missing. */
static bool load_failed_late(const SpecsLoad *load, int r)
{
        return r < 0 && load && load->is_adopted;
}

/* Ends a load; r is the result of load_begin() or load_run(). If a confirmed removal fails after
 * the model was adopted, the next load is also confirmed, and the clients wait for that load. If
 * only the second plan fails, all confirmed removals are stored: the confirmation ends, and the
 * clients get an answer. */
static void load_end(Reconciler *reconciler, int r, const Error *error)
{
        bool again = reconciler->load_again;
        bool is_late = load_failed_late(reconciler->load, r);
        bool is_removed = is_late && reconciler->load->is_removed;

        if (r < 0)
                load_failed(reconciler, r, error);
        reconciler->load = specs_load_free(reconciler->load);
        reconciler->n_load_restarts = 0;
        reconciler->load_again = false;
        control_kick(&reconciler->control);
        if (again) {
                reconciler_load_now(reconciler);
                return;
        }
        if (!is_late || is_removed)
                reconciler_prune_ended(reconciler, is_removed ? 0 : r);
        if (reconciler->loaded_call && !git_specs_is_reloading(reconciler->git))
                reconciler->loaded_call(reconciler->loaded_userdata);
}

static void load_end_logged(Reconciler *reconciler, int r, const Error *error)
{
        if (load_failed_late(reconciler->load, r))
                log_error("specs loaded, but removed objects are deleted later: %s",
                          error_message(error));
        else if (r < 0 && !load_is_refused(reconciler, r))
                log_error("specs not loaded, the previous ones stay active: %s",
                          error_message(error));
        load_end(reconciler, r, error);
}

/* Called by a timer that is set to time 0, like on_slice() in sync-run.c. */
int reconciler_on_load_step(sd_event_source *source, usec_t usec, void *userdata)
{
        Reconciler *reconciler = userdata;
        _cleanup_(error_done) Error error = { 0 };
        int r;

        (void)usec;
        if (!reconciler->load)
                return 0; /* the load was completed in one turn meanwhile */
        r = load_run(reconciler->load, time_monotonic() + LOAD_SLICE, &error);
        if (r == LOAD_WAIT || (r > 0 && sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) >= 0))
                return 0;
        if (r > 0)
                r = load_run(reconciler->load, USEC_INFINITY, &error);
        load_end_logged(reconciler, r, &error);
        return 0;
}

/* Begins a load, which then continues in steps. */
static void load_start(Reconciler *reconciler, bool reads_tree)
{
        _cleanup_(error_done) Error error = { 0 };
        int r;

        r = load_begin(reconciler, reads_tree, &error);
        if (r >= 0 && sd_event_source_set_enabled(reconciler->load_next, SD_EVENT_ONESHOT) >= 0)
                return;
        if (r >= 0)
                r = load_run(reconciler->load, USEC_INFINITY, &error);
        load_end_logged(reconciler, r, &error);
}

/* --- starts of loads -------------------------------------------------------------------------- */

void reconciler_load_later(Reconciler *reconciler)
{
        usec_t wait = LOAD_RETRY_MIN << MIN(reconciler->n_load_failures, 5U);

        reconciler->n_load_failures++;
        reconciler->load_at = time_monotonic() + wait;
        if (!reconciler->control.options.once)
                queue_add(reconciler->queue, KEY_SPECS, "", reconciler->load_at, "a load failed");
}

void reconciler_load_is_stale(Reconciler *reconciler)
{
        if (reconciler->load)
                reconciler->load->is_stale = true;
}

int reconciler_load_specs(Reconciler *reconciler, Error *err)
{
        int r;

        r = load_begin(reconciler, true, err);
        if (r >= 0)
                r = load_run(reconciler->load, USEC_INFINITY, err);
        load_end(reconciler, r, err);
        return r;
}

void reconciler_load_now(Reconciler *reconciler)
{
        if (reconciler->load && reconciler->n_load_restarts == LOAD_AGAIN_MAX) {
                /* otherwise frequent reloads would restart the load indefinitely */
                reconciler->load_again = true;
                return;
        }
        reconciler->n_load_restarts += reconciler->load != NULL;
        load_start(reconciler, true);
}

int reconciler_change_component(Reconciler *reconciler, const char *id, const Object *object,
                                Error *err)
{
        _cleanup_(model_unrefp) Model *model = NULL;
        const StoredObject stored = { .kind = KIND_COMPONENT,
                                      .id = id,
                                      .name = object ? object->meta.name : NULL,
                                      .spec_digest = object ? object->digest : NULL,
                                      .managed_by = MANAGED_BY_API };
        int r;

        r = merge_one(merge_source(reconciler), reconciler->control.model, id,
                      object ? &stored : NULL, &model, err);
        if (r >= 0)
                r = reconciler_adopt(reconciler, model, err);
        if (r < 0)
                reconciler_load_later(reconciler);
        else
                control_kick(&reconciler->control);
        if (r >= 0 && !reconciler->load)
                load_start(reconciler, reconciler->load_at < USEC_INFINITY);
        return r;
}
