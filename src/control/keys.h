#pragma once

/* The kinds of keys in the queue (queue/queue.h), with the controllers that handle them. */

typedef enum ControlKey {
        KEY_SPECS,        /* id "": load the specs again */
        KEY_COMPONENT,    /* sync: poll a component */
        KEY_POLLED,       /* compose: a poll of the component ended, successful or not */
        KEY_STREAM,       /* compose: evaluate a stream */
        KEY_DRAFT,        /* compose: resolve a draft if its components were polled */
        KEY_ENVIRONMENT,  /* deploy: choose the release of an environment */
        KEY_ROLLBACK,     /* deploy: check whether an environment can be rolled back; id "": all
                             environments */
        KEY_CHECKS,       /* checks: start and end the checks that relmand runs in an environment */
        KEY_LOCKS,        /* publish: compare all published files with the database, starting at the
                             release with this id; "": at the first release */
        KEY_RELEASE_LOCK, /* publish: write or remove the lockfile of a release */
        KEY_STREAM_LINKS, /* publish: make the links to a stream's newest release */
        KEY_ENVIRONMENT_LOCK, /* publish: write the lockfile of an environment */
        KEY_OUTPUT,           /* publish, id ENVIRONMENT/NUMBER: write an output */
        KEY_BRANCH,           /* publish, id NUMBER: push the outputs on a branch */
        KEY_PULL_REQUEST, /* publish, id NUMBER: bring the pull request of a branch up to date */
        KEY_SWEEP,        /* publish, id "": remove left-over files */
        KEY_MAX_,
} ControlKey;
