#pragma once

/* What the files of reconcile share. ComponentState, RegistryState and DraftState are what is
 * remembered in memory of one object between its turns; all of it can be had again from specs,
 * database and registry.
 *
 * Data flow of one turn (on_turn in reconcile.c): due components start a Sync; a Sync ends in
 * commits and marks drafts dirty; a dirty draft starts a ReleaseTask; a task ends in a commit and a
 * lockfile. */

#include "base/map.h"
#include "control/report.h"
#include "model/model.h"
#include "queue/due-heap.h"
#include "reconcile/reconcile.h"
#include "registry/registry.h"
#include "spec/git-head.h"
#include "spec/spec.h"
#include "sync/turns.h"
#include "version/policy.h"

typedef struct Sync Sync;
typedef struct Watch Watch;

typedef struct RegistryState {
        char *key; /* of the map: the object's id, or tenant and host of one nobody declared */
        Registry *client;
        bool declared; /* by a Registry object; else the next two are empty */
        Uuid id;
        char digest[DIGEST_SIZE_MAX];
        bool unreachable; /* told, and not yet recovered */
        unsigned n_syncs; /* under way */
        unsigned max_syncs;
        struct ComponentState *waiting_first, *waiting_last; /* due, for a place to get free */
        bool used;                                           /* mark for the sweep after a reload */
} RegistryState;

typedef struct ComponentState {
        DueItem due; /* first */
        struct Reconciler *reconciler;
        Uuid id;                   /* the map's key; outlives models */
        const ComponentSpec *spec; /* of the current model */
        Subject subject;           /* likewise */
        const char *repository;    /* path within the registry */
        Arena arena;               /* for repository */
        RegistryState *registry;
        VersionPolicy *policy; /* made when first needed */
        SyncState state;
        bool state_known; /* state was read from the database, and what was assigned */
        char assigned_digest[DIGEST_SIZE_MAX]; /* of all that was; "" if nothing was */
        struct Assigning *assigning;           /* under way (assign.c) */
        bool attempted;
        bool list_with_digests;           /* the last list said the digest of every tag */
        Sync *sync;                       /* under way */
        bool again;                       /* asked for while under way */
        bool looked;                      /* likewise, by a hook: may wait a second */
        struct ComponentState *next_same; /* of the same repository (look.c) */
        SyncWaiter *waiters;              /* who asked for a sync and waits (sync-wait.c) */
        bool force_refresh;               /* the next sync asks for every digest */
        bool waiting;                     /* in the registry's list */
        struct ComponentState *waiting_next;
        TurnItem turn;       /* of large_turns */
        unsigned n_failures; /* in a row */
        usec_t succeeded_at; /* wall: of the last sync that went well; 0: none in this process */
        usec_t attempted_at; /* monotonic: end of the last sync by this spec, good or bad; 0: none
                              */
        bool rules_changed;  /* the stored versions were made by other rules than spec's */
        usec_t hold_ends_at; /* wall: a held version becomes old enough; 0: none is held */
        Map flips;           /* tag -> Flip: went back to what they were (sync-flips.c) */
        bool flips_told;
        usec_t rechecked_at; /* monotonic: when due tags were last taken */
} ComponentState;

