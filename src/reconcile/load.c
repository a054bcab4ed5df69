/* From the tree on disk to rows and states: load, plan, apply, adopt. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "plan/plan-specs.h"
#include "reconcile/internal.h"
#include "reconcile/watch.h"
#include "spec/check.h"

#define LOAD_RETRY_MIN USEC_PER_SEC
#define LOAD_ARENA_MAX ((size_t)256 * 1024 * 1024)

/* A stored document, read once as long as it stays the same: whose object stays, goes on
 * undisturbed.
 */
typedef struct StoredDocument {
        unsigned n_refs;
        Arena arena;
        Object *object;
} StoredDocument;

/* The model in force: what was loaded, and from the database the last good of what is broken and
 * what the API made. */
typedef struct Merged {
        Model *loaded;
        StoredDocument **documents;
        size_t n;
} Merged;

static StoredDocument *document_unref(StoredDocument *document)
{
        if (!document || --document->n_refs > 0)
                return NULL;
        arena_done(&document->arena);
        free(document);
        return NULL;
}
DEFINE_FREEP(StoredDocument, document_unref)

static void merged_free(void *owner)
{
        Merged *merged = owner;

        model_unref(merged->loaded);
        for (size_t i = 0; i < merged->n; i++)
                document_unref(merged->documents[i]);
        free(merged->documents);
        free(merged);
}

static int document_read(Reconciler *reconciler, const StoredObject *stored, StoredDocument **ret,
                         Error *err)
{
        _cleanup_(document_unrefp) StoredDocument *document = calloc(1, sizeof(*document));
        const char *json;
        int r;

        if (!document)
                return error_oom(err);
        document->n_refs = 1;
        arena_init(&document->arena, LOAD_ARENA_MAX);
        r = store_document(reconciler->control.store, stored->kind, stored->id, &document->arena,
                           &json, err);
        if (r >= 0)
                r = spec_decode_json(json, strlen(json), &document->arena, &document->object, err);
        if (r < 0)
                return error_prefix(err, r, "stored document of %s '%s'",
                                    object_kind_to_noun(stored->kind), stored->name);
        (void)snprintf(document->object->id.text, sizeof(document->object->id.text), "%s",
                       stored->id);
        document->object->managed_by = stored->managed_by;
        *ret = TAKE(document);
        return 0;
}

static int add_stored(Reconciler *reconciler, const StoredObject *stored, Merged *merged,
                      Model *model, Error *err)
{
        StoredDocument *document = map_get(&reconciler->documents, stored->id);
        int r = 0;

        if (document && streq(document->object->digest, stored->spec_digest))
                document->n_refs++;
        else
                r = document_read(reconciler, stored, &document, err);
        if (r < 0)
                return r;
        merged->documents[merged->n++] = document;
        return model_add(model, document->object) < 0 ? error_oom(err) : 0;
}

/* The next merge finds them; what it does not is forgotten. */
static int remember(Reconciler *reconciler, const Merged *merged)
{
        Map documents = { 0 };

        for (size_t i = 0; i < merged->n; i++) {
                StoredDocument *document = merged->documents[i];

                if (map_put(&documents, document->object->id.text, document, NULL) < 0) {
                        map_done(&documents);
                        return -ENOMEM;
                }
        }
        for (size_t i = 0; i < merged->n; i++)
                merged->documents[i]->n_refs++;
        reconciler_forget_documents(reconciler);
        reconciler->documents = documents;
        return 0;
}

void reconciler_forget_documents(Reconciler *reconciler)
{
        map_foreach (&reconciler->documents, entry)
                document_unref(entry->value);
        map_done(&reconciler->documents);
}

/* Of what the API makes, releases are no part of the model: they are frozen. */
static bool is_of_the_api(const StoredObject *stored)
{
        return stored->managed_by == MANAGED_BY_API && stored->kind != KIND_RELEASE;
}

