#pragma once

/* Composes releases: drafts become releases when every digest is known, and streams make drafts. */

#include "base/map.h"
#include "control/control.h"

typedef struct Composer {
        const Control *control;
        Map drafts;      /* release id -> DraftState */
        Map streams;     /* id -> StreamState */
        uint64_t n_made; /* number of streams that made their first release since the start */
} Composer;

void composer_init(Composer *composer, const Control *control);
void composer_done(Composer *composer);

/* 1. Restarts each draft whose components or registries have changed. Called after the components
 * of model were adopted. The caller makes the calls 1 to 3 in this order. */
void composer_restart(Composer *composer, const Model *model);
/* 2. Adopts the drafts of model, before model is active. */
int composer_adopt_drafts(Composer *composer, const Model *model, const StoredObjects *stored,
                          Error *err);
/* 3. Adopts the streams of model, after model became active. */
int composer_adopt_streams(Composer *composer, const Model *model, Error *err);

/* Handlers of KEY_STREAM, KEY_DRAFT and KEY_POLLED. Return when the key is due again. */
usec_t composer_reconcile_stream(Composer *composer, const char *id, usec_t now);
usec_t composer_reconcile_draft(Composer *composer, const char *id);
/* Called after a component was polled: adds the drafts and streams that waited for it. */
usec_t composer_reconcile_polled(Composer *composer, const char *component_id);
bool composer_is_idle(const Composer *composer); /* no draft is being resolved */

/* True until each stream of the tenant has a release in the database. Until then, existing
 * lockfiles may restore releases of a lost database. n_made changes whenever the result may become
 * false. */
bool composer_awaits_release(const Composer *composer, const char *tenant);

/* True if there is a draft of that name, which may restore its release from a lockfile
 * (release-task.c). */
bool composer_has_draft(const Composer *composer, const char *tenant, const char *name);
