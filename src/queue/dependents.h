#pragma once

/* Who depends on what: from something that may change, named by a text, to the keys of a queue that
 * must be decided again then. The look-up is indexed: its cost follows the number of dependents. */

#include "base/map.h"
#include "queue/queue.h"

typedef struct Dependents {
        Map subjects; /* what may change -> the first Dependence */
        Map keys;     /* of each kind and id -> the first Dependence */
} Dependents;

/* {0} is a valid empty one. */
void dependents_done(Dependents *dependents);

/* The key depends on the subject. Texts are copied. -ENOMEM. */
int dependents_add(Dependents *dependents, const char *subject, unsigned kind, const char *id);

/* The key depends on nothing any more. */
void dependents_remove(Dependents *dependents, unsigned kind, const char *id);

/* Calls found for each key that depends on the subject. It must not add or remove dependents. */
typedef void (*DependentFound)(unsigned kind, const char *id, void *userdata);
void dependents_find(const Dependents *dependents, const char *subject, DependentFound found,
                     void *userdata);

/* Adds each key that depends on the subject to the queue. */
void dependents_wake(const Dependents *dependents, const char *subject, Queue *queue,
                     const char *cause);
