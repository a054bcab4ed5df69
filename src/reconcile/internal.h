#pragma once

/* What the files of reconcile share: the controllers and what wires them.
 *
 * One turn (on_turn in reconcile.c): components that are due are polled; streams make drafts;
 * drafts whose components were polled become releases; environments are decided. Each controller
 * says what it has done by ControlCalls (calls.c), which reach the others. */

#include "base/map.h"
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

struct Reconciler {
        Control control;
        Poller poller;
        Composer composer;
        Deployer deployer;
        Publisher publisher;
        SpecTree *tree;
        Model *loaded; /* what the specs say */
        Map documents; /* load.c: id -> StoredDocument */
        DiagList diags;
        char spec_commit[GIT_HEAD_SIZE]; /* of the work tree the specs are in; "" if it is none */
        sd_event_source *turn;           /* defer source: something is to be done */
        sd_event_source *timer;          /* the next due time */
        Watch *watch;
        EventPump *pump;          /* NULL with once: the daemon tells of events */
        unsigned n_load_failures; /* in a row */
        usec_t load_at; /* monotonic: not all that is known is in force; USEC_INFINITY: it is */
        ReconcileReport report;
};

/* calls.c: how controllers reach one another. */
extern const ControlCalls reconciler_calls;

/* reconcile.c: asks for a turn. */
void reconciler_kick(Reconciler *reconciler);

/* load.c: reads the tree and carries out what it changes. */
int reconciler_load_specs(Reconciler *reconciler, Error *err);
/* Takes what the API has changed into force. */
int reconciler_renew_model(Reconciler *reconciler, Error *err);
/* What the system refused is tried again in a while: nothing that was said in specs or over the API
 * waits for the next edit. */
void reconciler_load_later(Reconciler *reconciler);
void reconciler_forget_documents(Reconciler *reconciler);
