#pragma once

#include "ctl/options.h"

/* Writes a consistent copy of the daemon's database into an empty file, and checks that it is one.
 */
int backup_fetch(CtlOptions *options, int fd, Error *err);
