#pragma once

/* Reports each change of a gate once, as an event, for the release that an environment is to get
 * next. The transaction of the event also stores the reported state. */

#include "deploy/environments.h"

/* Compares the gates with those that were reported last. Adds an event for each gate that opened,
 * closed, or is closed for another reason, and updates its ClosedGate row. A closed gate of another
 * release is deleted without an event. release NULL: no release is desired; all gates must be
 * PROMOTION_GO. */
int gate_events_add(const EnvironmentState *environment, const Release *release,
                    const Promotion gates[PROMOTION_GATE_MAX_], Arena *arena, Changes *changes,
                    Error *err);
