#pragma once

/* Maps subjects to the keys of a queue that depend on them. A subject is a text that names
 * something that can change. When the subject changes, the queue must handle these keys again. The
 * time of a lookup depends only on the number of dependents. */

#include "base/map.h"
#include "queue/queue.h"

typedef struct Dependents {
        Map subjects; /* subject -> DependenceList */
        Map keys;     /* kind and id -> DependenceList */
} Dependents;

/* {0} is a valid empty value. */
void dependents_done(Dependents *dependents);

/* Makes the key depend on the subject. Copies the texts. Returns 0 or -ENOMEM. */
int dependents_add(Dependents *dependents, const char *subject, unsigned kind, const char *id);

/* Removes the key from all subjects on which it depends. */
void dependents_remove(Dependents *dependents, unsigned kind, const char *id);

typedef void (*DependentFound)(unsigned kind, const char *id, void *userdata);
/* Calls found for each key that depends on the subject. found must not add or remove dependents. */
void dependents_find(const Dependents *dependents, const char *subject, DependentFound found,
                     void *userdata);

/* Adds each key that depends on the subject to the queue, due now. cause is for log messages. */
void dependents_wake(const Dependents *dependents, const char *subject, Queue *queue,
                     const char *cause);
