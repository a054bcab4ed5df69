#pragma once

/* Fetches a commit of a branch, without its history, and reads files of its tree from the object
 * database. Nothing is checked out.
 *
 *   LIST --> INIT --> FETCH --> RESOLVE --> [KEYS] --> [VERIFY] --> FILES --> [READ ...] --> CLEAN
 *     |                 ^                                 ^
 *     '--> end          |                    from the cache: RESOLVE --> FILES
 *   the branch has      '-- WIPE, if the cache is damaged
 *   the known commit
 *
 * LIST asks the server for the commit of the branch. VERIFY checks the signature of the commit.
 * FILES lists the files below a path, and the caller chooses those to READ. READ is one process for
 * as many files as have GIT_READ_MAX bytes together. The cache is removed and made again only if it
 * does not have the commit of good commit any more. */

#include "git/git.h"

/* The refs of the last commit that the caller took, and of the last one with a checked signature.
 * They protect the objects of these commits. */
#define GIT_GOOD_REF   "refs/relman/good"
#define GIT_SIGNED_REF "refs/relman/signed"
/* bytes of files that one process reads */
#define GIT_READ_MAX ((size_t)16 * 1024 * 1024)

typedef enum GitEntryType {
        GIT_ENTRY_FILE,
        GIT_ENTRY_LINK,
        GIT_ENTRY_SUBMODULE,
} GitEntryType;

/* A file, a link or a submodule in the tree of a commit. */
typedef struct GitEntry {
        const char *path; /* in the repository; any bytes */
        GitEntryType type;
        const char *id;
        uint64_t size; /* of a file */
} GitEntry;

/* The keys that may sign the commits. If all are NULL, signatures are not checked. */
typedef struct GitVerify {
        const char *ssh_signers; /* file as ssh-keygen(1) describes for allowed signers */
        const char *ssh_revoked; /* file with revoked keys; NULL: none */
        const char *gpg_keys;    /* file with OpenPGP keys */
} GitVerify;

/* True if signatures are checked. */
static inline bool git_verifies(const GitVerify *verify)
{
        return verify->ssh_signers || verify->gpg_keys;
}

typedef enum GitFetchResult {
        GIT_FETCH_READ,       /* the files were read */
        GIT_FETCH_SAME,       /* the branch is at the known commit */
        GIT_FETCH_FAILED,     /* the server or a command failed; the branch may be unchanged */
        GIT_FETCH_NO_BRANCH,  /* the server does not have the branch */
        GIT_FETCH_NO_PATH,    /* the commit does not have the path */
        GIT_FETCH_UNVERIFIED, /* the commit lacks a valid signature */
} GitFetchResult;

/* commit: the commit that the result is about; "": none. error: NULL on success. */
typedef struct GitFetchEnd {
        GitFetchResult result;
        const char *commit;
        const Error *error;
} GitFetchEnd;

typedef struct GitFetch GitFetch;

typedef struct GitFetchCalls {
        /* A commit follows, and its entries. Forgets entries of an earlier one. */
        int (*begin)(const char *commit, void *userdata);
        /* Called for each entry below the path. Returns a positive number if its bytes are needed,
         * 0 if not. */
        int (*found)(const GitEntry *entry, void *userdata);
        /* Takes the bytes of the entry for which found() returned the number. */
        int (*read)(int number, const char *data, size_t size, void *userdata);
        /* Called once, after the fetch has started; frees it afterwards. */
        void (*done)(const GitFetchEnd *end, void *userdata);
} GitFetchCalls;

typedef struct GitFetchPlan {
        Programs *programs;
        GitRemote remote;
        GitVerify verify;
        const char *path;  /* in the repository; NULL: all */
        const char *known; /* nothing is fetched if the branch has this commit; "": none */
        bool from_cache;   /* read the last good commit instead; the server is not asked */
        const GitFetchCalls *calls;
        void *userdata;
} GitFetchPlan;

/* Starts a fetch. The arena has all texts of the plan that do not live as long as the fetch; the
 * fetch takes it, and leaves {0}. On failure the caller keeps it. A cache has one fetch at a
 * time. */
int git_fetch_start(const GitFetchPlan *plan, Arena *arena, GitFetch **ret, Error *err);
/* Ends a fetch without a call of done. Safe on NULL; returns NULL. */
GitFetch *git_fetch_cancel(GitFetch *fetch);

/* Makes a commit the last good one of a cache. */
int git_cache_keep(const char *cache, const GitVerify *verify, const char *commit, Error *err);
