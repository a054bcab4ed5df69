#pragma once

/* The state of components and registries in memory. relmand can rebuild it at any time from specs,
 * database and registries. */

#include "base/map.h"
#include "control/control.h"
#include "registry/registry.h"
#include "sync/poller.h"
#include "sync/turns.h"
#include "verify/policy.h"
#include "version/policy.h"

typedef struct Sync Sync;

typedef struct RegistryState {
        char *key; /* key in the map: id of the object; tenant and host if no document declares the
                      registry */
        Registry *client;
        bool declared; /* declared by a Registry document; otherwise the next two members are empty
                        */
        Uuid id;
        char digest[DIGEST_SIZE_MAX];
        bool unreachable; /* was reported as unreachable, and has not recovered */
        unsigned n_syncs; /* syncs in progress */
        unsigned max_syncs;
        /* components that wait for a free place */
        struct ComponentState *waiting_first, *waiting_last;
        Turns backgrounds; /* turns of the passes that resolve their remaining tags */
        bool used;         /* mark for the sweep after a reload */
} RegistryState;

typedef struct ComponentState {
        struct Poller *poller;
        Uuid id;                   /* the map's key; outlives models */
        const ComponentSpec *spec; /* document in the current model, or in kept */
        Subject subject;           /* borrows from spec */
        Model *kept; /* owns spec while work in progress uses it; NULL: the current model owns it */
        const char *repository; /* path within the registry */
        Arena arena;            /* memory of repository */
        RegistryState *registry;
        VersionPolicy *policy; /* compiled at first use */
        VerifyMemory verified; /* files of `verify` in the last pass */
        SyncState state;
        bool state_known; /* state and assignments were read from the database */
        size_t n_gone;    /* number of known tags that were not in the last list; counted up to
                             SYNC_LARGE */
        char assigned_digest[DIGEST_SIZE_MAX]; /* digest of all assignments; "": there are none */
        char moves_digest[DIGEST_SIZE_MAX];    /* digest of all allowed moves; "": there are none */
        bool tags_are_mutable;                 /* versions follow their tags */
        struct Assigning *assigning;           /* assignments in progress (assignment.c) */
        bool attempted;
        bool list_with_digests;  /* the last list had the digest of every tag */
        Sync *sync;              /* the pass in progress; NULL: none */
        bool in_background;      /* heads are committed; sync may be cut short */
        usec_t background_since; /* monotonic */
        /* a pass wrote only some versions, so that the next one must compare all */
        bool owes_versions;
        /* like owes_versions: a background pass ended before it compared all versions */
        bool owes_again;
        size_t n_pending;       /* number of tags without a digest after the last pass */
        bool has_place;         /* counts in registry->n_syncs */
        int64_t resolve_newest; /* field resolve of the document or its registry; 0: all */
        bool again;             /* another sync was requested while one is in progress */
        bool poll_soon;         /* a hook requested another sync, which may wait a second */
        struct ComponentState *next_same; /* next one of the same repository (poll-index.c) */
        SyncWaiter *waiters;              /* clients that wait for a sync (sync-wait.c) */
        bool force_refresh;               /* the next sync requests every digest */
        bool waiting;                     /* in the list of waiting components of the registry */
        struct ComponentState *waiting_next;
        TurnItem turn;          /* place in large_turns */
        TurnItem share;         /* place in shares */
        usec_t share_given_at;  /* monotonic: when the component got a share after a wait */
        unsigned n_lost_shares; /* number of shares in a row that were lost because the list was
                                   late */
        TurnItem background;    /* place in registry->backgrounds */
        unsigned n_failures;    /* number of failed polls in a row */
        bool is_empty;          /* the last sync succeeded, and found no version (sync-write.c) */
        usec_t succeeded_at;    /* wall clock: last successful sync; 0: none in this process */
        usec_t attempted_at;    /* monotonic: end of the last sync by this spec; 0: none */
        bool rules_changed;     /* other rules than those of spec made the stored versions */
        usec_t hold_ends_at;    /* wall clock: when a held version is old enough; 0: none is held */
        Map flips; /* tag -> Flip: tags that moved back to their previous digest, which is not
                      accepted yet (sync-flips.c) */
        bool flips_told;
        bool is_mismatch_known; /* has_mismatch was read from the database */
        bool has_mismatch;      /* the condition PlatformMismatch is stored (sync-platforms.c) */
        usec_t rechecked_at;    /* monotonic: last recheck of due tags */
} ComponentState;

