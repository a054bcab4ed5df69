#pragma once

/* The signed statement about a lockfile (lockfiles.md): an in-toto statement whose subjects are the
 * lockfile itself and all digests in it. */

#include "lock/lock.h"
#include "model/schema/json-writer.h"
#include "trust/key.h"
#include "trust/statement.h"

#define LOCK_STATEMENT_SUFFIX         ".lock.intoto.json"
#define LOCK_STATEMENT_PREDICATE_TYPE "urn:relman:lock:v1"

/* Writes the statement about a native lockfile, which is the payload of an envelope. data: the
 * bytes of the lockfile that has the content of lock. lock->lock_digest must be set. The same
 * lockfile always gives the same bytes. */
int lock_statement_write(const Lock *lock, const char *data, size_t size, Buffer *out, Error *err);

/* Writes the members _type and subject of a statement about the lockfile: the file itself, and all
 * digests in it. */
void lock_statement_subjects(Json *json, const Lock *lock, const char *data, size_t size);

/* A lockfile whose statement is verified. */
typedef struct SignedLock {
        const char *path;
        const char *data; /* its bytes */
        size_t size;
        const Lock *lock; /* the lock that data contains */
        const TrustKeys *keys;
} SignedLock;

/* Verifies that one of the keys has signed the text of an envelope, and that its statement is about
 * this lockfile: its first subject is the bytes of the file, its predicate has the digest of the
 * lock, and all digests of the lock are subjects. Sets *ret_key to the key. ERROR_HOSTILE: no key
 * has signed it, or it is about something else. */
int lock_statement_verify(const SignedLock *item, const char *text, size_t size, Arena *arena,
                          const TrustKey **ret_key, Error *err);

/* Returns true if the text is an envelope with a statement about a lockfile. Does not verify
 * signatures. */
bool lock_statement_is_ours(const char *text, size_t size);
