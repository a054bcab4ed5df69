#pragma once

/* Writes files to a branch of a Git repository, by git(1) as child processes. One push brings any
 * number of commits:
 *
 *   LIST --> INIT --> [FETCH] --> [TREE --> READ] --> IMPORT --> COMPARE --> [SIGN] --> PUSH
 *     ^                                                 ^           |                    |
 *     |                                                 '-----------'                    '->
 * [CLEAN] |                                         some commits change nothing              |
 *     '------------------------------ the branch has moved ------------------------------'
 *
 * LIST asks the server for the commit of the branch. FETCH gets that commit, without its history.
 * TREE and READ get the files that commits change. IMPORT writes the commits to a bare repository,
 * the cache. COMPARE finds commits without a change, which are skipped. SIGN makes each commit
 * again with a signature, because git fast-import cannot sign. PUSH moves the branch only if it is
 * still at the listed commit. Nothing is lost with the cache: if a step fails in it, the next push
 * makes it again. */

#include "base/arena.h"
#include "program/program-run.h"

/* How to reach a branch. */
typedef struct GitRemote {
        const char *url, *branch;
        const char *base;        /* branch at which a missing branch begins; NULL: none */
        const char *cache;       /* folder of the cache, only for this branch; made if missing */
        const char *password;    /* https: USER:PASSWORD; NULL: none. Never in arguments */
        const char *key_file;    /* ssh: file with the private key; NULL: none */
        const char *known_hosts; /* ssh: file with the keys of servers */
        const char *ca_file;     /* https: certificates to trust; NULL: those of the system */
        const char *signing_key; /* file with an SSH key that signs the commits; NULL: unsigned */
        usec_t timeout;          /* of each step */
} GitRemote;

typedef struct GitFile GitFile;
/* Makes the bytes of a file from those that it has on the branch: sets data and size of the file,
 * in the arena. Its failure is the problem of the commit. */
typedef int (*GitChange)(GitFile *file, const GitFile *old, Arena *arena, Error *err);

struct GitFile {
        const char *path; /* in the repository; git_path_is_valid() */
        const char *data; /* NULL: the file is deleted, if it exists */
        size_t size;
        bool is_executable;
        GitChange change; /* NULL: data and size are given */
        void *userdata;   /* of change */
};

/* One commit. The same commit on the same parent has the same id. */
typedef struct GitCommit {
        const char *message;
        const char *author; /* "NAME <EMAIL>", also the committer */
        usec_t at;          /* wall */
        GitFile *files;
        size_t n_files;
        const char *problem; /* set by the push: why change() failed; the others go on without this
                              * commit. NULL: none */
} GitCommit;

typedef struct GitCommits {
        GitCommit *items;
        size_t n;
} GitCommits;

/* GIT_COMMIT_MAX: size of a commit's id with its NUL, of SHA-256 too. */
#define GIT_COMMIT_MAX 65

typedef struct GitPush GitPush;

/* Called once, after the push has started; frees it afterwards. commit: the commit that the branch
 * has now. changed: false if the branch had all bytes already. commits: as in the plan, with their
 * problems; n is 0 if the push did not start. The error is NULL on success. Its kind is
 * ERROR_UNREACHABLE if the server did not answer, ERROR_DENIED if it refused, ERROR_INVALID if the
 * commits are too large together. */
typedef struct GitPushEnd {
        const char *commit;
        bool changed;
        bool is_missing; /* there is no branch: its base has all bytes */
        GitCommits commits;
        const Error *error;
} GitPushEnd;
typedef void (*GitPushDone)(const GitPushEnd *end, void *userdata);

typedef struct GitPushPlan {
        Programs *programs;
        GitRemote remote;
        GitCommits commits; /* at least one */
        GitPushDone done;
        void *userdata;
} GitPushPlan;

/* Starts a push. The arena has all texts of the plan that do not live as long as the push; the push
 * takes it, and leaves {0}. On failure the caller keeps it. */
int git_push_start(const GitPushPlan *plan, Arena *arena, GitPush **ret, Error *err);
/* Ends a push without a call of done. Safe on NULL; returns NULL. */
GitPush *git_push_cancel(GitPush *push);
