#pragma once

/* Composes releases: drafts become releases when every digest is known, and streams make drafts. */

#include "base/map.h"
#include "control/control.h"

typedef struct Composer {
        const Control *control;
        Map drafts;  /* release id -> DraftState */
        Map streams; /* id -> StreamState */
} Composer;

void composer_init(Composer *composer, const Control *control);
void composer_done(Composer *composer);

/* After the components were brought in line with model, in this order:
 * 1. Resolves again each draft whose components or registries are others in model. */
void composer_restart(Composer *composer, const Model *model);
/* 2. Before model is in force: its drafts. */
int composer_adopt_drafts(Composer *composer, const Model *model, const StoredObjects *stored,
                          Error *err);
/* 3. After: its streams. */
int composer_adopt_streams(Composer *composer, const Model *model, Error *err);

/* KEY_STREAM, KEY_DRAFT, KEY_POLLED: what they make due, and when. */
usec_t composer_reconcile_stream(Composer *composer, const char *id, usec_t now);
usec_t composer_reconcile_draft(Composer *composer, const char *id);
/* A component was polled: drafts and streams may have now what they waited for. */
usec_t composer_reconcile_polled(Composer *composer, const char *component_id);
bool composer_is_idle(const Composer *composer); /* no draft is being resolved */

/* False while a lost database may yet give a lockfile that is there its release back. */
bool composer_has_made(const Composer *composer);

/* Adds the stems of lockfiles that drafts may find again (release-task.c): they must stay. */
int composer_want_locks(const Composer *composer, Arena *arena, Map *stems);
