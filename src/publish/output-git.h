#pragma once

/* Pushes lockfiles to branches of Git repositories. All outputs on one branch that are due together
 * are one push, with a commit for each. */

#include "git/git.h"
#include "publish/publish.h"

/* Make and free the branches that the outputs of the configuration name. */
int branches_init(Publisher *publisher, Error *err);
void branches_done(Publisher *publisher); /* ends pushes */
bool branches_are_idle(const Publisher *publisher);
