/* Makes a model active. */

#include "reconcile/internal.h"
#include "store/pages.h"

#define DRAFTS_ARENA_MAX ((size_t)256 * 1024 * 1024)

/* Makes the model active and passes it to the controllers. A controller keeps its state of an
 * object that did not change. */
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
        check_runner_adopt(&reconciler->check_runner, model);
        if (is_whole)
                model_unref(old);
        else
                /* controllers that failed still point into the old model */
                model_keep(model, old);
}

int reconciler_adopt(Reconciler *reconciler, Model *model, Error *err)
{
        _cleanup_(arena_done) Arena arena;
        StoredObjects drafts;
        int r;

        arena_init(&arena, DRAFTS_ARENA_MAX);
        r = store_drafts(reconciler->control.store, &arena, &drafts, err);
        if (r >= 0)
                adopt_model(reconciler, model, &drafts);
        return r;
}
