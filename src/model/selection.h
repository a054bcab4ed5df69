#pragma once

/* Selections by labels: the calendars of each environment, and the environments of a promotesFrom
 * with matchLabels. A model computes both once, when it is complete. */

#include "model/model.h"

/* True if the object is of the calendar's tenant and has all of its labels. */
bool calendar_applies(const CalendarSpec *calendar, const Object *object);

/* Computes all selections of a sorted model. -ENOMEM. */
int selections_make(Model *model);

/* Returns the names of the environments from which an environment promotes: those that it names,
 * then those that its labels select, never itself. If there are more than SOURCES_MAX, the list has
 * SOURCES_MAX + 1 names. Lives as long as the model. */
const Strings *model_sources(const Model *model, const EnvironmentSpec *environment);

/* Returns the calendars that apply to an environment, sorted by name. Lives as long as the model.
 */
CalendarSpecs model_calendars(const Model *model, const EnvironmentSpec *environment);

/* True if the environment has windows, or a calendar applies to it. */
bool model_has_windows(const Model *model, const EnvironmentSpec *environment);

/* Sets a hash of the calendars that apply and the groups that approvals name, with their contents,
 * and of the environments that labels select; 0: there are none. The hash has a random key for each
 * process, so nobody can construct an equal one. -ENOMEM. */
int model_hash_selection(const Model *model, const EnvironmentSpec *environment, uint64_t *ret);