/* Adds what is stored to the loaded model's arrays, in a model of its own. */
static int merge(Reconciler *reconciler, Model *loaded, const SpecPlan *plan,
                 const StoredObjects *stored, Model **ret, Error *err)
{
        _cleanup_(model_unrefp) Model *model = NULL;
        Merged *merged = calloc(1, sizeof(*merged));
        size_t n = plan->n_retained;
        int r;

        if (!merged)
                return error_oom(err);
        merged->loaded = model_ref(loaded);
        for (size_t i = 0; i < stored->n; i++)
                n += is_of_the_api(&stored->items[i]);
        merged->documents = calloc(n + 1, sizeof(StoredDocument *));
        r = merged->documents ? model_copy(loaded, &plan->refused, n, &model) : -ENOMEM;
        if (r < 0) {
                merged_free(merged);
                return error_oom(err);
        }
        model->owner = merged;
        model->owner_free = merged_free;
        for (size_t i = 0; i < plan->n_retained && r >= 0; i++)
                r = add_stored(reconciler, plan->retained[i], merged, model, err);
        for (size_t i = 0; i < stored->n && r >= 0; i++)
                if (is_of_the_api(&stored->items[i]))
                        r = add_stored(reconciler, &stored->items[i], merged, model, err);
        if (r >= 0 && (remember(reconciler, merged) < 0 || model_sort(model) < 0))
                r = error_oom(err);
        if (r < 0)
                return r;
        *ret = TAKE(model);
        return 0;
}

static void log_diags(const DiagList *diags)
{
        for (size_t i = 0; i < diags->n; i++) {
                const Diag *diag = &diags->items[i];
                const LogAbout about = { .file = diag->place.file, .line = diag->place.line };
                _cleanup_(buffer_done) Buffer line;

                buffer_init(&line, 16 * 1024);
                if (diag_format(diag, &line) < 0)
                        continue;
                log_about(diag->severity == SEVERITY_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
                          &about, "%s", line.data);
        }
        if (diags->n_dropped > 0)
                log_error("%zu more diagnostics", diags->n_dropped);
}

static void log_plan(const SpecPlan *plan)
{
        for (size_t i = 0; i < plan->n_refused; i++)
                log_error("%s", plan->changes.items[plan->refusals[i]].condition->message);
        if (plan->n_held > 0)
                log_error(
                        "%zu objects are gone from the specs, more than half of all: nothing is removed; if "
                        "that is meant, relmanctl confirm-prune (or start relmand with --confirm-prune)",
                        plan->n_held);
        if (plan->n_created + plan->n_updated + plan->n_deleted + plan->n_archived +
                    plan->n_restored >
            0)
                log_info("specs: %zu objects created, %zu updated, %zu deleted, %zu archived, "
                         "%zu restored",
                         plan->n_created, plan->n_updated, plan->n_deleted, plan->n_archived,
                         plan->n_restored);
}

static void count(Reconciler *reconciler, const Model *model, const SpecPlan *plan)
{
        ReconcileReport *report = &reconciler->report;

        report->n_files = model->n_files;
        report->n_registries = model->registries.n;
        report->n_components = model->components.n;
        report->n_releases = model->releases.n;
        report->n_objects = model_n_objects(model);
        report->n_spec_errors = reconciler->diags.n_errors;
        report->n_spec_warnings = diag_list_n_warnings(&reconciler->diags);
        report->n_prune_held = plan->n_held;
        report->n_refused = plan->n_refused;
        report->specs_unreadable = false;
}

static int stored_now(Reconciler *reconciler, Arena *arena, StoredObjects *ret, Error *err)
{
        arena_init(arena, LOAD_ARENA_MAX);
        return store_objects(reconciler->control.store, arena, ret, err);
}

static bool removes_environment(const Changes *changes)
{
        for (size_t i = 0; i < changes->n; i++)
                if (changes->items[i].type == CHANGE_DELETE_OBJECT &&
                    changes->items[i].kind == KIND_ENVIRONMENT)
                        return true;
        return false;
}

/* Brings the controllers in line with the model, and takes it into force. What did not change goes
 * on. */
static void adopt_model(Reconciler *reconciler, Model *model, const StoredObjects *stored)
{
        _cleanup_(error_done) Error error = { 0 };
        Control *control = &reconciler->control;
        Model *old = control->model;
        bool is_whole = true;

        poller_adopt(&reconciler->poller, model);
        composer_restart(&reconciler->composer, model);
        if (composer_adopt_drafts(&reconciler->composer, model, stored, &error) < 0) {
                control_adopt_later(control, "releases", error_message(&error));
                is_whole = false;
        }
        error_done(&error);
        control->model = model_ref(model);
        if (composer_adopt_streams(&reconciler->composer, model, &error) < 0 ||
            deployer_adopt(&reconciler->deployer, model, &error) < 0 ||
            publisher_adopt(&reconciler->publisher, model, &error) < 0) {
                control_adopt_later(control, "streams and environments", error_message(&error));
                is_whole = false;
        }
        if (is_whole)
                model_unref(old);
        else
                model_keep(model, old); /* what was not reached still points into it */
}

/* What waited for a later load is loaded now. */
static void load_now(Reconciler *reconciler)
{
        reconciler->load_at = USEC_INFINITY;
        queue_remove(reconciler->queue, KEY_SPECS, "");
}

