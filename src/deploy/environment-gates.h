#pragma once

/* Evaluates each gate of an environment for one release, as a promotion now would. Changes nothing,
 * and sends no request to a registry. */

#include "deploy/deployer.h"
#include "release/promotion.h"

typedef struct EnvironmentGates {
        Release release;
        bool has_release;    /* false: the environment has no release, and none is desired */
        const char *missing; /* why there is no release; NULL: none is desired, or there is one */
        bool is_there;       /* the release was promoted there, so it passed all gates */
        Promotion gates[PROMOTION_GATE_MAX_]; /* valid if has_release */
        bool is_held; /* a hold keeps out the release that the environment would get by following */
        Promotion hold;           /* valid if is_held: the hold as a closed gate */
        Promotion promotion;      /* the complete decision */
        const Strings *promoters; /* persons who may promote; empty: all with the role */
} EnvironmentGates;

/* Evaluates the gates. release_id: the release that a person would promote; NULL: the release that
 * the environment is to get next, or has. ERROR_NOT_FOUND. Texts are in the arena or the model. */
int deployer_gates(Deployer *deployer, const char *environment_id, const char *release_id,
                   Arena *arena, EnvironmentGates *ret, Error *err);
