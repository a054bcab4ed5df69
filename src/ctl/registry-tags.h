#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "model/model.h"

/* Requests the tags of the component from its registry, and waits for the answer. Texts are in the
 * arena. */
int ctl_registry_tags(const Model *model, const ComponentSpec *component, Arena *arena,
                      Strings *ret, Error *err);

/* Reads one tag from each line of a file, or of standard input if path is "-". Skips empty
 * lines. */
int ctl_file_tags(const char *path, Arena *arena, Strings *ret, Error *err);
