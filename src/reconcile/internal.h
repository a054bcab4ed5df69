#pragma once

/* What the files of reconcile share: the controllers and what wires them.
 *
 * One queue holds what is due (control/keys.h). Its keys come from committed changes (due.c), from
 * specs that were loaded (load.c), from polls that ended, and from time. Each key has one handler
 * (calls.c), a function of a controller. */

#include "base/map.h"
#include "calendar/zone.h"
#include "compose/composer.h"
#include "control/control.h"
#include "deploy/environments.h"
#include "model/model.h"
#include "publish/publisher.h"
#include "reconcile/reconcile.h"
#include "spec/git-head.h"
#include "spec/spec.h"
#include "sync/state.h"

typedef struct Watch Watch;
typedef struct SpecsLoad SpecsLoad;

struct Reconciler {
        Control control;
        Queue *queue;          /* control's */
        Dependents dependents; /* likewise */
        Zones zones;           /* of windows */
        Poller poller;
        Composer composer;
        Deployer deployer;
        Publisher publisher;
        SpecTree *tree;
        Model *loaded; /* what the specs say */
        Map documents; /* merge.c: id -> StoredDocument */
        DiagList diags;
        char spec_commit[GIT_HEAD_SIZE]; /* of the work tree the specs are in; "" if it is none */
        Watch *watch;
        sd_event_source *clock;
        EventPump *pump; /* NULL with once: the daemon tells of events */
        SpecsLoad *load; /* under way; NULL: none */
        sd_event_source *load_next;
        unsigned n_load_restarts; /* loads that a reload has cut short, in a row */
        bool load_again;          /* asked for while a load is under way that must end first */
        void (*loaded_call)(void *userdata); /* as given to reconciler_watch_loads(); may be NULL */
        void *loaded_userdata;
        unsigned n_load_failures; /* in a row */
        usec_t load_at; /* monotonic: not all that is known is in force; USEC_INFINITY: it is */
        uint64_t n_made_swept; /* Composer.n_made at the end of the last turn */
        ReconcileReport report;
};

/* calls.c: how controllers reach one another. */
extern const ControlCalls reconciler_calls;
extern const QueueKind reconciler_keys[KEY_MAX_];
/* Adds all keys of a kind to the queue, but those that are in it. */
void reconciler_add_all(void *userdata, unsigned kind);

/* due.c: adds the keys that committed changes make due. */
void reconciler_committed(Reconciler *reconciler, const Changes *changes);

/* load.c: reads the tree and carries out what it changes, in one turn. */
int reconciler_load_specs(Reconciler *reconciler, Error *err);
/* Takes a component of the API into force as it is stored now; object is NULL if it was deleted.
 * What follows for the documents of the specs is carried out in steps, after it. */
int reconciler_change_component(Reconciler *reconciler, const char *id, const Object *object,
                                Error *err);
/* Rows have changed that a load under way may have read: it reads them again. */
void reconciler_load_is_stale(Reconciler *reconciler);
int reconciler_on_load_step(sd_event_source *source, usec_t usec, void *userdata);
SpecsLoad *specs_load_free(SpecsLoad *load); /* safe on NULL */
/* What the system refused is tried again in a while: nothing that was said in specs or over the API
 * waits for the next edit. */
void reconciler_load_later(Reconciler *reconciler);
/* clock.c: decides environments again whenever the wall clock is set. */
int reconciler_watch_clock(Reconciler *reconciler, Error *err);
/* merge.c */
void reconciler_forget_documents(Reconciler *reconciler);
