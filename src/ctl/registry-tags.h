#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "model/model.h"

/* Asks the component's registry for its tags and waits for the answer; texts live in the arena. */
int ctl_registry_tags(const Model *model, const ComponentSpec *component, Arena *arena,
                      Strings *ret, Error *err);

/* Reads one tag a line from a file, or from standard input if path is "-". Empty lines are skipped.
 */
int ctl_file_tags(const char *path, Arena *arena, Strings *ret, Error *err);
