#pragma once

/* Records who requested what, when and from where, and the outcome. The row of an accepted command
 * is part of the transaction of the change. This row also makes a repeated request idempotent:
 * relmand finds the earlier result by tenant, principal and idempotency key. A refused or failed
 * command has a row without a key. */

#include "base/arena.h"
#include "base/time.h"
#include "model/object.h"

/* The properties of a changing request that are known before relmand executes it. */
typedef struct Actor {
        const char *tenant;    /* tenant of the request; idempotency keys of different tenants are
                                  independent */
        const char *principal; /* "uid:0", "token:ci" */
        const char *person;    /* the person behind the principal; NULL: not known */
        const char *origin;    /* "unix", "192.0.2.1" */
        const char *action;    /* "POST /api/v1/releases" */
        const char *release;   /* name of the release that the command is about; NULL: none */
        const char *idempotency_key; /* the client's key of this request; NULL: none */
        /* digest of the request, to recognize a repeated one; set if there is an idempotency key */
        const char *request_digest;
} Actor;

/* Copies an actor with all its texts into the arena. Returns 0 or -ENOMEM. */
int actor_copy(const Actor *actor, Arena *arena, Actor *ret);

typedef enum AuditOutcome {
        AUDIT_ACCEPTED,
        AUDIT_REFUSED, /* refused because of the caller's rights, the request or the state: HTTP 4xx
                        */
        AUDIT_FAILED,  /* relmand or a registry failed: HTTP 5xx, or relmand sent no answer */
        AUDIT_OUTCOME_MAX_,
} AuditOutcome;

const char *audit_outcome_to_string(AuditOutcome outcome);
int audit_outcome_from_string(const char *text, AuditOutcome *ret);

typedef struct AuditEntry {
        int64_t sequence; /* 0 until the store sets it */
        usec_t at;
        const char *tenant;
        Actor actor;
        ObjectKind kind; /* kind of the object */
        const char *object_id;
        const char *object_name;
        /* id of the object in the answer; NULL: the object that the command names */
        const char *result_id;
        AuditOutcome outcome;
        unsigned status;    /* status of the HTTP answer, unless accepted; 0: there was no answer */
        const char *detail; /* first line of the problem; if accepted, the reason that a person
                               gave; NULL: none */
} AuditEntry;

typedef struct AuditEntries {
        AuditEntry *items;
        size_t n;
} AuditEntries;
