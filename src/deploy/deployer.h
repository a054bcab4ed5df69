#pragma once

/* Deploys: which release each environment is to have, whether it may get it now, and what it has.
 *
 *   wanted (spec, stream or hold) --may it?--> check every digest --all there?--> PROMOTING
 *       --lockfile written--> (confirm: auto, or a deployer says so) --> DEPLOYED or FAILED */

#include "base/map.h"
#include "control/control.h"

typedef struct Deployer {
        const Control *control;
        Map environments; /* id -> EnvironmentState */
} Deployer;

void deployer_init(Deployer *deployer, const Control *control);
void deployer_done(Deployer *deployer);

/* After a model came into force: its environments. */
int deployer_adopt(Deployer *deployer, const Model *model, Error *err);

/* KEY_ENVIRONMENT: decides what is to be there, and starts what follows. */
usec_t deployer_reconcile(Deployer *deployer, const char *environment_id);
/* Times of soaks and windows may have passed: decides each environment that waits again. */
void deployer_clock_was_set(Deployer *deployer);
bool deployer_is_idle(const Deployer *deployer); /* no digests are being checked */

/* What an environment is about to get. */
typedef struct Pending {
        const char *release_id, *release; /* release_id: NULL if there is none of that name yet */
        const char *deployed;             /* name of the release that it has; NULL: none */
        const char *reason;               /* one CamelCase word */
        const char *message;
        const char *waits_for; /* a noun: "its confirmation (relmanctl confirm prod)" */
        const char *next;      /* the command to type */
        bool needs_action;     /* it goes on only when somebody does something */
        usec_t opens_at;       /* it goes on by itself at that wall clock time; 0: not known */
        int64_t n_required;    /* approvals, if it waits for some; else 0 */
        Strings approved_by;   /* the persons who gave theirs */
} Pending;
/* Returns 1 if something is pending. */
int deployer_pending(Deployer *deployer, const char *environment_id, Arena *arena, Pending *ret,
                     Error *err);
/* The same for many environments, with a number of statements that does not depend on theirs. ret
 * has a place for each; reason is NULL where nothing is pending. */
int deployer_pendings(Deployer *deployer, const char *const *environment_ids, size_t n,
                      Arena *arena, Pending *ret, Error *err);
/* False if nothing was pending in the environment when it was decided last. Reads no store. */
bool deployer_may_be_pending(const Deployer *deployer, const char *environment_id);
