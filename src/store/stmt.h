#pragma once

/* SQLite as store's own files see it: statements prepared once and kept, values bound by name (an
 * unknown name is a fault of ours and stops the program), rows read in order of their columns.
 *
 * A statement is a number: StmtId indexes the table of SQL texts in stmt.c, so that a test can ask
 * the plan of every one. */

#include <sqlite3.h>
#include <sys/types.h>

#include "base/arena.h"
#include "store/backup.h"
#include "store/events.h"

/* clang-format off */
typedef enum StmtId {
        STMT_BEGIN, STMT_COMMIT, STMT_ROLLBACK,
        STMT_PUT_TENANT, STMT_PUT_USER, STMT_PUT_STREAM, STMT_PUT_ENVIRONMENT, STMT_DELETE_STREAM,
        STMT_DELETE_ENVIRONMENT, STMT_DECLARE_STREAM, STMT_DECLARE_ENVIRONMENT, STMT_PUT_DEPLOYMENT,
        STMT_ADD_HISTORY, STMT_DELETE_DEPLOYMENT, STMT_PUT_HOLD, STMT_DELETE_HOLD, STMT_ADD_APPROVAL, STMT_PUT_RECEIVER, STMT_FORGET_DEAD_LETTERS,
        STMT_ADD_DEAD_LETTER, STMT_PRUNE_EVENTS, STMT_RECEIVER, STMT_DEAD_LETTERS, STMT_EVENT_BY_ID, STMT_PUT_OUTPUT_RUN,
        STMT_PUT_INTEGRATION, STMT_PUT_COMPONENT, STMT_PUT_RELEASE, STMT_PUT_RELEASE_COMPONENT,
        STMT_DELETE_RELEASE_COMPONENTS,
        STMT_DELETE_INTEGRATION, STMT_DELETE_COMPONENT, STMT_DELETE_RELEASE, STMT_DELETE_CONDITIONS,
        STMT_DECLARE_INTEGRATION, STMT_DECLARE_COMPONENT, STMT_DECLARE_RELEASE, STMT_SET_STATUS,
        STMT_PUT_TAG, STMT_PUT_TAG_HISTORY, STMT_PUT_VERSION, STMT_DELETE_VERSION,
        STMT_PUT_CHANNEL, STMT_DELETE_CHANNEL, STMT_PUT_SYNC, STMT_PUT_MANIFEST,
        STMT_PUT_DRIFT, STMT_DELETE_DRIFT, STMT_SET_CONDITION, STMT_CLEAR_CONDITION, STMT_ADD_EVENT,
        STMT_PUT_ASSIGNMENT, STMT_DELETE_ASSIGNMENT, STMT_ASSIGNMENTS, STMT_ADD_AUDIT, STMT_AUDIT, STMT_AUDIT_BY_KEY,
        STMT_VERSION_BY_ID,
        STMT_TENANT, STMT_TENANTS, STMT_TIMES_INTEGRATION, STMT_TIMES_COMPONENT, STMT_TIMES_STREAM,
        STMT_TIMES_ENVIRONMENT, STMT_PAGE_TIMES_INTEGRATION, STMT_PAGE_TIMES_COMPONENT, STMT_PAGE_TIMES_STREAM,
        STMT_PAGE_TIMES_ENVIRONMENT, STMT_PAGE_CHANNELS, STMT_PAGE_CONDITIONS, STMT_PAGE_DEPLOYMENTS, STMT_PAGE_HOLDS,
        STMT_OBJECTS, STMT_DOCUMENT_INTEGRATION, STMT_DOCUMENT_COMPONENT, STMT_DOCUMENT_RELEASE,
        STMT_SYNC_STATE, STMT_TAGS, STMT_TAGS_AFTER, STMT_TAG, STMT_DUE_TAGS, STMT_TAG_HISTORY, STMT_CHANNELS, STMT_DRIFT,
        STMT_VERSIONS, STMT_VERSIONS_AFTER, STMT_VERSIONS_CHANNEL, STMT_VERSIONS_DIGEST, STMT_VERSIONS_TAG, STMT_MANIFEST,
        STMT_MANIFESTS, STMT_USED_DIGESTS,
        STMT_LIVE_TAGS, STMT_RELEASE, STMT_LIVE_RELEASES, STMT_RELEASES_WITH_DIGEST,
        STMT_DOCUMENT_STREAM, STMT_DOCUMENT_ENVIRONMENT, STMT_DEPLOYMENT, STMT_DEPLOYMENTS,
        STMT_DEPLOYMENTS_OF, STMT_HISTORY, STMT_HISTORY_AT, STMT_HISTORY_OF_RELEASE, STMT_WAS_DEPLOYED, STMT_FAILURE,
        STMT_HOLD, STMT_APPROVALS, STMT_ENVIRONMENT_APPROVALS, STMT_OUTPUT_RUN, STMT_STREAM_NEWEST, STMT_STREAM_CANDIDATES, STMT_STREAM_OLD,
        STMT_RELEASE_USE, STMT_RELEASE_COUNTS, STMT_RELEASES_OF_COMPONENT, STMT_RELEASE_BY_NAME,
        STMT_SEARCH_ALL, STMT_SEARCH_ALL_COUNT, STMT_SEARCH_ALL_BACK, STMT_SEARCH, STMT_SEARCH_COUNT, STMT_SEARCH_STATUS, STMT_SEARCH_STATUS_COUNT,
        STMT_SEARCH_COMPONENT, STMT_SEARCH_COMPONENT_COUNT, STMT_SEARCH_DIGEST,
        STMT_SEARCH_DIGEST_COUNT,
        STMT_CONDITIONS, STMT_EVENTS, STMT_LAST_EVENT, STMT_TROUBLES, STMT_DRIFT_COUNTS, STMT_TENANT_EVENTS, STMT_PROBE,
        STMT_MAX_,
} StmtId;
/* clang-format on */

