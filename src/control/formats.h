#pragma once

/* Selects the lockfile formats to write, and checks that they can hold a release. relmand checks a
 * release before it stores the release and before each promotion, so that a ready release can
 * always be written. */

#include "control/options.h"
#include "lock/format.h"
#include "model/environment.h"

/* A set of formats: a bit 1 << LockFormat for each. */
typedef unsigned LockFormats;
LockFormats formats_of_names(const Strings *names);
/* Returns the formats of releases in the lock folder: all but those of admission. */
LockFormats formats_of_releases(const ReconcileOptions *options);
/* True if one of the formats is one of admission. */
bool formats_have_admission(LockFormats formats);

bool output_is_for(const OutputSpec *output, const EnvironmentSpec *environment);

/* Returns the formats of an environment in the lock folder, besides the native one. */
LockFormats formats_of_environment(const ReconcileOptions *options,
                                   const EnvironmentSpec *environment);

/* Checks that all formats can hold the release. ERROR_CONFLICT: the message names the format, and
 * the text that it cannot hold. */
int formats_check_release(const ReconcileOptions *options, const Release *release, Error *err);
int formats_check_environment(const ReconcileOptions *options, const EnvironmentSpec *environment,
                              const Release *release, Error *err);
