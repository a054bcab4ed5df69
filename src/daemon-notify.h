#pragma once

/* Notifies systemd: sd_notify(3) without its wait. sd_notify() blocks while the queue of the socket
 * is full, for example because its reader is stopped. Here a message that does not fit is sent
 * later, and the daemon goes on. */

#include <systemd/sd-event.h>

#include "reconcile/reconcile.h"

typedef enum NotifyState {
        NOTIFY_RELOADING = 1 << 0,
        NOTIFY_READY = 1 << 1,
        NOTIFY_STOPPING = 1 << 2,
        NOTIFY_WATCHDOG = 1 << 3,
        NOTIFY_STATUS = 1 << 4, /* only the status line, which is dropped if it cannot be sent */
} NotifyState;

typedef struct Notifier {
        const Reconciler *reconciler; /* its counts are the status line; borrowed */
        sd_event_source *retry;
        unsigned pending;    /* set of NotifyState that could not be sent yet */
        usec_t reload_began; /* monotonic */
} Notifier;

/* Prepares the timer that sends pending messages, so that a later message needs no memory. Returns
 * the error of sd-event. */
int notifier_init(Notifier *notifier, sd_event *event, const Reconciler *reconciler);
void notifier_done(Notifier *notifier); /* safe on a Notifier of zeros */

/* Sends a message to the socket $NOTIFY_SOCKET, if there is one. Never blocks. Messages that could
 * not be sent are repeated until the socket takes them, with the facts of that moment. */
void notifier_send(Notifier *notifier, NotifyState state);