/* Carries out what the loaded model changes, and takes it into force. 1 if an environment went. */
static int apply_model(Reconciler *reconciler, Model *loaded, Error *err)
{
        _cleanup_(arena_done) Arena arena, arena_after;
        _cleanup_(spec_plan_done) SpecPlan plan = { 0 };
        _cleanup_(model_unrefp) Model *model = NULL;
        StoredObjects stored, stored_after;
        SpecPlanInput input = {
                .model = loaded,
                .stored = &stored,
                .grants = reconciler->control.options.grants,
                .confirm_prune = reconciler->control.options.confirm_prune,
                .now = time_wall(),
        };
        int r;

        arena_init(&arena_after, 0);
        r = stored_now(reconciler, &arena, &stored, err);
        if (r < 0)
                return r;
        r = plan_specs(&input, &arena, &plan, err);
        if (r >= 0)
                r = merge(reconciler, loaded, &plan, &stored, &model, err);
        if (r >= 0)
                r = control_apply(&reconciler->control, &plan.changes, err);
        if (r < 0)
                return r;
        r = stored_now(reconciler, &arena_after, &stored_after, err);
        if (r < 0) {
                /* it is committed, and the next plan does not know any more whose files go */
                publisher_mend_soon(&reconciler->publisher);
                return r;
        }
        log_plan(&plan);
        count(reconciler, model, &plan);
        adopt_model(reconciler, model, &stored_after);
        for (size_t i = 0; i < plan.n_archived; i++)
                publish_remove(&reconciler->publisher, plan.archived[i]->tenant,
                               plan.archived[i]->name);
        if (plan.n_restored > 0)
                publisher_mend_soon(&reconciler->publisher); /* their lockfiles come back too */
        reconciler->control.options.confirm_prune = false;
        return removes_environment(&plan.changes);
}

void reconciler_load_later(Reconciler *reconciler)
{
        usec_t wait = LOAD_RETRY_MIN << MIN(reconciler->n_load_failures, 5U);

        reconciler->n_load_failures++;
        reconciler->load_at = time_monotonic() + wait;
        if (!reconciler->control.options.once)
                queue_add(reconciler->queue, KEY_SPECS, "", reconciler->load_at, "a load failed");
}

int reconciler_renew_model(Reconciler *reconciler, Error *err)
{
        unsigned n_failures = reconciler->n_load_failures;
        int r;

        load_now(reconciler);
        r = apply_model(reconciler, reconciler->loaded, err);
        /* what only a removed environment still held can go now */
        if (r > 0)
                r = apply_model(reconciler, reconciler->loaded, err);
        if (r < 0)
                reconciler_load_later(reconciler);
        else {
                if (reconciler->n_load_failures == n_failures)
                        reconciler->n_load_failures = 0; /* all of it is in force */
                control_kick(&reconciler->control);
        }
        return MIN(r, 0);
}

/* Watches what was read. True if that was new: then it must be read again, for what changed in
 * between. */
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

int reconciler_load_specs(Reconciler *reconciler, Error *err)
{
        _cleanup_(model_unrefp) Model *loaded = NULL;
        bool is_late = reconciler->load_at < USEC_INFINITY;
        unsigned n_tries = 0;
        int r;

        load_now(reconciler);
        do {
                loaded = model_unref(loaded);
                diag_list_clear(&reconciler->diags);
                r = spec_tree_load(reconciler->tree, &loaded, &reconciler->diags, err);
                if (r < 0) {
                        reconciler->report.specs_unreadable = true;
                        (void)watch_again(reconciler); /* the folder may come back */
                        if (err->kind == ERROR_INTERNAL || r == -ESTALE || is_late)
                                reconciler_load_later(reconciler);
                        return r;
                }
        } while (watch_again(reconciler) && ++n_tries < 5);
        check_output_environments(reconciler->control.options.outputs, loaded, &reconciler->diags);
        check_secrets(reconciler->control.options.grants, loaded, &reconciler->diags);
        diag_list_sort(&reconciler->diags);
        log_diags(&reconciler->diags);
        if (git_head(reconciler->control.options.specs_path, reconciler->spec_commit) == 0)
                reconciler->spec_commit[0] = '\0';
        model_unref(reconciler->loaded);
        reconciler->loaded = model_ref(loaded);
        return reconciler_renew_model(reconciler, err);
}

void reconciler_reload(Reconciler *reconciler)
{
        _cleanup_(error_done) Error error = { 0 };

        if (reconciler_load_specs(reconciler, &error) < 0)
                log_error("specs not loaded, what was known stays in force: %s",
                          error_message(&error));
}
