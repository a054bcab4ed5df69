#pragma once

/* What is decided of a version once its digest is known: denied digests, platforms that are
 * lacking, the order by build time, and whether it is old enough. Pure. May be called again when
 * more manifests are known. */

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

/* True if manifests decide: then those of judge_wants() must be fetched and judged, until it wants
 * none. */
bool judge_needs_manifests(const ComponentSpec *spec);

/* The tags whose manifests must be known next, each digest once; arrays live in the arena. */
typedef struct JudgeWants {
        TagState **items;
        size_t n;
} JudgeWants;
int judge_wants(const TagSet *set, const JudgeInput *input, Arena *arena, JudgeWants *ret);
