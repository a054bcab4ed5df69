#pragma once

/* Publishes committed rows: writes lockfiles, links and outputs, and runs programs. relmand can
 * rewrite all files from the database at any time. Each file and output has its own key in the
 * queue (control/keys.h). So a failure does not delay other files, and relmand tries the failed
 * file again until it succeeds. */

#include "base/map.h"
#include "control/control.h"
#include "program/program-run.h"

/* The pause after a failure. It doubles with each failure in a row. */
#define PUBLISH_RETRY_MIN (5 * USEC_PER_SEC)
#define PUBLISH_RETRY_MAX (5 * USEC_PER_MIN)

typedef struct Branch Branch;
typedef struct Output Output;
typedef struct Sweep Sweep;

/* The result of the last attempt to write a file. */
typedef struct Published {
        Uuid promotion_id, release_id; /* ids of the deployment; "": no attempt yet */
        bool failed;
        usec_t at;     /* wall: when an attempt first had this result */
        char *problem; /* NULL: none, or there was no memory for it */
} Published;

/* The lockfile of an environment. */
typedef struct EnvironmentLock {
        struct Publisher *publisher;
        Uuid id;                       /* the map's key; outlives models */
        const EnvironmentSpec *spec;   /* document in the current model */
        Published files;               /* result of writing the files in the lock folder */
        Output *outputs;               /* one for each output of the configuration; NULL: none */
        char formats[DIGEST_SIZE_MAX]; /* digest of the document that was adopted last */
} EnvironmentLock;

typedef struct Publisher {
        const Control *control;
        Map environments;  /* id -> EnvironmentLock */
        Programs programs; /* the programs of outputs that run, and git */
        Branch *branches;  /* the branches of outputs (output-git.c) */
        size_t n_branches;
        Sweep *sweep;             /* state of the running sweep (sweep.c); NULL: none runs */
        bool sweep_again;         /* something was deleted since the sweep began */
        bool sweep_later;         /* the last sweep kept files that a later one may remove */
        unsigned n_sweeps_failed; /* number of failed sweeps in a row */
        size_t n_locks_written, n_locks_failed, n_outputs_failed; /* since the start */
} Publisher;

/* Call publisher_done() also after an error. */
int publisher_init(Publisher *publisher, const Control *control, Error *err);
void publisher_done(Publisher *publisher);

/* Fails if the lock folder cannot be used. */
int publisher_check_folder(const Publisher *publisher, Error *err);

/* Adopts the environments of a model that became active. */
int publisher_adopt(Publisher *publisher, const Model *model, Error *err);

/* KEY_LOCKS: adds the keys of everything that is published. Adds releases a page at a time. after:
 * id of the last release that was added; "" at the beginning. */
usec_t publisher_add_all(Publisher *publisher, const char *after);
void publisher_start(Publisher *publisher); /* adds KEY_LOCKS, whose handler adds all other keys */

/* KEY_RELEASE_LOCK: writes the lockfile of a live release, or removes the lockfile of an
 * archived release. */
usec_t publisher_reconcile_release(Publisher *publisher, const char *id);
/* KEY_STREAM_LINKS: makes LOCKS/<tenant>/streams/<name>/latest.lock.yaml and its other formats. */
usec_t publisher_reconcile_stream(Publisher *publisher, const char *id);
/* KEY_ENVIRONMENT_LOCK: writes the lockfile from the database, and makes the outputs due. If the
 * first promotion of the environment was canceled, removes the files. */
usec_t publisher_reconcile_environment(Publisher *publisher, const char *id);
/* KEY_OUTPUT: writes the file of an output, or runs its program. id: ENVIRONMENT/NUMBER. */
usec_t publisher_reconcile_output(Publisher *publisher, const char *id);
/* KEY_BRANCH: pushes the outputs on a branch of a Git repository that are due. id: its number. */
usec_t publisher_reconcile_branch(Publisher *publisher, const char *id);

/* KEY_PULL_REQUEST: brings the pull request of a branch up to date. id: number of the branch. */
usec_t publisher_reconcile_pull(Publisher *publisher, const char *id);

/* KEY_SWEEP: removes left-over files, some at each call. If a database was lost, valid files have
 * no rows. The callbacks protect those files. */
typedef struct PublisherSweep {
        /* True if a stream of the tenant may still make a release whose lockfile is already on
         * disk. The sweep then removes no lockfile of a release of that tenant. */
        bool (*awaits_release)(const void *userdata, const char *tenant);
        /* True if a draft of that name may use the lockfile on disk. The sweep then keeps the
         * file. */
        bool (*is_drafted)(const void *userdata, const char *tenant, const char *name);
        /* True if an inactive document, such as one with an error, may declare the object. name
         * NULL: any object of that kind. */
        bool (*may_be_declared)(const void *userdata, ObjectKind kind, const char *tenant,
                                const char *name);
        const void *userdata;
} PublisherSweep;
usec_t publisher_reconcile_sweep(Publisher *publisher, const PublisherSweep *input);
void publisher_sweep_soon(Publisher *publisher);

bool publisher_is_idle(const Publisher *publisher); /* no program runs */

/* Writes the lockfile and the outputs of an environment at once, if they are due. */
void publisher_publish_now(Publisher *publisher, const char *environment_id);

/* Returns whether the lockfile and the outputs of a deployment are written. On FILES_FAILED sets
 * *ret_problem, which is borrowed. */
FilesState publisher_files_state(const Publisher *publisher, const Deployment *deployment,
                                 const char **ret_problem);
