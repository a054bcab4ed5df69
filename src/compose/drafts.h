#pragma once

/* Drafts: releases that are to be resolved, declared by a document or made by a stream or over the
 * API. A draft has a ReleaseTask while its components' registries are asked. */

#include "base/map.h"
#include "compose/composer.h"
#include "model/release.h"

typedef struct ReleaseTask ReleaseTask;

typedef struct DraftState DraftState;

/* Why there is no release. */
typedef struct DraftFailure {
        int code; /* negative errno of what the system refused; 0: it cannot be resolved */
        const char *message;
        const ReleaseProblems *problems; /* one for each part that is not to be had; may be empty */
} DraftFailure;

/* Whose draft it is, if no document declares it. The draft is freed after done and failed. */
typedef struct DraftOwner {
        /* adds to the transaction that makes the release; may be NULL */
        void (*commit)(DraftState *draft, Changes *changes, const Release *release);
        void (*done)(DraftState *draft, const Release *release);
        void (*failed)(DraftState *draft, const DraftFailure *failure);
} DraftOwner;

struct DraftState {
        Composer *composer;
        Uuid id;                 /* the map's key; outlives models */
        const ReleaseSpec *spec; /* of the current model */
        usec_t since; /* monotonic: components are synced once after this before it is resolved */
        bool again;   /* something changed while its task runs: it is resolved again */
        char *reason; /* last told; NULL: none yet */
        ReleaseTask *task;
        const DraftOwner *owner; /* NULL: a document declares it, and all below is empty */
        void *userdata;          /* of the owner */
        ManagedBy managed_by;
        const char *stream_id, *created_by; /* NULL: none */
        int64_t sequence;                   /* in the stream */
        Arena arena;                        /* what spec lives in */
};

void drafts_drop(Composer *composer); /* those that documents declare */
/* wanted.c: the components of the model that spec wants, one after the other; NULL at the end.
 * *at is 0 at first. */
const ComponentSpec *next_wanted_component(const Model *model, const ReleaseSpec *spec, size_t *at);
/* False while a component that spec wants was not polled since that monotonic time. */
bool components_are_fresh(const Control *control, const ReleaseSpec *spec, usec_t since);
/* The key is due after each poll of what spec wants. -ENOMEM. */
int depend_on_components(const Control *control, ControlKey kind, const ReleaseSpec *spec,
                         const char *id);
/* draft-state.c */
void draft_poll_components(const Control *control, const Model *model, const ReleaseSpec *spec);
int draft_depend(const DraftState *draft);                  /* on its components; -ENOMEM */
void draft_state_restart(DraftState *draft);                /* cancels its task */
void draft_state_add(DraftState *draft, const char *cause); /* it is resolved next */
void draft_state_done(DraftState *draft);                   /* it is frozen now: forgets it */
/* A draft that no document declares: its owner sets what is to be set, its spec in its arena, and
 * begins it. draft_state_fresh(): its components are polled first. */
int draft_state_new(Composer *composer, const DraftOwner *owner, void *userdata, DraftState **ret);
int draft_state_begin(DraftState *draft);
void draft_state_fresh(DraftState *draft);

/* release-task.c */
void release_task_start(DraftState *draft);
/* True if what the task was made from is unchanged in model: its components and their registries.
 */
bool release_task_is_current(const ReleaseTask *task, const Model *model);
ReleaseTask *release_task_free(ReleaseTask *task); /* cancels */
DEFINE_FREEP(ReleaseTask, release_task_free)
