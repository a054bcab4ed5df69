#pragma once

/* Specs in a Git repository: fetches commits of the branch, and makes a load of each.
 *
 *   timer, webhook, reload --> fetch --> next --load begins--> source of the tree --adopted-->
 * active
 *                                                                     |
 *                                                                     '--refused--> before is the
 *                                                                                   source again
 *
 * The commit that is active stays so until another one was fetched, verified, and loaded without
 * an error. The cache remembers it, so that a restart needs no server. */

#include "git/fetch.h"
#include "model/specs-git.h"
#include "reconcile/internal.h"
#include "spec/commit.h"

/* Why the newest commit is not active, or not known. */
typedef struct GitProblem {
        const char *reason; /* NULL: none */
        char *message;
        char commit[GIT_HEAD_SIZE]; /* "": the server or its branch has the problem */
        usec_t since;               /* wall */
} GitProblem;

typedef struct GitSpecs {
        Reconciler *reconciler;
        void (*load)(Reconciler *reconciler);
        const SpecsGit *spec;
        Programs programs;
        GitFetch *fetch;     /* NULL: none runs */
        SpecSource *fetched; /* the commit that the fetch reads */
        SpecSource *next;    /* becomes the source of the tree when a load begins */
        SpecSource *before;  /* the source of the active model, while the tree has another one */
        sd_event_source *timer;
        bool again;         /* another fetch was requested, and starts when this one has ended */
        bool loads;         /* a reload waits for the fetch */
        int result;         /* of the last fetch; 0, or why it failed */
        bool is_from_cache; /* the last commit was read from the cache */
        bool has_good;      /* a commit without errors was active, also before the start */
        char active[GIT_HEAD_SIZE]; /* "": none */
        GitProblem problem;
        usec_t fetched_at, succeeded_at; /* wall */
        uint64_t n_failures;
} GitSpecs;

/* load: starts a load. */
int git_specs_new(Reconciler *reconciler, void (*load)(Reconciler *reconciler), GitSpecs **ret,
                  Error *err);
GitSpecs *git_specs_free(GitSpecs *git); /* safe on NULL */

/* Gets the commit of the first load, and waits for it: the last good commit of the cache if there
 * is one, otherwise the commit of the branch. */
int git_specs_start(GitSpecs *git, Error *err);
/* Asks the server if git_specs_start() did not, and waits for the answer. Returns 1 if there is a
 * new commit to load. */
int git_specs_fetch_once(GitSpecs *git);
/* Starts to fetch in the event loop: at once if the first commit was that of the cache. */
int git_specs_run(GitSpecs *git, Error *err);

/* Fetches, and loads the commit if it is new. loads: loads the specs in any case. */
void git_specs_fetch(GitSpecs *git, bool loads);
/* True while a reload waits for a fetch. Safe on NULL. */
bool git_specs_is_reloading(const GitSpecs *git);

/* A load begins: makes the commit that was fetched the source of the tree. */
void git_specs_take_next(GitSpecs *git);
/* The commit of the tree is active. */
void git_specs_adopted(GitSpecs *git);
/* The commit of the tree has errors. */
void git_specs_refused(GitSpecs *git, const Error *error);
/* Returns the commit of the tree; "": it has none. */
const char *git_specs_commit(const GitSpecs *git);
/* Copies it; "" if git is NULL. */
void git_specs_copy_commit(const GitSpecs *git, char ret[GIT_HEAD_SIZE]);
