#pragma once

/* Finds the facts for the rule about moved tags in release/admission.h. For each tag of a
 * component, these are the digests in releases and the digest that a person allowed. Pure: the
 * caller reads the rows. */

#include "base/arena.h"
#include "base/map.h"
#include "model/component.h"
#include "model/registry.h"
#include "model/version-map.h"
#include "release/admission.h"

/* The facts about all tags of one component. Texts are borrowed from the rows. tag_guard_done()
 * frees the map; all other data is in the arena. */
typedef struct TagGuard {
        bool is_mutable;
        const char *follow; /* the tag that the component follows, which may move; NULL: none */
        Map tags;           /* the guarded tags: tag -> GuardedTag * */
} TagGuard;

typedef struct TagGuardRows {
        ReleasedTags released;
        TagMoves moves;
} TagGuardRows;

/* True if versions of the component follow their tags when these move. registry is NULL if none is
 * declared. */
bool component_tags_are_mutable(const ComponentSpec *component, const RegistrySpec *registry);

/* Indexes the rows by tag. rows are borrowed. Returns 0 or -ENOMEM. */
int tag_guard_init(TagGuard *guard, const ComponentSpec *component, const TagGuardRows *rows,
                   Arena *arena);
void tag_guard_done(TagGuard *guard);

/* Sets *ret to the facts about a tag. Returns false if the tag may have any digest. head: the tag's
 * digest as head of a channel; NULL if the tag is not a head. */
bool tag_guard_facts(const TagGuard *guard, const char *name, const char *head, AdmissionTag *ret);

/* Returns the digest that the tag has as head of this channel, otherwise as head of another one;
 * NULL if it is not a head. Heads of two channels may name the tag: its version, and another digest
 * of it that a person assigned as a version. */
const char *tag_guard_head(const Channels *channels, const char *channel, const char *tag);
