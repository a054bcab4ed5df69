#pragma once

/* Events of gates: each change of a gate of the release that an environment is to get next is
 * reported once. The state that was reported is stored in the transaction of the event. */

#include "deploy/environments.h"

/* Compares the gates with those that were reported last. Adds an event for each gate that opened,
 * closed, or is closed for another reason, and updates its ClosedGate row. A closed gate of another
 * release is deleted without an event. release NULL: no release is desired; all gates must be
 * PROMOTION_GO. */
int gate_events_add(const EnvironmentState *environment, const Release *release,
                    const Promotion gates[PROMOTION_GATE_MAX_], Arena *arena, Changes *changes,
                    Error *err);
