#pragma once

/* A branch of a repository that outputs push to, and its pull request. */

#include "forge/forge.h"
#include "git/git.h"
#include "publish/output.h"

/* An output in a push, by values that outlive the model. */
typedef struct PushedOutput {
        Uuid environment_id, promotion_id, release_id;
        size_t number; /* in the configuration */
        DeploymentStatus status;
        char lock_digest[DIGEST_SIZE_MAX];
        char release[NAME_MAX_ + 1]; /* its name */
} PushedOutput;

/* The pull request of a branch, as the last run found it. */
typedef struct PullRequest {
        HttpPool *pool; /* NULL: the branch has no pull request */
        ForgeRun *run;  /* NULL: none runs */
        bool is_known;  /* a run has ended since the start */
        ForgeState state;
        char *number, *url; /* NULL: there is none */
        char *problem;      /* of the last run; NULL: none */
        unsigned n_failures;
        Uuid environment_id, promotion_id, release_id; /* what the last run was for */
        char commit[GIT_COMMIT_MAX];                   /* that the branch had then */
        bool is_merged;                                /* the base has that release */
        char missing[GIT_COMMIT_MAX]; /* commit for which the forge had no branch; "": none */
} PullRequest;

struct Branch {
        Publisher *publisher;
        const OutputSpec *spec; /* the first output on the branch: how to reach it */
        GitPush *push;          /* NULL: none runs */
        PushedOutput *items;    /* outputs in the push */
        size_t n;
        bool one_by_one; /* the server refused several commits: it gets one at a time */
        bool is_missing; /* the last push found no branch, and its base has all bytes */
        PullRequest pull;
};

/* Returns the branch of an output; NULL: it is none. */
Branch *branch_of(const Publisher *publisher, const OutputSpec *spec);

/* output-pull.c */
int pull_init(Branch *branch, Error *err); /* no-op without a pull request */
void pull_done(Branch *branch);
/* Makes the pull request due if the last run was not for the deployment. */
void pull_want(const Branch *branch, const Deployment *deployment);
/* True if the release of the deployment was merged. */
bool pull_is_merged(const Branch *branch, const Deployment *deployment);
/* Makes the pull request due at a monotonic time; 0: now. No-op without one. */
void pull_add(const Branch *branch, usec_t at, const char *cause);
