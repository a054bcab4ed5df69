#pragma once

/* The kinds of keys in the queue (queue/queue.h), and what handles each. */

typedef enum ControlKey {
        KEY_SPECS,       /* "": the specs are loaded again */
        KEY_COMPONENT,   /* sync: it is polled */
        KEY_POLLED,      /* compose: a poll of the component ended, well or not */
        KEY_STREAM,      /* compose: it is evaluated */
        KEY_DRAFT,       /* compose: it is resolved, if its components were polled */
        KEY_ENVIRONMENT, /* deploy: it is decided what is to be there */
        KEY_LOCKS,       /* "", publish: all lockfiles are compared with the database */
        KEY_MAX_,
} ControlKey;
