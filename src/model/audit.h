#pragma once

/* Who asked for what, when, and from where: a row in the transaction of what was done. It is also
 * what makes a repeated request the same one: a key that a principal used in a tenant leads to
 * its result. */

#include "base/arena.h"
#include "base/time.h"
#include "model/object.h"

/* A request that alters something, as far as it is known before it is carried out. */
typedef struct Actor {
        const char *tenant;    /* that the request is about: its keys are apart from others' */
        const char *principal; /* "uid:0", "token:ci" */
        const char *person;    /* whose principal it is (approvals); NULL: not asked for */
        const char *origin;    /* "unix", "192.0.2.1" */
        const char *action;    /* "POST /api/v1/releases" */
        const char *idempotency_key; /* NULL: none */
        const char *request_digest;  /* of all that makes requests the same; with a key */
} Actor;

/* A copy with all its texts, in the arena. -ENOMEM. */
int actor_copy(const Actor *actor, Arena *arena, Actor *ret);

typedef struct AuditEntry {
        int64_t sequence; /* given by the store; 0 before */
        usec_t at;
        const char *tenant;
        Actor actor;
        ObjectKind kind; /* of what it was about */
        const char *object_id;
        const char *object_name;
        const char *result_id; /* of what the answer showed, if that is another; NULL */
} AuditEntry;

typedef struct AuditEntries {
        AuditEntry *items;
        size_t n;
} AuditEntries;
