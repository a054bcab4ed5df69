#pragma once

/* The stored tags of a component, evaluated by its rules and by the facts that are known about
 * them, without a registry. There may be many: the work is done in steps of some milliseconds. */

#include "plan/evaluate.h"
#include "store/store.h"

/* Begins as {0}; stored_tags_done() frees it. The arena holds the texts. */
typedef struct StoredTags {
        Store *store;
        const ComponentSpec *spec;
        const RegistrySpec *registry; /* Registry of the component; NULL: none is declared */
        Arena *arena;
        unsigned stage;
        VersionPolicy *policy;
        TagSet tags;
        TagSetInput input;
        Assignments assigned;
        Channels channels; /* the heads, as stored */
        Map manifests;  /* the known manifests: digest -> const Manifest *; see stored_tags_judge()
                         */
        TagGuard guard; /* valid after stored_tags_judge() */
} StoredTags;

/* Begins. The members store, spec, registry and arena must be set. */
int stored_tags_begin(StoredTags *stored, Error *err);
/* Applies the rules. Works until the monotonic time until, and returns 1 if there is more to do, 0
 * at the end. If tags.gave_up is set then, the rules are too slow and the tags must not be used. */
int stored_tags_step(StoredTags *stored, usec_t until, Error *err);
/* Evaluates the known digests and manifests. Call after the rules were applied. */
int stored_tags_judge(StoredTags *stored, Error *err);
/* Returns the decision about one tag with a digest. Call after stored_tags_judge(). */
int stored_tags_admission(const StoredTags *stored, const TagState *state, Admission *ret);
void stored_tags_done(StoredTags *stored);
/* Returns the bytes besides the arena. */
size_t stored_tags_memory(const StoredTags *stored);
