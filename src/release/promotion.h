#pragma once

/* Decides whether a release may be promoted now. An environment has gates. Each gate is a pure
 * function of the release, the environment, its history and the time, which the caller passes.
 * After the gates, relmand checks whether the registry still serves every digest. */

#include "base/arena.h"
#include "calendar/calendar.h"
#include "model/environment.h"
#include "model/model.h"
#include "release/approvals.h"
#include "release/checks.h"

/* The history of the release in an environment of promotesFrom. */
typedef struct PromotionSource {
        bool was_deployed;
        DeploymentRuns runs; /* runs of the release there; only set if GATE_SOAK needs them */
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
        const char *missing; /* why the desired release does not exist; NULL: it exists, or none is
                              * desired */
        const Deployment *deployment; /* NULL: there never was one */
        /* The environments of promotesFrom, including those that labels select (model_sources());
         * NULL: only those that promotesFrom names. */
        const Strings *source_names;
        /* An item for each of source_names; NULL: the release was in none of them. */
        const PromotionSource *sources;
        const Approvals *approvals; /* all stored approvals of the release; NULL: none */
        const CheckResults *checks; /* stored results of the release for checks before the
                                     * promotion; NULL: none */
        const Model *model;  /* has the calendars that apply to the environment, and the groups */
        const char *failure; /* why the release failed or was canceled in this environment; NULL: it
                              * did not, or a person requested it again */
        bool was_canceled;   /* with failure: it was canceled; false: it failed */
        PromotionCalendars calendars;
        const char *windows_problem; /* why the windows cannot be read; NULL: no problem */
        bool was_here;               /* the release was deployed in this environment before */
        const char *reason; /* the reason given by the person who promotes the release now; NULL:
                             * none */
        /* The components of the release that the environment has: the new release must have all of
         * them. Set for a promotion by a person, unless the person allows removals. NULL: the new
         * release may lack some, as for releases of specs and streams, whose spec was reviewed. */
        const ReleaseComponents *has;
} PromotionInput;

typedef enum PromotionDecision {
        PROMOTION_NONE,    /* nothing to do: the release is deployed or being promoted, or none is
                            * desired */
        PROMOTION_WAIT,    /* see reason */
        PROMOTION_REFUSED, /* refused until a person acts; see reason */
        PROMOTION_GO,
} PromotionDecision;

/* The reason why a release waits for an environment, as far as a command can help. */
typedef enum PromotionObstacle {
        OBSTACLE_OTHER,
        OBSTACLE_APPROVALS, /* approvals are missing */
        OBSTACLE_REJECTION, /* a person rejected the release */
        OBSTACLE_CHECK,     /* a check failed, or was not reported */
        OBSTACLE_RUNNING,   /* a check is running */
        OBSTACLE_SOURCE,    /* the release was not deployed in promotesFrom */
        OBSTACLE_CONFIRMATION,
} PromotionObstacle;

typedef struct Promotion {
        PromotionDecision decision;
        PromotionObstacle obstacle;
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
        usec_t changes_at; /* the wall clock time when the answer of the gate, PROMOTION_GO
                            * included, changes for another reason, such as an approval that
                            * expires; 0: none */
        const char *opened_by; /* the person, group or event that can open the gate, as a noun;
                                * NULL: only the time */
} Promotion;

/* The gates, in the order of evaluation: the first closed gate gives the reason. Gates that need
 * persons come before gates that need time, so that persons can act in the meantime. */
typedef enum PromotionGate {
        GATE_STATUS,    /* the release is complete and may still be promoted */
        GATE_FAILURE,   /* in this environment the release did not fail and was not canceled */
        GATE_REMOVALS,  /* the release has all components that must stay */
        GATE_SOURCE,    /* the release was deployed in promotesFrom */
        GATE_APPROVALS, /* enough persons approved the release */
        GATE_CHECKS,    /* the checks before the promotion passed */
        GATE_SOAK,      /* the release was deployed in promotesFrom long enough */
        GATE_WINDOWS,   /* the windows and calendars of the environment are open */
        PROMOTION_GATE_MAX_,
} PromotionGate;
const char *promotion_gate_to_string(PromotionGate gate);

/* Returns the input of approvals_evaluate() for the gate of approvals. */
ApprovalInput promotion_approvals(const PromotionInput *input);
/* Returns the input of check_phase() and others for the gate of checks. */
CheckInput promotion_checks(const PromotionInput *input);
/* Decides whether the checks before the promotion may start: all gates before GATE_APPROVALS are
 * open. Returns 1, 0 or -ENOMEM. */
int promotion_may_start_checks(const PromotionInput *input, Arena *arena);
/* Returns source_names, or the environments that promotesFrom names if source_names is NULL. */
const Strings *promotion_sources(const PromotionInput *input);

/* Decides one gate, without the others: PROMOTION_GO if the release passes it. input->release must
 * not be NULL. Returns 0 or -ENOMEM. */
int promotion_gate(PromotionGate gate, const PromotionInput *input, Arena *arena, Promotion *ret);
/* Decides each gate separately, after promotion_decide(). If that call did not keep a release out,
 * all gates are PROMOTION_GO. */
int promotion_gates(const PromotionInput *input, const Promotion *promotion, Arena *arena,
                    Promotion ret[PROMOTION_GATE_MAX_]);
/* Returns the first time after now at which one of these answers may change by itself; 0: never.
 * The time when an open window closes is not known. */
usec_t promotion_next(const Promotion answers[PROMOTION_GATE_MAX_], usec_t now);

/* True if the environment has the release, or the release is being promoted there. The gates are
 * then not evaluated. */
bool promotion_is_there(const PromotionInput *input);

/* True if candidate is an earlier release of the same stream than `now`, the release that the
 * environment has. An environment returns to an earlier release of its stream only by a command,
 * even if the later release is deprecated. */
bool promotion_goes_back(const Release *now, const Release *candidate);

/* Decides whether the release may be promoted. Returns 0 or -ENOMEM. */
int promotion_decide(const PromotionInput *input, Arena *arena, Promotion *ret);
