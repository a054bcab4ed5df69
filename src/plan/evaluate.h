#pragma once

/* Applies the rules of release/admission.h to the tags of a component, and orders versions by their
 * build time where the component asks for that. Pure. May be called again when more manifests are
 * known. */

#include "plan/tag-set.h"

typedef struct JudgeInput {
        const ComponentSpec *spec;
        const VersionPolicy *policy;
        const Map *manifests;     /* digest -> const Manifest *: those that are known */
        const Channels *channels; /* as stored: what heads a channel is old enough */
        usec_t now;               /* wall */
} JudgeInput;

/* Returns 0 or -ENOMEM. */
int judge_tags(TagSet *set, const JudgeInput *input, Arena *arena);

/* The tags whose manifests must be known next, each digest once; arrays live in the arena. They are
 * fetched and judged, until none is wanted. */
typedef struct JudgeWants {
        TagState **items;
        size_t n;
} JudgeWants;
int judge_wants(const TagSet *set, const JudgeInput *input, Arena *arena, JudgeWants *ret);

/* The manifest of a tag cannot be had: it heads no channel, but for the one that it heads already:
 * heads do not go back because of what a registry fails to say. */
void judge_unread(TagState *state, const JudgeInput *input);
