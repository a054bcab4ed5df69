#pragma once

/* Drafts: releases to be resolved. A document declares a draft, or a stream or an API request makes
 * it. A draft has a ReleaseTask while relmand queries registries for its components. */

#include "base/map.h"
#include "compose/composer.h"
#include "model/release.h"

typedef struct ReleaseTask ReleaseTask;

typedef struct DraftState DraftState;

/* The reason why a draft cannot become a release. */
typedef struct DraftFailure {
        int code; /* negative errno of a system failure; 0: a component cannot be resolved */
        const char *message;
        const ReleaseProblems *problems; /* a problem for each unresolved component; may be empty */
} DraftFailure;

/* The callbacks of the owner of a draft that no document declares. The draft is freed after done()
 * and failed(). */
typedef struct DraftOwner {
        /* adds changes to the transaction that makes the release; may be NULL */
        void (*commit)(DraftState *draft, Changes *changes, const Release *release);
        void (*done)(DraftState *draft, const Release *release);
        void (*failed)(DraftState *draft, const DraftFailure *failure);
} DraftOwner;

struct DraftState {
        Composer *composer;
        Uuid id;                 /* the map's key; outlives models */
        const ReleaseSpec *spec; /* the spec in the current model */
        usec_t since; /* monotonic: each component must be polled after this time before the draft
                         is resolved */
        bool is_adopted; /* the current document and its dependencies were adopted */
        bool again;      /* a change occurred while the task ran: resolve the draft again */
        char *reason;    /* the reason that was reported last; NULL: none yet */
        ReleaseTask *task;
        const DraftOwner *owner; /* NULL: a document declares the draft, and the following members
                                    are empty */
        void *userdata;          /* passed to the calls of the owner */
        ManagedBy managed_by;
        const char *stream_id, *created_by, *created_person; /* NULL: none */
        int64_t sequence; /* number of the release in its stream */
        Arena arena;      /* owns spec */
};

void drafts_drop(Composer *composer); /* drops the drafts that documents declare */
/* wanted.c: returns the next component of the model that spec requests; NULL at the end. Set *at to
 * 0 before the first call. */
const ComponentSpec *next_wanted_component(const Model *model, const ReleaseSpec *spec, size_t *at);
/* True if relmand polled all components of spec after since, a monotonic time. */
bool components_are_fresh(const Control *control, const ReleaseSpec *spec, usec_t since);
/* True if all tags that spec needs are resolved. A release of heads needs only the tags of those
 * heads. A component with a version, tag or digest needs all its tags, because relmand names a
 * digest by the most specific of its tags. */
bool components_are_complete(const Control *control, const ReleaseSpec *spec);
/* Registers the key with the components of spec (control_depend_on_component()). -ENOMEM. */
int depend_on_components(const Control *control, ControlKey kind, const ReleaseSpec *spec,
                         const char *id);
/* draft-state.c */
void draft_poll_components(const Control *control, const Model *model, const ReleaseSpec *spec);
int draft_depend(const DraftState *draft);   /* -ENOMEM */
void draft_state_restart(DraftState *draft); /* cancels the task, and makes the draft due now */
void draft_state_add(DraftState *draft, const char *cause); /* makes the draft due now */
void draft_state_done(DraftState *draft); /* removes the draft from queue and map, and frees it */
/* Makes a draft that no document declares. The owner sets its members, with spec in the arena of
 * the draft, and then calls draft_state_begin(). draft_state_fresh() polls the components first. */
int draft_state_new(Composer *composer, const DraftOwner *owner, void *userdata, DraftState **ret);
int draft_state_begin(DraftState *draft);
void draft_state_fresh(DraftState *draft);

/* release-task.c */
void release_task_start(DraftState *draft);
/* True if the components and registries of the task are unchanged in model. */
bool release_task_is_current(const ReleaseTask *task, const Model *model);
ReleaseTask *release_task_free(ReleaseTask *task); /* cancels the task */
DEFINE_FREEP(ReleaseTask, release_task_free)
