#pragma once

/* The outbox: delivers each event in the database to each receiver that selects it, at least once
 * and in order. A failing receiver does not delay others: the outbox repeats its request after
 * growing pauses. The outbox stores the position of each receiver, and continues there after a
 * restart. */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/error.h"
#include "http/http.h"
#include "model/receiver.h"
#include "store/store.h"

typedef struct EventPump EventPump;

typedef struct EventPumpOptions {
        const ReceiverSpecs *receivers; /* borrowed */
        const char *credentials;        /* folder of systemd credentials; NULL: none */
        bool journal; /* also write events to the journal, if log messages go there */
        usec_t keep;  /* events that are older than this are removed; 0: none */
} EventPumpOptions;

int event_pump_new(sd_event *event, Store *store, HttpClient *http, const EventPumpOptions *options,
                   EventPump **ret, Error *err);
EventPump *event_pump_free(EventPump *pump);
DEFINE_FREEP(EventPump, event_pump_free)

/* Delivers all events after a sequence number to a receiver again. Stores the new position in one
 * transaction with the caller's changes, such as an audit entry. ERROR_NOT_FOUND if there is no
 * receiver of this name. */
int event_pump_replay(EventPump *pump, const char *name, int64_t after, Changes *changes,
                      Error *err);

/* Returns the number of receivers. The journal does not count. */
size_t event_pump_count(const EventPump *pump);
int event_pump_status(const EventPump *pump, size_t i, Arena *arena, ReceiverStatus *ret,
                      Error *err);
