#pragma once

/* Checks the names that the repositories of components have at mirrors (model/mirror-name.h). */

#include "base/arena.h"
#include "base/diag.h"
#include "base/map.h"
#include "model/model.h"

/* The names of the components that were checked. */
typedef struct MirrorNames {
        const Model *model;
        Arena *arena; /* holds the names */
        Map names;
        bool is_needed; /* a registry has a mirror with names */
} MirrorNames;

/* Borrows model and arena. Free names with map_done(). */
void mirror_names_init(MirrorNames *names, const Model *model, Arena *arena);

/* Refuses a component if its repository has no valid name at a mirror of its registry. Also refuses
 * it if another repository of that registry has the same name at the mirror. Returns 0, -EINVAL or
 * -ENOMEM. */
int mirror_names_check(MirrorNames *names, const ComponentSpec *component, DiagList *diags);
