#pragma once

/* Queries about conditions, events, the audit log and receivers. */

#include "store/store.h"

int store_conditions(Store *store, ObjectKind kind, const char *object_id, Arena *arena,
                     Conditions *ret, Error *err);
/* A condition and its object. */
typedef struct Trouble {
        ObjectKind kind;
        const char *object_id;
        const char *release, *release_tenant; /* names; NULL: not a release */
        Condition condition;
} Trouble;
typedef struct Troubles {
        Trouble *items;
        size_t n;
} Troubles;
typedef struct TroubleFilter {
        const char *tenant; /* NULL: all tenants */
        size_t limit;
} TroubleFilter;
/* Reads problems, newest first. Skips archived releases. */
int store_troubles(Store *store, const TroubleFilter *filter, Arena *arena, Troubles *ret,
                   Error *err);
/* Reads conditions that are not problems, newest first:
 * - environments that are on hold or run a deprecated release;
 * - components with versions that are too young or being resolved. */
int store_notices(Store *store, const TroubleFilter *filter, Arena *arena, Troubles *ret,
                  Error *err);
/* Reads events after a sequence, oldest first. */
int store_events(Store *store, int64_t after, size_t limit, Arena *arena, Events *ret, Error *err);

typedef struct EventFilter {
        int64_t after; /* only events after this sequence */
        size_t limit;
        /* read the newest entries instead of the oldest; the result is sorted oldest first in both
         * cases */
        bool newest;
        /* Filters; 0 or NULL: any value. */
        int64_t until;     /* the last sequence to read */
        usec_t since;      /* only events at this time or later */
        const char *types; /* events only: ",release.ready,release.deployed," */
        const char *kind;  /* text of object_kind_to_string(); used with name */
        const char *name;
} EventFilter;
int store_tenant_events(Store *store, const char *tenant, const EventFilter *filter, Arena *arena,
                        Events *ret, Error *err);
/* Returns 1 if events before filter->after may match too, 0 if not. */
int store_has_events_before(Store *store, const EventFilter *filter, Error *err);

/* --- audit log -------------------------------------------------------------------------------- */

/* Reads entries after a sequence, oldest first. */
int store_audit(Store *store, const char *tenant, const EventFilter *filter, Arena *arena,
                AuditEntries *ret, Error *err);
/* Sets *ret to the sequence of the newest entry; 0 if there is none. */
int store_last_audit(Store *store, int64_t *ret, Error *err);
/* Returns 1 if entries before filter->after may match too, 0 if not. */
int store_has_audit_before(Store *store, const EventFilter *filter, Error *err);
/* Reads the command that a principal sent with an idempotency key. Returns 1 if there is one, 0 if
 * not. */
int store_audit_by_key(Store *store, const Actor *actor, Arena *arena, AuditEntry *ret, Error *err);
/* Counts the refused and failed commands of a principal since a time. Considers only the newest
 * entries. */
int store_count_unaccepted(Store *store, const char *principal, usec_t since, int64_t *ret,
                           Error *err);

/* --- receivers -------------------------------------------------------------------------------- */

/* Reads the state of a receiver. Returns 1 if the receiver is known, 0 if it is new. */
int store_receiver(Store *store, const char *name, Arena *arena, ReceiverState *ret, Error *err);
typedef struct DeadLetters {
        DeadLetter *items;
        size_t n;
} DeadLetters;
int store_dead_letters(Store *store, const char *receiver, size_t limit, Arena *arena,
                       DeadLetters *ret, Error *err);
/* Sets *ret to the sequence of the event with this id. Returns 1 if the event exists, 0 if not. */
int store_event_sequence(Store *store, const char *id, int64_t *ret, Error *err);

/* Functions that are called after a commit. They must only set flags, because the caller may be
 * inside another function of the store. Each may be NULL. The caller of store_watch_events() owns
 * the watch and must keep it until store_unwatch_events(). */
typedef struct EventWatch {
        void (*added)(void *userdata); /* events were added */
        /* the release of an environment, or the status of a release, changed */
        void (*deployed)(void *userdata);
        void *userdata;
        struct EventWatch *next;
} EventWatch;
void store_watch_events(Store *store, EventWatch *watch);
void store_unwatch_events(Store *store, EventWatch *watch);
/* Sets *ret to the sequence of the newest event; 0 if there is none. */
int store_last_event(Store *store, int64_t *ret, Error *err);
