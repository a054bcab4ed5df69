#pragma once

/* Reads the results of checks of releases in environments. */

#include "store/store.h"

/* Reads the results of a release in an environment, sorted by promotion and name. These are the
 * checks before the promotion, and the checks of the last promotion of the release there. */
int store_checks(Store *store, const char *environment_id, const char *release_id, Arena *arena,
                 CheckResults *ret, Error *err);
/* Does the same, and also reads the outputs, which may be large. */
int store_checks_output(Store *store, const char *environment_id, const char *release_id,
                        Arena *arena, CheckResults *ret, Error *err);
/* Reads the results of all checks that run in an environment, for any release. */
int store_running_checks(Store *store, const char *environment_id, Arena *arena, CheckResults *ret,
                         Error *err);
/* Does the same as store_checks() for many pairs of an environment and a release. pairs: as in
 * store/pages.h. The results of one pair are adjacent. */
int store_page_checks(Store *store, const char *pairs, Arena *arena, CheckResults *ret, Error *err);
