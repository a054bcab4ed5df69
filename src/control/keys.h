#pragma once

/* The kinds of keys in the queue (queue/queue.h), with their handlers. */

typedef enum ControlKey {
        KEY_SPECS,       /* id "": load the specs again */
        KEY_COMPONENT,   /* sync: poll it */
        KEY_POLLED,      /* compose: a poll of the component ended, successful or not */
        KEY_STREAM,      /* compose: evaluate it */
        KEY_DRAFT,       /* compose: resolve it, if its components were polled */
        KEY_ENVIRONMENT, /* deploy: decide its release */
        KEY_LOCKS,       /* id "", publish: compare all lockfiles with the database */
        KEY_MAX_,
} ControlKey;
