#pragma once

/* Finds the value that an edit names. Pure. */

#include "edit/events.h"

/* Returns the scalar; NULL if the edit names none, or one that cannot be replaced. */
const EventNode *pointer_find(const char *file, const EventTree *tree, const Edit *edit,
                              Arena *arena, Error *err);
