#pragma once

/* Which formats of lockfiles are written, and whether they can hold a release. It is checked before
 * a release is stored and before it is promoted: what no file could say is refused, not called
 * ready. */

#include "control/options.h"
#include "lock/format.h"
#include "model/environment.h"

/* Bits: 1 << LockFormat. */
typedef unsigned LockFormats;
LockFormats formats_of_names(const Strings *names);

bool output_is_for(const OutputSpec *output, const EnvironmentSpec *environment);

/* The formats of an environment in the lock folder, beside the native one. */
LockFormats formats_of_environment(const ReconcileOptions *options,
                                   const EnvironmentSpec *environment);

/* ERROR_CONFLICT names the format that cannot hold the release, and the text. */
int formats_check_release(const ReconcileOptions *options, const Release *release, Error *err);
int formats_check_environment(const ReconcileOptions *options, const EnvironmentSpec *environment,
                              const Release *release, Error *err);
