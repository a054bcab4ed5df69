#pragma once

/* The steps of a push or a fetch: which command each one runs. */

#include "git/change.h"
#include "git/fetch.h"

typedef enum GitStep {
        GIT_LIST,    /* ask the server for the commit of the branch */
        GIT_INIT,    /* make the cache */
        GIT_FETCH,   /* get the commit of the branch */
        GIT_TREE,    /* find the files that commits change */
        GIT_READ,    /* get the bytes of files */
        GIT_IMPORT,  /* write the commits */
        GIT_COMPARE, /* get the ids of the commits and their trees */
        GIT_SIGN,    /* make a commit with a signature */
        GIT_PUSH,    /* move the branch */
        GIT_CLEAN,   /* pack the cache, if it has many objects */
        GIT_WIPE,    /* remove the cache */
        GIT_RESOLVE, /* get the id of a commit in the cache */
        GIT_CHECK,   /* check that the cache has all objects of a commit */
        GIT_KEYS,    /* make a keyring of the keys that may sign */
        GIT_VERIFY,  /* check the signature of a commit */
        GIT_FILES,   /* list the files of a commit */
        GIT_STEP_MAX_,
} GitStep;

/* The ref of the fetched commit in the cache. */
#define GIT_BASE_REF "refs/relman/base"

/* The ref of the newest commit that git fast-import made. */
#define GIT_LAST_REF "refs/relman/new/last"

/* Values on which the command of a step depends, besides the remote. */
typedef struct GitStepInput {
        const char *format;       /* GIT_INIT: "sha1", "sha256" */
        const char *source;       /* GIT_FETCH: the branch; NULL: that of the remote */
        const BranchFiles *files; /* GIT_TREE */
        const char *parent;       /* GIT_COMPARE: the commit before the first new one; "": none */
        size_t n_commits;         /* GIT_COMPARE */
        const bool *skip;         /* GIT_COMPARE: skipped commits */
        const GitCommit *commit;  /* GIT_SIGN; NULL in other steps */
        size_t number;            /* GIT_SIGN: of the commit in the push */
        const char *before;       /* GIT_SIGN: its parent; "": none */
        const char *last;         /* GIT_PUSH: id or ref of the newest commit */
        const char *lease;       /* GIT_PUSH: the branch is at this commit; "": it does not exist */
        const char *revision;    /* GIT_RESOLVE, GIT_CHECK: a ref of the cache */
        const char *id;          /* GIT_VERIFY, GIT_FILES: of the commit */
        const char *path;        /* GIT_FILES; NULL: all */
        const GitVerify *verify; /* GIT_KEYS, GIT_VERIFY; NULL in a push */
} GitStepInput;

/* Make the arguments and the environment of the step's command. NULL: no memory. */
const char **git_step_arguments(GitStep step, const GitRemote *remote, const GitStepInput *input,
                                Arena *arena);
const char **git_step_environment(const GitRemote *remote, const GitStepInput *input, Arena *arena);

/* Returns the folder of gpg(1) in the cache. NULL: no memory. */
const char *git_keyring(const GitRemote *remote, Arena *arena);

/* The command of the step in messages, such as "git push". */
const char *git_step_name(GitStep step);
