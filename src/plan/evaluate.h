#pragma once

/* Applies the rules of release/admission.h to the tags of a component, and orders versions by build
 * time if the component requests that. Pure. May be called again when more manifests are known. */

#include "plan/tag-set.h"
#include "release/tag-guard.h"

typedef struct JudgeInput {
        const ComponentSpec *spec;
        const VersionPolicy *policy;
        const Map *manifests;     /* digest -> const Manifest *: the known ones */
        const TagGuard *guard;    /* of tags that were in releases */
        const Channels *channels; /* as stored: a current head is old enough */
        usec_t now;               /* wall */
} JudgeInput;

/* Returns 0 or -ENOMEM. */
int judge_tags(TagSet *set, const JudgeInput *input, Arena *arena);

/* Decides about one tag with a digest, as judge_tags() does. Returns 0 or -ENOMEM. */
int judge_one(const TagSet *set, const TagState *state, const JudgeInput *input, Admission *ret);

/* The tags whose manifests are needed next, each digest once; arrays live in the arena. They are
 * fetched and evaluated until no more are needed. */
typedef struct JudgeWants {
        TagState **items;
        size_t n;
} JudgeWants;
int judge_wants(const TagSet *set, const JudgeInput *input, Arena *arena, JudgeWants *ret);

/* Marks a tag whose manifest cannot be read: it is no head, except where it is head already. Heads
 * do not move back because a registry fails to answer. */
void judge_unread(TagState *state, const JudgeInput *input);
