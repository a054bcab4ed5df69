#pragma once

/* Events of gates: each change of a gate of the release that an environment is to get next is
 * reported once. What was reported last is stored in the transaction of the event. */

#include "deploy/environments.h"

/* Adds the events of gates that closed or opened for the release since they were reported, with
 * the rows that remember it. input and promotion are those of environment_plan(). */
int gate_events_add(const EnvironmentState *environment, const PromotionInput *input,
                    const Promotion *promotion, Arena *arena, Changes *changes, Error *err);
