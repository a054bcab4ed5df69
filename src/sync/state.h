#pragma once

/* What src/sync remembers in memory of components and registries between their turns; all of it can
 * be had again from specs, database and registry. */

#include "base/map.h"
#include "control/control.h"
#include "registry/registry.h"
#include "sync/poller.h"
#include "sync/turns.h"
#include "version/policy.h"

typedef struct Sync Sync;

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
        Turns backgrounds; /* passes that resolve the rest of their tags */
        bool used;         /* mark for the sweep after a reload */
} RegistryState;

typedef struct ComponentState {
        struct Poller *poller;
        Uuid id;                   /* the map's key; outlives models */
        const ComponentSpec *spec; /* of the current model, or of kept */
        Subject subject;           /* likewise */
        Model *kept; /* owns spec, which work in progress uses; NULL: the current model does */
        const char *repository; /* path within the registry */
        Arena arena;            /* for repository */
        RegistryState *registry;
        VersionPolicy *policy; /* made when first needed */
        SyncState state;
        bool state_known; /* state was read from the database, and what was assigned */
        size_t n_gone;    /* tags that are known and that the last list lacked */
        char assigned_digest[DIGEST_SIZE_MAX]; /* of all that was; "" if nothing was */
        char moves_digest[DIGEST_SIZE_MAX];    /* of all moves that were allowed; "" if none was */
        bool tags_are_mutable;                 /* versions follow their tags */
        struct Assigning *assigning;           /* under way (assign.c) */
        bool attempted;
        bool list_with_digests;           /* the last list said the digest of every tag */
        Sync *sync;                       /* under way */
        bool in_background;               /* its heads are committed, and it may be cut short */
        usec_t background_since;          /* monotonic */
        size_t n_pending;                 /* tags without a digest, after the last pass */
        bool has_place;                   /* one of registry->n_syncs */
        int64_t resolve_newest;           /* of the document, or of its registry; 0: all */
        bool again;                       /* asked for while under way */
        bool looked;                      /* likewise, by a hook: may wait a second */
        struct ComponentState *next_same; /* of the same repository (poll-index.c) */
        SyncWaiter *waiters;              /* who asked for a sync and waits (sync-wait.c) */
        bool force_refresh;               /* the next sync asks for every digest */
        bool waiting;                     /* in the registry's list */
        struct ComponentState *waiting_next;
        TurnItem turn;       /* of large_turns */
        TurnItem background; /* of registry->backgrounds */
        unsigned n_failures; /* in a row */
        bool is_empty;       /* the last sync went well, and left no version (sync-write.c) */
        usec_t succeeded_at; /* wall: of the last sync that went well; 0: none in this process */
        usec_t attempted_at; /* monotonic: end of the last sync by this spec, good or bad; 0: none
                              */
        bool rules_changed;  /* the stored versions were not made by spec's rules and all that is
                                known */
        usec_t hold_ends_at; /* wall: a held version becomes old enough; 0: none is held */
        Map flips;           /* tag -> Flip: went back to what they were (sync-flips.c) */
        bool flips_told;
        usec_t rechecked_at; /* monotonic: when due tags were last taken */
} ComponentState;

struct Poller {
        const Control *control;
        Map components;    /* id -> ComponentState */
        Map registries;    /* key -> RegistryState */
        Map by_repository; /* poll-index.c: registry id and repository -> first ComponentState */
        Arena index_arena; /* its keys */
        bool has_index;    /* by_repository is complete, and up to date */
        Turns large_turns; /* passes over very many tags: one at a time */
        size_t n_unusable, n_moved_tags, n_new_versions; /* since the start */
};

/* registries.c: a client for a component's registry, made when first needed. */
int registry_state_find(Poller *poller, const Model *model, const ComponentSpec *spec,
                        const char *host, RegistryState **ret, Error *err);
/* Frees those that no component uses. Their calls complete with ERROR_CANCELED. */
void registry_states_sweep(Poller *poller);
void registry_states_drop(Poller *poller);

/* components.c: takes the current copy of the document, once no work uses the kept one. */
void component_state_renew(ComponentState *component);

/* sync.c */
int sync_start(ComponentState *component, Error *err);

/* sync-state.c: reads the state of the last pass, unless it is known. */
int component_state_read(ComponentState *component, Error *err);

/* sync-stop.c */
/* A sync under way is given up, and one begins that knows what was assigned meanwhile. */
void sync_restart(ComponentState *component);
/* Ends the pass in the background; another one goes on from there. */
void sync_cut(ComponentState *component);
/* The same, and the next pass is due. It waits for the turn of large passes, and for a place in the
 * background, behind others. */
void sync_yield(ComponentState *component);
/* The same, for a pass that waits for a place in the background. The next pass is due when there is
 * one. */
void sync_wait(ComponentState *component);
Sync *sync_free(Sync *sync); /* cancels */
DEFINE_FREEP(Sync, sync_free)

void sync_flips_clear(ComponentState *component);

/* sync-wait.c */
void sync_waiters_restart(ComponentState *component);
void sync_waiters_tell(ComponentState *component, const Error *error);

/* assign.c */
void assignings_fail(ComponentState *component, const Error *error);

/* poll-index.c */
int poll_index_make(Poller *poller);

/* schedule.c: what happens after a sync, and when next. */
void schedule_after_sync(ComponentState *component, const Error *error);
void schedule_after_background(ComponentState *component);
usec_t component_interval(const ComponentState *component);
/* Polls the component at a monotonic time, or after the sync under way. */
void component_state_due(ComponentState *component, usec_t at);
/* Polls the component next, but never more often than once a second. */
void component_state_look(ComponentState *component);
/* Takes a place at the registry, and the turn of a large pass. False if the component waits. */
bool schedule_enter(ComponentState *component);
/* The component is not polled now: another gets its place. */
void schedule_skip(ComponentState *component);
/* Whether a pass over n tags may go on. If not, it must end, and begins again when it is its turn.
 */
bool schedule_take_turn(ComponentState *component, size_t n_listed);
/* The component no longer holds the turn of large passes, or waits for it. */
void schedule_leave_turn(ComponentState *component);
/* Returns true if the pass may go on in the background. Else it must end, and another one begins
 * when it is its turn. */
bool schedule_take_background(ComponentState *component);
/* The component no longer has a pass in the background, and does not wait for one. */
void schedule_leave_background(ComponentState *component);
/* The component gives its place at the registry, if it has one, to the next that waits. */
void schedule_leave(ComponentState *component);
/* True if its pass in the background has the turn of large ones, and another one waits for it. */
bool schedule_gives_way(const ComponentState *component);
/* True if its pass has been in the background for some time, and another component waits for the
 * turn of large passes or for a place in the background. */
bool schedule_must_yield(const ComponentState *component);
/* When the pass in the background may be cut short: it must get on, however often the component is
 * polled. Monotonic. */
usec_t schedule_cut_at(const ComponentState *component);
/* After a reload, which may have dropped components that had just got a place: fills the free ones.
 */
void schedule_let_in(Poller *poller);
