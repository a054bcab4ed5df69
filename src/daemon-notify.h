#pragma once

/* Notifies systemd without blocking. sd_notify(3) blocks while the queue of the socket is full, for
 * example because its reader is stopped. A Notifier sends such a message later. */

#include <systemd/sd-event.h>

#include "reconcile/reconcile.h"

typedef enum NotifyState {
        NOTIFY_RELOADING = 1 << 0,
        NOTIFY_READY = 1 << 1,
        NOTIFY_STOPPING = 1 << 2,
        NOTIFY_WATCHDOG = 1 << 3,
        NOTIFY_STATUS = 1 << 4, /* the status line; dropped if it cannot be sent at once */
} NotifyState;

typedef struct Notifier {
        const Reconciler *reconciler; /* has the counts for the status line; borrowed */
        sd_event_source *retry;
        unsigned pending;    /* set of NotifyState that could not be sent yet */
        usec_t reload_began; /* monotonic */
} Notifier;

/* Prepares the timer that sends pending messages, so that a later message needs no memory. Returns
 * a negative errno of sd-event. */
int notifier_init(Notifier *notifier, sd_event *event, const Reconciler *reconciler);
void notifier_done(Notifier *notifier); /* safe on a Notifier of zeros */

/* Sends a message to the socket $NOTIFY_SOCKET, if there is one. Never blocks. If the socket does
 * not accept a message now, sends it later, with the counts of that time. */
void notifier_send(Notifier *notifier, NotifyState state);
