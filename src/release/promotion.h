#pragma once

/* Decides whether a release may be promoted now. An environment has gates. Each is a pure function
 * of the release, the environment, its history and the time: the caller passes all of them. Whether
 * the registry still serves every digest is checked afterwards. */

#include "base/arena.h"
#include "calendar/calendar.h"
#include "model/environment.h"
#include "model/model.h"
#include "release/approvals.h"
#include "release/checks.h"

/* The history of the release in an environment of promotesFrom. */
typedef struct PromotionSource {
        bool was_deployed;
        DeploymentRuns runs; /* its runs in the sources; only set if the environment has soak */
} PromotionSource;

/* The windows of the environment, or of a calendar that applies to it. */
typedef struct PromotionCalendar {
        const char *name; /* name of the calendar; NULL: these are the environment's own windows */
        const WindowSpecs *specs;
} PromotionCalendar;

typedef struct PromotionCalendars {
        const Calendar *items; /* the compiled windows */
        const PromotionCalendar *of;
        size_t n;
} PromotionCalendars;

typedef struct PromotionInput {
        const EnvironmentSpec *environment;
        usec_t now;             /* wall clock */
        const Release *release; /* the desired release; NULL: `missing` has the reason */
        const char *missing; /* why there is no release; NULL: none is desired, or there is one */
        const Deployment *deployment; /* NULL: there never was one */
        /* The environments of promotesFrom, also those that labels select (model_sources()); NULL:
         * those that it names. */
        const Strings *source_names;
        /* An item for each of source_names; NULL: the release was in none of them. */
        const PromotionSource *sources;
        const Approvals *approvals; /* all stored approvals of the release; NULL: none */
        const CheckResults
                *checks;     /* its stored results of checks before the promotion; NULL: none */
        const Model *model;  /* has the calendars that apply to the environment, and the groups */
        const char *failure; /* why it failed or was canceled in this environment, unless a person
                              * requested it again; NULL: neither */
        bool was_canceled;   /* the promotion was canceled */
        PromotionCalendars calendars;
        const char *windows_problem; /* why windows cannot be read; NULL: they can be */
        bool was_here;               /* the release was deployed in this environment before */
        const char *reason; /* the reason that a person gives who promotes it now; NULL: none */
        /* The components of the release that the environment has; the new release must have all of
         * them. Set for a promotion by a person, unless it allows removals. NULL: the new release
         * may lack some. Releases of specs and streams may, as they were reviewed with the spec. */
        const ReleaseComponents *has;
} PromotionInput;

typedef enum PromotionDecision {
        PROMOTION_NONE,    /* nothing to do: it is deployed or being promoted, or none is desired */
        PROMOTION_WAIT,    /* see reason */
        PROMOTION_REFUSED, /* only a person can change that; see reason */
        PROMOTION_GO,
} PromotionDecision;

typedef struct Promotion {
        PromotionDecision decision;
        const char *reason; /* one word in CamelCase; NULL with PROMOTION_NONE and PROMOTION_GO */
        const char *message;
        const char *waits_for; /* what the release waits for, as a noun. With PROMOTION_REFUSED: the
                                * report by a person that ends the refusal; NULL: nothing */
        bool needs_action;     /* with PROMOTION_WAIT: a person has to act */
        usec_t opens_at;       /* with PROMOTION_WAIT: the wall clock time when the gate opens if
                                * nothing else changes; 0: never, or not known */
        usec_t again_at;   /* with PROMOTION_WAIT and without opens_at: the wall clock time until
                            * which the gate stays closed, and when relmand decides again; 0:
                            * relmand decides again after a change only */
        usec_t changes_at; /* the wall clock time when the answer of the gate, also
                            * PROMOTION_GO, changes for another reason, such as an approval
                            * that expires; 0: none */
        const char *opened_by; /* who or what can open the gate, as a noun; NULL: only the time */
} Promotion;

/* The gates, in the order of evaluation: the first closed gate gives the reason. Gates that need
 * persons come before gates that need time, so that persons can act in the meantime. */
typedef enum PromotionGate {
        GATE_STATUS,    /* the release is complete and may still be promoted */
        GATE_FAILURE,   /* the release did not fail, and was not canceled, in this environment */
        GATE_REMOVALS,  /* the release has all components that must stay */
        GATE_SOURCE,    /* the release was deployed in promotesFrom */
        GATE_APPROVALS, /* enough persons approved it */
        GATE_CHECKS,    /* the checks before the promotion passed */
        GATE_SOAK,      /* the release was deployed in promotesFrom long enough */
        GATE_WINDOWS,   /* the environment is open */
        PROMOTION_GATE_MAX_,
} PromotionGate;
const char *promotion_gate_to_string(PromotionGate gate);

/* Returns the input of approvals_evaluate() for the gate of approvals. */
ApprovalInput promotion_approvals(const PromotionInput *input);
/* Returns the input of check_phase() and others for the gate of checks. */
CheckInput promotion_checks(const PromotionInput *input);
/* True if the checks before the promotion may start: the release may be promoted, but for
 * approvals, checks and times. Returns 1, 0 or -ENOMEM. */
int promotion_may_start_checks(const PromotionInput *input, Arena *arena);
/* Returns source_names, or the environments that promotesFrom names if source_names is NULL. */
const Strings *promotion_sources(const PromotionInput *input);

/* Decides one gate alone: PROMOTION_GO if the release passes it. There must be a release. Returns 0
 * or -ENOMEM. */
int promotion_gate(PromotionGate gate, const PromotionInput *input, Arena *arena, Promotion *ret);
/* Decides all gates, each alone, after promotion_decide(): only a release that it keeps out has
 * closed ones. Without such a release all are PROMOTION_GO. */
int promotion_gates(const PromotionInput *input, const Promotion *promotion, Arena *arena,
                    Promotion ret[PROMOTION_GATE_MAX_]);
/* Returns the first time after now at which one of these answers may change by itself; 0: none
 * does. The time when an open window closes is not known. */
usec_t promotion_next(const Promotion answers[PROMOTION_GATE_MAX_], usec_t now);

/* True if the environment has the release, or is getting it: no gate is asked. */
bool promotion_is_there(const PromotionInput *input);

/* True if candidate is an earlier release than now, of the same stream. The later one may be
 * deprecated meanwhile, but an environment does not return to an earlier release of its stream
 * without a command. */
bool promotion_goes_back(const Release *now, const Release *candidate);

/* Decides whether the release may be promoted. Returns 0 or -ENOMEM. */
int promotion_decide(const PromotionInput *input, Arena *arena, Promotion *ret);
