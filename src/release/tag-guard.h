#pragma once

/* Finds the facts for the rule about moved tags in release/admission.h: which digests releases hold
 * under each tag of a component, and which a person allowed. Pure: the caller reads the rows. */

#include "base/arena.h"
#include "base/map.h"
#include "model/component.h"
#include "model/registry.h"
#include "model/version-map.h"
#include "release/admission.h"

/* Texts are borrowed from the rows. Other data is in the arena, except for the map: it is freed by
 * tag_guard_done(). */
typedef struct TagGuard {
        bool is_mutable;
        const char *follow; /* the tag that may move, because the component follows it; NULL: there
                               is none */
        Map tags;           /* the guarded tags: tag -> GuardedTag * */
} TagGuard;

typedef struct TagGuardRows {
        ReleasedTags released;
        TagMoves moves;
} TagGuardRows;

/* True if versions of the component follow their tags. registry NULL: none is declared. */
bool component_tags_are_mutable(const ComponentSpec *component, const RegistrySpec *registry);

/* Indexes the rows by tag. rows are borrowed. Returns 0 or -ENOMEM. */
int tag_guard_init(TagGuard *guard, const ComponentSpec *component, const TagGuardRows *rows,
                   Arena *arena);
void tag_guard_done(TagGuard *guard);

/* Returns the facts about a tag; false if it may have any digest. head: the digest with which it
 * heads a channel; NULL: it heads none. */
bool tag_guard_facts(const TagGuard *guard, const char *name, const char *head, AdmissionTag *ret);

/* Returns the digest with which a tag heads a channel; NULL if it heads none. */
const char *tag_guard_head(const Channels *channels, const char *tag);
