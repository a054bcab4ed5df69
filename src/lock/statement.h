#pragma once

/* The signed statement about a lockfile (lockfiles.md): an in-toto statement whose subjects are the
 * lockfile itself and all digests in it. */

#include "lock/lock.h"
#include "trust/statement.h"

#define LOCK_STATEMENT_SUFFIX         ".lock.intoto.json"
#define LOCK_STATEMENT_PREDICATE_TYPE "urn:relman:lock:v1"

/* Writes the statement about a native lockfile, which is the payload of an envelope. data: the
 * bytes of the lockfile that has the content of lock. lock->lock_digest must be set. The same
 * lockfile always gives the same bytes. */
int lock_statement_write(const Lock *lock, const char *data, size_t size, Buffer *out, Error *err);

/* Checks that a statement is about this lockfile: its predicate type, and that its subjects include
 * the bytes of the file and all its digests. ERROR_HOSTILE: the statement is about something
 * else. */
int lock_statement_check(const Statement *statement, const Lock *lock, const char *data,
                         size_t size, Error *err);

/* Returns true if the text is an envelope with a statement about a lockfile. Does not verify
 * signatures. */
bool lock_statement_is_ours(const char *text, size_t size);
