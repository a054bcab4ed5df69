#pragma once

/* Edits of YAML files on a branch: the values of a lock, set in place. */

#include "git/git.h"
#include "lock/lock.h"
#include "model/output.h"

/* Sets the files of a commit to those that the edits of the output name. The push makes their bytes
 * from those on the branch. Fails if the release lacks a component of the edits. */
int output_edit_files(const OutputSpec *spec, const Lock *lock, Arena *arena, GitCommit *commit,
                      Error *err);
