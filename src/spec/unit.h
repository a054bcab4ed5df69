#pragma once

/* Parsed spec files, and sets of them. The tree keeps a unit for the next load; the models made
 * from it share it. */

#include "base/diag.h"
#include "base/time.h"
#include "model/model.h"
#include "model/schema/decode.h"
#include "spec/check.h"
#include "spec/source.h"

typedef struct Unit {
        unsigned n_refs;
        FileIdentity identity;
        bool is_unread; /* the next load reads the file again, because stat() would not show that
                         * the error has ended */
        Arena arena;
        const char *path;
        Object **objects;
        size_t n_objects;
        Broken *brokens;
        size_t n_brokens;
        DiagList diags;
} Unit;

/* A file that is read and parsed in steps. Errors in the file are added to diags and brokens of the
 * unit. Fails with -ESTALE if the tree changed, or with -ENOMEM. */
typedef struct UnitRead UnitRead;
int unit_read_new(const SpecSource *source, const TreeFiles *files, const TreeFile *file,
                  UnitRead **ret);
/* Reads until the monotonic time `until`. Returns 1 if there is more to do; 0 when the unit is
 * complete, and sets *ret. */
int unit_read_step(UnitRead *read, KnownPatterns *known, usec_t until, Unit **ret);
UnitRead *unit_read_free(UnitRead *read); /* safe on NULL */
DEFINE_FREEP(UnitRead, unit_read_free)

Unit *unit_unref(Unit *unit);
DEFINE_FREEP(Unit, unit_unref)

/* Returns the complete text of the first error in diags; NULL if memory runs out. */
const char *unit_message(Arena *arena, const DiagList *diags);

/* Decodes one document, and checks it without its references. known may be NULL. Returns 0, -EINVAL
 * with diagnostics, or -ENOMEM. */
int unit_decode(const Node *node, KnownPatterns *known, Arena *arena, Decoded *ret,
                DiagList *diags);

/* A set of units. It owns the memory of a model. */
typedef struct UnitSet {
        Unit **units;
        size_t n;
        Arena arena; /* texts that belong to no single file */
} UnitSet;

/* Makes an empty set with room for n units. Returns 0 or -ENOMEM. */
int unit_set_new(size_t n, UnitSet **ret);
/* Drops the references to all units, and frees the set. Safe on NULL. */
void unit_set_free(void *set);
