#pragma once

/* The outbox: every event in the database goes to every receiver that wants it, at least once and
 * in order. One receiver's trouble holds up nobody else, and costs a request now and then. How far
 * each is stands in the database, so that a killed daemon goes on where it was. */

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/error.h"
#include "http/http.h"
#include "model/receiver.h"
#include "store/store.h"

typedef struct EventPump EventPump;

typedef struct EventPumpOptions {
        const ReceiverSpecs *receivers; /* lent */
        const char *credentials;        /* folder of systemd credentials; NULL: none */
        bool journal;                   /* events go there too, if that is where we log to */
        usec_t keep;                    /* older events are removed; 0: never */
} EventPumpOptions;

int event_pump_new(sd_event *event, Store *store, HttpClient *http, const EventPumpOptions *options,
                   EventPump **ret, Error *err);
EventPump *event_pump_free(EventPump *pump);
DEFINE_FREEP(EventPump, event_pump_free)

/* Everything after a sequence is sent to a receiver again. ERROR_NOT_FOUND; with no actor's audit:
 * the caller adds to changes, which are applied here. */
int event_pump_replay(EventPump *pump, const char *name, int64_t after, Changes *changes,
                      Error *err);

size_t event_pump_count(const EventPump *pump); /* of receivers, without the journal */
int event_pump_status(const EventPump *pump, size_t i, Arena *arena, ReceiverStatus *ret,
                      Error *err);
