#pragma once

/* Decides which release each environment gets and when. Stores which release it has.
 *
 *   desired by spec, hold, stream or followed environment --gates open--> check every digest
 *       --all served--> PROMOTING
 *       --lockfile written--> confirmed by relmand (confirm: auto) or a deployer
 *       --> DEPLOYED or FAILED */

#include "base/map.h"
#include "control/control.h"
#include "release/promotion.h"

typedef struct Deployer {
        const Control *control;
        Map environments; /* id -> EnvironmentState */
        sd_event_source *clock;
} Deployer;

void deployer_init(Deployer *deployer, const Control *control);
void deployer_done(Deployer *deployer);

/* Takes over the environments of a model that became active. */
int deployer_adopt(Deployer *deployer, const Model *model, Error *err);

/* Handles KEY_ENVIRONMENT: decides which release the environment gets, and starts its promotion. */
usec_t deployer_reconcile(Deployer *deployer, const char *environment_id);
/* Evaluates all environments that wait, because soaks and windows may have ended. */
void deployer_clock_was_set(Deployer *deployer);
/* clock.c: calls deployer_clock_was_set() whenever the wall clock is set. */
int deployer_watch_clock(Deployer *deployer, Error *err);
/* Stores status, message and output of a check that relmand ran. The ids, name and start of result
 * identify the check. No-op if that check is not running any more. */
int deployer_check_ran(Deployer *deployer, const CheckResult *result, Error *err);
bool deployer_is_idle(const Deployer *deployer); /* no check of digests by relmand itself runs */

/* The release that an environment is about to get, and what it waits for. */
typedef struct Pending {
        const char *release_id, *release; /* release_id NULL: no such release yet */
        const char *deployed; /* name of the release that the environment has; NULL: none */
        PromotionObstacle obstacle;
        const char *reason; /* one CamelCase word */
        const char *message;
        const char *waits_for; /* a noun phrase: "its confirmation (relmanctl confirm prod)" */
        const char *next;      /* the command to type */
        bool needs_action;     /* the promotion waits for an action of a person */
        usec_t opens_at;     /* wall clock time at which the promotion continues without an action;
                              * 0: unknown */
        int64_t n_required;  /* number of required approvals; 0: the promotion waits for none */
        int64_t n_missing;   /* number of missing approvals */
        Strings approved_by; /* the persons whose approval counts */
} Pending;
/* Returns 1 if something is pending. */
int deployer_pending(Deployer *deployer, const char *environment_id, Arena *arena, Pending *ret,
                     Error *err);
/* Does the same for n environments. The number of statements does not depend on n. ret has an item
 * for each environment; its reason is NULL if nothing is pending. */
int deployer_pendings(Deployer *deployer, const char *const *environment_ids, size_t n,
                      Arena *arena, Pending *ret, Error *err);
/* False if nothing was pending when the environment was last evaluated. Does not read the store. */
bool deployer_may_be_pending(const Deployer *deployer, const char *environment_id);
