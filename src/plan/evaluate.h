#pragma once

/* Applies the rules of release/admission.h to the tags of a component, and orders versions by build
 * time if the component requests that. Pure. May be called again when more manifests are known. */

#include "plan/tag-walk.h"
#include "release/tag-guard.h"

typedef struct JudgeInput {
        const ComponentSpec *spec;
        const VersionPolicy *policy;
        const Map *manifests;     /* the known manifests: digest -> const Manifest * */
        const TagGuard *guard;    /* what is stored about tags that were in releases */
        const Channels *channels; /* the stored heads: a current head is old enough */
        usec_t now;               /* wall */
} JudgeInput;

typedef enum JudgePass {
        JUDGE_KEEP, /* keeps the earlier digest for versions whose tags moved (rule ADMIT_TAG) */
        JUDGE_AGES,
        JUDGE_TAGS,
        JUDGE_END,
} JudgePass;

/* The position of judge_tags() or judge_wants(). {0} before the first call, and after the last. */
typedef struct Judging {
        JudgePass pass;
        size_t next;
        Map oldest;       /* digest -> the TagState that has had it longest */
        Map wanted;       /* digests without a manifest: digest -> TagState * */
        TagNewest newest; /* candidates for heads */
} Judging;

/* Evaluates tags until the monotonic time until. Returns 1 if there is more to do. The input, with
 * its time, must stay the same until the end. -ENOMEM. */
int judge_tags(TagSet *set, const JudgeInput *input, Judging *judging, usec_t until, Arena *arena);
void judging_done(Judging *judging);

/* Decides about one tag with a digest, as judge_tags() does. Returns 0 or -ENOMEM. */
int judge_one(const TagSet *set, const TagState *state, const JudgeInput *input, Admission *ret);

/* The tags whose manifests are needed next, each digest once: all if the order depends on their
 * manifests; otherwise the newest of each channel, and another one only if that is rejected. They
 * are fetched and evaluated until no more are needed. Arrays live in the arena. */
typedef struct JudgeWants {
        TagState **items;
        size_t n;
} JudgeWants;
/* Finds these tags in slices, as judge_tags() does. */
int judge_wants(const TagSet *set, const JudgeInput *input, Judging *judging, usec_t until,
                Arena *arena, JudgeWants *ret);

/* Marks a tag whose manifest cannot be read: it cannot become a head. If it is the head already, it
 * stays, because heads do not move back when a registry fails to answer. */
void judge_unread(TagState *state, const JudgeInput *input);
