#pragma once

/* Applies the rules of release/admission.h to the tags of a component. If the component requests
 * it, orders versions by build time. Pure. The functions may be called again when more manifests
 * are known. */

#include "plan/tag-walk.h"
#include "release/tag-guard.h"

typedef struct JudgeInput {
        const ComponentSpec *spec;
        const VersionPolicy *policy;
        const VerifyRules *verify; /* the rules about signatures */
        const Map *manifests;      /* the known manifests: digest -> const Manifest * */
        const TagGuard *guard;     /* what is stored about tags that were in releases */
        const Channels *channels;  /* the stored heads; a stored head is never too young */
        usec_t now;                /* wall */
} JudgeInput;

typedef enum JudgePass {
        JUDGE_KEEP, /* lets versions keep the earlier digest of a moved tag (rule ADMIT_TAG) */
        JUDGE_AGES,
        JUDGE_TAGS,
        JUDGE_END,
} JudgePass;

/* The position of judge_tags() or judge_wants(). It is {0} before the first call and after the
 * last. */
typedef struct Judging {
        JudgePass pass;
        size_t next;
        Map oldest;       /* digest -> the TagState that has had it longest */
        Map wanted;       /* digests without a manifest: digest -> TagState * */
        TagNewest newest; /* candidates for heads */
} Judging;

/* Evaluates tags until the monotonic time `until`. Returns 1 if there is more to do, 0 at the end,
 * or -ENOMEM. The input, including input->now, must not change until the end. */
int judge_tags(TagSet *set, const JudgeInput *input, Judging *judging, usec_t until, Arena *arena);
void judging_done(Judging *judging);

/* Decides about one tag, which must have a digest, as judge_tags() does. Returns 0 or -ENOMEM. */
int judge_one(const TagSet *set, const TagState *state, const JudgeInput *input, Admission *ret);

/* The tags whose manifests or signatures are needed next, one for each digest. The caller fetches
 * the manifests, evaluates the tags, and calls judge_wants() again until no more are needed.
 * - If the order of versions depends on manifests, these are all tags without a manifest, if any.
 * - Otherwise they are the newest candidate of each channel. An older tag follows only if the newer
 *   one is ruled out.
 * The array is in the arena. */
typedef struct JudgeWants {
        TagState **items;
        size_t n;
} JudgeWants;
/* Finds these tags. Works in slices, as judge_tags() does. */
int judge_wants(const TagSet *set, const JudgeInput *input, Judging *judging, usec_t until,
                Arena *arena, JudgeWants *ret);

/* True if the manifest of the tag's digest is known, and its signatures must be verified next. */
bool judge_needs_signature(const TagState *state, const JudgeInput *input);

/* Marks a tag whose manifest cannot be read: the tag cannot become a head. A tag that is a head
 * already stays the head, because heads do not move back when a registry fails to answer. */
void judge_unread(TagState *state, const JudgeInput *input);
