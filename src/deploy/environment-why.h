#pragma once

/* Explains why an environment has its release, or why it does not get the desired one: returns each
 * decision of environment_plan(). Changes nothing. */

#include "deploy/deployer.h"
#include "release/approvals.h"
#include "release/promotion.h"
#include "store/releases.h"

typedef struct EnvironmentWhy {
        const EnvironmentSpec *spec;
        /* The release to promote next, or else the deployed one. While a hold keeps another
         * release, this is the release that the environment would get by following. */
        Release release;
        bool has_release;
        const char *missing; /* why there is no release; NULL: none is desired, or there is one */
        bool has_hold;       /* a hold applies: the spec names no release */
        bool is_held;        /* the hold keeps the environment from following */
        Hold hold;
        bool is_there;                        /* the release was promoted: it passed all gates */
        Promotion gates[PROMOTION_GATE_MAX_]; /* valid if has_release */
        Promotion promotion;                  /* the complete decision */
        ApprovalState approvals;   /* approvals of the release, if the spec requires some */
        const CheckSpec *reported; /* the running check that somebody must report; NULL: none */
        bool has_check;            /* only the check of the release's digests is missing */
        Pending check;             /* what the check waits for */
        bool has_deployment;
        Deployment deployment;
        bool is_pending; /* the promotion is stored, but not confirmed */
        Pending pending; /* what the promotion waits for */
        bool lock_failed;
        /* The releases that the followed environment runs and is getting; NULL: none, or the
         * environment follows no other one. */
        const char *followed, *followed_next;
} EnvironmentWhy;

/* Explains an environment. ERROR_NOT_FOUND: there is none with this id. Texts are in the arena or
 * the model. */
int deployer_why(Deployer *deployer, const char *environment_id, Arena *arena, EnvironmentWhy *ret,
                 Error *err);