struct Poller {
        const Control *control;
        Map components;    /* id -> ComponentState */
        Map registries;    /* key -> RegistryState */
        Map by_repository; /* poll-index.c: registry id and repository -> first ComponentState */
        Arena index_arena; /* keys of by_repository */
        bool has_index;    /* by_repository is complete, and up to date */
        Turns large_turns; /* very large passes: one at a time */
        Turns shares;      /* smaller passes: all their tags together have a bound */
        sd_event_source *shares_timer; /* expires when the next share ends; NULL: no share ends */
        size_t n_unusable, n_moved_tags, n_new_versions; /* since the start */
};

/* registries.c: returns the registry of a component. Creates its client at first use. */
int registry_state_find(Poller *poller, const Model *model, const ComponentSpec *spec,
                        const char *host, RegistryState **ret, Error *err);
/* Frees the registries that no component uses. Their calls complete with ERROR_CANCELED. */
void registry_states_sweep(Poller *poller);
void registry_states_drop(Poller *poller);

/* components.c: replaces the kept copy of the document by the current one when no work needs the
 * kept one. */
void component_state_renew(ComponentState *component);

/* sync.c */
int sync_start(ComponentState *component, Error *err);

/* sync-state.c: reads the state of the last pass, unless it is known. */
int component_state_read(ComponentState *component, Error *err);

/* sync-stop.c */
/* Cancels the sync in progress and starts another one, which uses new assignments. */
void sync_restart(ComponentState *component);
/* Ends the pass in the background. The next pass continues from its rows. */
void sync_cut(ComponentState *component);
/* Does the same as sync_cut(), and makes the next pass due. That pass waits behind others for
 * the turn of large passes and for a place in the background. */
void sync_yield(ComponentState *component);
/* Does the same as sync_cut() for a pass that waits for a place in the background. The next pass
 * becomes due when a place is free. */
void sync_wait(ComponentState *component);
Sync *sync_free(Sync *sync); /* cancels the pass */
DEFINE_FREEP(Sync, sync_free)

void sync_flips_clear(ComponentState *component);

/* sync-wait.c */
void sync_waiters_restart(ComponentState *component);
void sync_waiters_tell(ComponentState *component, const Error *error);

/* assignment.c */
void assignings_fail(ComponentState *component, const Error *error);

/* poll-index.c */
int poll_index_make(Poller *poller);

/* schedule.c: schedules the next sync after one has ended. */
void schedule_after_sync(ComponentState *component, const Error *error);
void schedule_after_background(ComponentState *component);
usec_t component_interval(const ComponentState *component);
/* Polls the component at a monotonic time, or after the sync in progress. */
void component_state_due(ComponentState *component, usec_t at);
/* Polls the component next, but never more often than once a second. */
void component_state_poll_soon(ComponentState *component);
/* Takes a place at the registry, and the turn of a large pass. Returns false if the component has
 * to wait. */
bool schedule_enter(ComponentState *component);
/* Gives the place of a component that is not polled now to another component. */
void schedule_skip(ComponentState *component);
/* Returns true if a pass with n_listed tags (0: not listed yet) may continue. Otherwise the pass
 * must end. It begins again at its turn, or when there is room for its tags. */
bool schedule_take_turn(ComponentState *component, size_t n_listed);
/* Ends the share of each component that waits too long for its list while others wait for a share.
 * Such a component takes another share when its list has arrived. */
void schedule_end_late_shares(Poller *poller);
/* Ends the component's turn of large passes and its share of smaller ones, or its wait for them. */
void schedule_leave_turn(ComponentState *component);
/* Returns true if the pass may continue in the background. Otherwise the pass must end. It begins
 * again at its turn. */
bool schedule_take_background(ComponentState *component);
/* Releases the component's place in the background, or ends its wait for a place. */
void schedule_leave_background(ComponentState *component);
/* Gives the component's place at the registry, if there is one, to the next waiting component. */
void schedule_leave(ComponentState *component);
/* True if another component waits for the turn, or the share, of the component's background pass.
 */
bool schedule_gives_way(const ComponentState *component);
/* True if the component's pass has been in the background for some time, and another component
 * waits for its turn, share or place in the background. */
bool schedule_must_yield(const ComponentState *component);
/* Returns the monotonic time from which the background pass may be cut short. So the pass makes
 * progress however often the component is polled. It runs for at least a second. It completes a
 * comparison of all versions that an earlier pass could not complete. */
usec_t schedule_cut_at(const ComponentState *component);
/* Gives free places to waiting components after a reload, which may have dropped components that
 * held a place. */
void schedule_let_in(Poller *poller);