/* The database, its write-ahead log (-wal) and the index of that (-shm). */
#define STORE_FILES 3

typedef struct StoreFile {
        dev_t device;
        ino_t inode; /* 0: none */
} StoreFile;

struct Store {
        sqlite3 *db;
        char *path;
        char *notice; /* what people must be told of its opening; NULL: nothing */
        int lock_fd;
        bool is_backup; /* a copy of one, that is looked over before it is restored */
        sqlite3_stmt *statements[STMT_MAX_];
        StoreStats stats;
        EventWatch *watches;
        StoreTrouble trouble;
        StoreWatch watch;
        StoreBackup *backups; /* under way */
        int pending;          /* cause of doubt that is seen to before the next use; 0: none */
        unsigned n_in_use;    /* statements */
        int doubt;            /* why it was opened anew since the last commit; 0: it was not */
        Error lost;           /* why it cannot be used any more */
        StoreFile files[STORE_FILES]; /* that are open; none for a reader */
        bool is_stuck;                /* a transaction failed, and could not even be rolled back */
};

const char *stmt_sql(StmtId id);

/* A statement in use: reset and unbound when it goes out of scope. */
typedef struct Stmt {
        Store *store;
        sqlite3_stmt *stmt;
        int bound;  /* parameter that was bound last */
        int column; /* next to be read */
        int failed; /* a binding could not be made: told by stmt_step() */
} Stmt;

int stmt_get(Store *store, StmtId id, Stmt *ret, Error *err);
void stmt_done(Stmt *stmt);

void bind_text(Stmt *stmt, const char *name,
               const char *text); /* NULL binds NULL; borrowed until stmt_done */
void bind_int(Stmt *stmt, const char *name, int64_t value);
void bind_blob(Stmt *stmt, const char *name, SortKey key);
void bind_time(Stmt *stmt, const char *name, usec_t wall); /* RFC 3339; copied */

/* 1: a row, 0: the end. */
int stmt_step(Stmt *stmt, Error *err);

/* For a statement that returns no rows. */
int stmt_run(Stmt *stmt, Error *err);

/* The next column. Text and keys are copied to the arena; NULL if the column is, or memory ran out:
 * then stmt->failed is set, and the reader's caller checks it once a row. */
const char *read_text(Stmt *stmt, Arena *arena);
const char *read_static(Stmt *stmt); /* valid until the next step; never NULL */
int64_t read_int(Stmt *stmt);
usec_t read_time(Stmt *stmt);
SortKey read_key(Stmt *stmt, Arena *arena);

/* Those under way read through a connection that is closed now: they fail. */
void store_backups_end(Store *store);

/* An Error for what SQLite says now. */
int store_error(Store *store, int sqlite_code, Error *err);
/* -EBADMSG: what is in the database cannot be. */
int store_damaged(const Store *store, const char *what, Error *err);
