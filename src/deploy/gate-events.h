#pragma once

/* Events of gates: each change of a gate of the release that an environment is to get next is
 * reported once. What was reported last is stored in the transaction of the event. */

#include "deploy/environments.h"

/* Adds the events of gates that closed or opened for the release since they were reported, with
 * the rows that remember it. release NULL: none is desired, and all gates are PROMOTION_GO. */
int gate_events_add(const EnvironmentState *environment, const Release *release,
                    const Promotion gates[PROMOTION_GATE_MAX_], Arena *arena, Changes *changes,
                    Error *err);
