#pragma once

/* One spec file as parsed, and sets of them. A unit is shared by the tree, which remembers it for
 * the next load, and by the models made from it. */

#include "base/diag.h"
#include "base/time.h"
#include "model/decode.h"
#include "model/model.h"
#include "spec/tree.h"

typedef struct Unit {
        unsigned n_refs;
        struct stat stat;
        bool is_unread; /* the next load tries again: what hindered it leaves no trace in stat */
        Arena arena;
        const char *path;
        Object **objects;
        size_t n_objects;
        Broken *brokens;
        size_t n_brokens;
        DiagList diags;
} Unit;

/* Reads and parses a file in steps. Its faults are in diags and brokens. -ESTALE: the tree changed
 * meanwhile; -ENOMEM. */
typedef struct UnitRead UnitRead;
int unit_read_new(const TreeFiles *files, const TreeFile *file, UnitRead **ret);
/* Works until the monotonic time until. Returns 1 if there is more to do, 0 with the unit. */
int unit_read_step(UnitRead *read, usec_t until, Unit **ret);
UnitRead *unit_read_free(UnitRead *read); /* safe on NULL */
DEFINE_FREEP(UnitRead, unit_read_free)

Unit *unit_unref(Unit *unit);
DEFINE_FREEP(Unit, unit_unref)

/* The text of the first error in diags, complete. NULL without memory. */
const char *unit_message(Arena *arena, const DiagList *diags);

/* Decodes one document and checks it alone: -EINVAL with diagnostics, or -ENOMEM. */
int unit_decode(const Node *node, Arena *arena, Decoded *ret, DiagList *diags);

/* The memory of a model. */
typedef struct UnitSet {
        Unit **units;
        size_t n;
        Arena arena; /* for what concerns several files */
} UnitSet;

/* Empty, with room for n units. -ENOMEM. */
int unit_set_new(size_t n, UnitSet **ret);
/* Safe on NULL; drops its reference to each unit. */
void unit_set_free(void *set);
