#pragma once

/* The stored tags of a component, evaluated by its rules and by the stored facts about them. Polls
 * no registry. There may be many tags, so the work is done in steps of some milliseconds. */

#include "plan/evaluate.h"
#include "store/store.h"

/* The stored tags of a component, read in steps. Begins as {0}. stored_tags_done() frees it. The
 * arena holds the texts. */
typedef struct StoredTags {
        Store *store;
        const ComponentSpec *spec;
        const char *signature_policy; /* Signature.policy of the results that count; NULL: all do
                                       */
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

/* Begins. The caller must have set store, spec, registry and arena. */
int stored_tags_begin(StoredTags *stored, Error *err);
/* Applies the rules until the monotonic time `until`. Returns 1 if there is more to do, 0 at the
 * end. If tags.gave_up is set at the end, the rules are too slow and the tags must not be used. */
int stored_tags_step(StoredTags *stored, usec_t until, Error *err);
/* Evaluates the known digests and manifests. Called after stored_tags_step() has returned 0. */
int stored_tags_judge(StoredTags *stored, Error *err);
/* Sets *ret to the decision about one tag, which must have a digest. Called after
 * stored_tags_judge(). */
int stored_tags_admission(const StoredTags *stored, const TagState *state, Admission *ret);
void stored_tags_done(StoredTags *stored);
/* Returns the bytes that the tags take outside of the arena. */
size_t stored_tags_memory(const StoredTags *stored);
