#pragma once

/* Selections by labels: the calendars of each environment, and the environments of a promotesFrom
 * with matchLabels. A model computes both once, when it is complete. */

#include "model/model.h"

/* True if the object has the tenant of the calendar and all labels that the calendar selects. */
bool calendar_applies(const CalendarSpec *calendar, const Object *object);

/* Computes all selections of a sorted model. Returns 0 or -ENOMEM. */
int selections_make(Model *model);

/* Returns the names of the environments from which an environment promotes: those that promotesFrom
 * names, then those that matchLabels selects. matchLabels never selects the environment itself. If
 * there are more than SOURCES_MAX, the list has SOURCES_MAX + 1 names. Lives as long as the model.
 */
const Strings *model_sources(const Model *model, const EnvironmentSpec *environment);

/* Returns the calendars that apply to an environment, sorted by name. Lives as long as the model.
 */
CalendarSpecs model_calendars(const Model *model, const EnvironmentSpec *environment);

/* True if the environment has windows, or a calendar applies to it. */
bool model_has_windows(const Model *model, const EnvironmentSpec *environment);

/* Hashes the calendars that apply, the groups that approvals name, both with their contents, and
 * the environments that promotesFrom selects by labels. Sets *ret to the hash, or to 0 if there are
 * none. The hash has a random key for each process, so that nobody can construct a collision.
 * Returns 0 or -ENOMEM. */
int model_hash_selection(const Model *model, const EnvironmentSpec *environment, uint64_t *ret);
