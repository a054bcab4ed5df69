#pragma once

/* Conditions, events and the audit: what is told of objects, and who asked for it. */

#include "store/store.h"

int store_conditions(Store *store, ObjectKind kind, const char *object_id, Arena *arena,
                     Conditions *ret, Error *err);
/* Conditions that are not as they should be, of all tenants, newest first. */
typedef struct Trouble {
        ObjectKind kind;
        const char *object_id;
        const char *release, *release_tenant; /* names; NULL: it is none, or an archived one */
        Condition condition;
} Trouble;
typedef struct Troubles {
        Trouble *items;
        size_t n;
} Troubles;
int store_troubles(Store *store, size_t limit, Arena *arena, Troubles *ret, Error *err);
/* Environments that are on hold or run a deprecated release, of all tenants, newest first. */
int store_notices(Store *store, size_t limit, Arena *arena, Troubles *ret, Error *err);
/* Events after a sequence, oldest first. */
int store_events(Store *store, int64_t after, size_t limit, Arena *arena, Events *ret, Error *err);

typedef struct EventFilter {
        int64_t after; /* a sequence */
        size_t limit;
        bool newest; /* the last of them, in place of the first; oldest first too */
        /* The rest narrows it; 0 or NULL: any. */
        int64_t until;     /* the last sequence to look at */
        usec_t since;      /* at this time or later */
        const char *types; /* of events only: ",release.ready,release.deployed," */
        const char *kind;  /* of events only, as object_kind_to_string() gives it; with name */
        const char *name;
} EventFilter;
int store_tenant_events(Store *store, const char *tenant, const EventFilter *filter, Arena *arena,
                        Events *ret, Error *err);

/* --- audit -------------------------------------------------------------------------------------
 */

/* Entries after a sequence, oldest first. */
int store_audit(Store *store, const char *tenant, const EventFilter *filter, Arena *arena,
                AuditEntries *ret, Error *err);
/* 0 before the first. */
int store_last_audit(Store *store, int64_t *ret, Error *err);
/* What a principal did with a key: 1 if it used it, 0 if not. */
int store_audit_by_key(Store *store, const Actor *actor, Arena *arena, AuditEntry *ret, Error *err);

/* --- receivers ---------------------------------------------------------------------------------
 */

/* 1 if it is known, 0 if it is new. */
int store_receiver(Store *store, const char *name, Arena *arena, ReceiverState *ret, Error *err);
typedef struct DeadLetters {
        DeadLetter *items;
        size_t n;
} DeadLetters;
int store_dead_letters(Store *store, const char *receiver, size_t limit, Arena *arena,
                       DeadLetters *ret, Error *err);
/* The sequence of an event: 1 if there is one of this id. */
int store_event_sequence(Store *store, const char *id, int64_t *ret, Error *err);

/* Told after every commit that added events; may be deep in something, so it only takes note. The
 * watch is the caller's, and stays until it is taken back. */
typedef struct EventWatch {
        void (*added)(void *userdata);
        void *userdata;
        struct EventWatch *next;
} EventWatch;
void store_watch_events(Store *store, EventWatch *watch);
void store_unwatch_events(Store *store, EventWatch *watch);
/* 0 before the first. */
int store_last_event(Store *store, int64_t *ret, Error *err);