struct Reconciler {
        sd_event *event;
        Store *store;
        HttpClient *http;
        ReconcileOptions options;
        SpecTree *tree;
        Model *loaded; /* what the specs say */
        Map documents; /* load.c: id -> StoredDocument */
        Model *model;  /* the same, the last good of what is broken, and what the API made */
        DiagList diags;
        char spec_commit[GIT_HEAD_SIZE]; /* of the work tree the specs are in; "" if it is none */
        Map components;                  /* id -> ComponentState */
        Map registries;                  /* key -> RegistryState */
        Map drafts;                      /* release id -> DraftState */
        Map streams;                     /* id -> StreamState */
        Map environments;                /* id -> EnvironmentState */
        Map by_repository; /* look.c: registry id and repository -> first ComponentState */
        Arena look_arena;  /* its keys */
        DueHeap due;
        Turns large_turns;      /* passes over very many tags: one at a time */
        sd_event_source *turn;  /* defer source: something is to be done */
        sd_event_source *timer; /* the next due time */
        Watch *watch;
        struct OutputRun *output_runs; /* output-run.c: all that go on */
        EventPump *pump;               /* NULL with once: the daemon tells of events */
        usec_t mend_at; /* monotonic: lockfiles are to be looked over again; USEC_INFINITY: never */
        unsigned n_mend_failures;
        unsigned n_load_failures; /* in a row */
        usec_t load_at;   /* monotonic: not all that is known is in force; USEC_INFINITY: it is */
        bool sweep_later; /* left-over lockfiles were not removed yet */
        ReconcileReport report;
};

/* reconcile.c: asks for a turn. */
void reconciler_kick(Reconciler *reconciler);

/* load.c: reads the tree and carries out what it changes. */
int reconciler_load_specs(Reconciler *reconciler, Error *err);
/* Takes what the API has changed into force. */
int reconciler_renew_model(Reconciler *reconciler, Error *err);
/* What the system refused is tried again in a while: nothing that was said in specs or over the API
 * waits for the next edit. */
void reconciler_load_later(Reconciler *reconciler);
void reconciler_forget_documents(Reconciler *reconciler);

/* objects.c: states after a load. */
void reconciler_adopt_model(Reconciler *reconciler, Model *model, const StoredObjects *stored);
void reconciler_drop_states(Reconciler *reconciler);
void component_state_due(ComponentState *component, usec_t at);
/* True while no sync has evaluated the versions by the rules of the present document. Nothing is
 * released from them until then. What is suspended keeps them. */
bool component_versions_are_old(const ComponentState *component);
#define VERSIONS_ARE_OLD                                                                            \
        "component '%s': its rules changed and its versions were not evaluated by them yet; it is " \
        "polled again"

/* sync.c */
int sync_start(ComponentState *component, Error *err);
/* A sync under way is given up, and one begins that knows what was assigned meanwhile. */
void sync_restart(ComponentState *component);
Sync *sync_free(Sync *sync); /* cancels */
DEFINE_FREEP(Sync, sync_free)

void sync_flips_clear(ComponentState *component);

/* sync-wait.c */
void sync_waiters_restart(ComponentState *component);
void sync_waiters_tell(ComponentState *component, const Error *error);

/* assign.c */
int assignments_digest(const Assignments *assignments, char ret[DIGEST_SIZE_MAX]);
void assignings_fail(ComponentState *component, const Error *error);

/* look.c */
int look_index(Reconciler *reconciler);
void component_state_look(ComponentState *component);

/* schedule.c: what happens after a sync, and when next. */
void schedule_after_sync(ComponentState *component, const Error *error);
usec_t component_interval(const ComponentState *component);
void schedule_due(Reconciler *reconciler, usec_t now);
/* Whether a pass over n tags may go on. If not, it must end, and begins again when it is its turn.
 */
bool schedule_take_turn(ComponentState *component, size_t n_tags);
/* The component no longer holds the turn of large passes, or waits for it. */
void schedule_leave_turn(ComponentState *component);
/* A sync of the registry was dropped: the next component that waits gets its place. */
void schedule_leave(RegistryState *registry);
/* After a reload, which may have dropped components that had just got a place: fills the free ones.
 */
void schedule_let_in(Reconciler *reconciler);

/* publish.c */
int publish_check_folder(Reconciler *reconciler, Error *err);
void publish_release(Reconciler *reconciler, const Release *release);
void publish_remove(Reconciler *reconciler, const char *tenant, const char *name);
void publish_mend(Reconciler *reconciler);
void publish_mend_soon(Reconciler *reconciler);
void publish_mend_later(Reconciler *reconciler);
