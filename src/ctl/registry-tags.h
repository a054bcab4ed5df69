#pragma once

#include "base/arena.h"
#include "base/error.h"
#include "model/model.h"

/* Asks the component's registry for its tags and waits for the answer; texts live in the arena. */
int ctl_registry_tags(const Model *model, const ComponentSpec *component, Arena *arena,
                      Strings *ret, Error *err);
