#pragma once

/* One parsed spec file, and sets of such files. A unit is shared by the tree, which keeps it for
 * the next load, and by the models made from it. */

#include "base/diag.h"
#include "base/time.h"
#include "model/model.h"
#include "model/schema/decode.h"
#include "spec/check.h"
#include "spec/tree.h"

typedef struct Unit {
        unsigned n_refs;
        struct stat stat;
        bool is_unread; /* the next load reads it again, because stat() would not show that this
                           failure has ended */
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
/* Reads until the monotonic time `until`. Returns 1 if there is more to do; 0 when the unit is
 * complete, and sets *ret. */
int unit_read_step(UnitRead *read, KnownPatterns *known, usec_t until, Unit **ret);
UnitRead *unit_read_free(UnitRead *read); /* safe on NULL */
DEFINE_FREEP(UnitRead, unit_read_free)

Unit *unit_unref(Unit *unit);
DEFINE_FREEP(Unit, unit_unref)

/* Returns the text of the first error in diags, not cut. NULL if memory ran out. */
const char *unit_message(Arena *arena, const DiagList *diags);

/* Decodes one document and checks it without the others. known may be NULL. -EINVAL with
 * diagnostics, or -ENOMEM. */
int unit_decode(const Node *node, KnownPatterns *known, Arena *arena, Decoded *ret,
                DiagList *diags);

/* The owner of a model's memory. */
typedef struct UnitSet {
        Unit **units;
        size_t n;
        Arena arena; /* texts that concern several files */
} UnitSet;

/* Makes an empty set with room for n units. -ENOMEM. */
int unit_set_new(size_t n, UnitSet **ret);
/* Drops the reference to each unit. Safe on NULL. */
void unit_set_free(void *set);
