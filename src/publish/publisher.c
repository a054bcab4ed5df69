#include "publish/publish.h"

void publisher_init(Publisher *publisher, const Control *control)
{
        *publisher = (Publisher){ .control = control };
}

void publish_mend_failed(Publisher *publisher)
{
        publisher->n_mend_failures++;
        publisher->n_locks_failed++;
}

/* --once does not wait for a second try. */
void publisher_mend_later(Publisher *publisher)
{
        publish_mend_failed(publisher);
        if (!publisher->control->options.once)
                queue_add_failed(publisher->control->queue, KEY_LOCKS, "", "a lockfile failed");
}

void publisher_mend_soon(Publisher *publisher)
{
        queue_add(publisher->control->queue, KEY_LOCKS, "", 0, "lockfiles may differ");
}
