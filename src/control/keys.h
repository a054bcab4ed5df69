#pragma once

/* The kinds of keys in the queue (queue/queue.h), with their handlers. */

typedef enum ControlKey {
        KEY_SPECS,       /* id "": load the specs again */
        KEY_COMPONENT,   /* sync: poll it */
        KEY_POLLED,      /* compose: a poll of the component ended, successful or not */
        KEY_STREAM,      /* compose: evaluate it */
        KEY_DRAFT,       /* compose: resolve it, if its components were polled */
        KEY_ENVIRONMENT, /* deploy: decide its release */
        KEY_ROLLBACK, /* deploy: check which earlier releases it can be rolled back to; id "": all
                       */
        KEY_CHECKS,   /* checks: start and end those that relmand runs in this environment */
        KEY_LOCKS,    /* publish: compare everything that is published with the database, from
                       * the release with this id on; "": from the first */
        KEY_RELEASE_LOCK,     /* publish: write or remove the lockfile of a release */
        KEY_STREAM_LINKS,     /* publish: make the links to a stream's newest release */
        KEY_ENVIRONMENT_LOCK, /* publish: write the lockfile of an environment */
        KEY_OUTPUT,           /* publish, id ENVIRONMENT/NUMBER: write an output */
        KEY_SWEEP,            /* publish, id "": remove left-over files */
        KEY_MAX_,
} ControlKey;
