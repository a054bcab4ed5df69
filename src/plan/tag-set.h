#pragma once

/* All tags of one component while its map is being worked out: what the database knew, what the
 * registry lists now, and what the rules make of each. Pure: time and lists are parameters.
 *
 * A tag that the list lacks is believed gone only when a second complete list lacks it too. A list
 * that shrank by more than half is held: nothing counts as missing by it (a proxy that fell back to
 * its cache, a page cut off, a scope lost).
 *
 * A repository may have a million tags, so a tag takes 88 bytes here, and each text stands once:
 * the list's text is used where it equals the known one. */

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"
#include "base/text-index.h"
#include "model/version-map.h"
#include "registry/registry.h"
#include "version/policy.h"

/* What only few tags have. */
typedef struct TagExtra {
        const char *problem;       /* as in TagRecord */
        const char *listed_digest; /* as the list said, if it is not the known one; NULL */
        usec_t listed_pushed_at;   /* likewise; 0 */
        const char *moved_from;
        usec_t moved_from_at; /* since when it had been that */
        const char *build_metadata;
} TagExtra;

typedef struct TagState {
        /* The row as it will be stored, but for its problem; the tag first, which is the key. */
        const char *tag;
        const char *digest;
        usec_t first_seen_at, changed_at, checked_at, pushed_at;
        /* What the rules say, valid if eligible: */
        const char *channel;
        const char *version; /* its canonical text; the sort key lies behind the NUL */
        uint32_t key_size;
        uint16_t specificity;
        bool eligible : 1;
        bool prerelease : 1;
        bool manual : 1;  /* assigned by spec.versions or over the API */
        bool ordered : 1; /* the sort key begins with when the image was built */

        unsigned char missing : 2; /* as in TagRecord, at most TAG_GONE */
        bool dirty : 1;            /* the row must be written */
        bool resolve : 1;     /* its digest must be asked for; until it is classified: listed */
        bool moved : 1;       /* its digest changed in this pass */
        bool told : 1;        /* and that was told */
        bool assigned : 1;    /* over the API: no row of the tag's, and nothing moves it */
        bool list_told : 1;   /* its digest is the list's: no need to ask */
        bool only_listed : 1; /* digest and pushed_at are the list's, and not taken over yet */
        bool list_agrees : 1; /* the list has the known digest */
        bool unread : 1;      /* its manifest was asked for and cannot be had */
        usec_t held_until;    /* wall: too young to head a channel before; 0: not held */
        TagExtra *extra;      /* NULL: it has nothing of that */
} TagState;

typedef struct TagSet {
        TagState *items; /* malloc()ed: known ones by tag, then new ones in the list's order, then
                            what was assigned. They stay where they are once all are
                            classified. */
        size_t n, capacity;
        size_t n_known, n_list_seen, n_indexed, n_classified;
        unsigned char *listed_known; /* a bit for each of the list: it was known */
        bool counts_missing;
        Arena scratch;    /* of one classification */
        Map channels;     /* their names, each once */
        TextIndex by_tag; /* but for what is assigned */
        Map by_assigned;  /* digest -> TagState * */
        size_t n_listed;
        size_t n_eligible;
        size_t n_missing; /* wait for a second list */
        size_t n_gone;
        bool held;             /* the list shrank by more than half */
        size_t n_before;       /* tags that were there before, for the message */
        const char *problem;   /* a rule that could not be applied; NULL if none */
        const char *gave_up;   /* the rules were too slow: this set says nothing; NULL if not */
        const TagState *unfit; /* the newest that its manifest rules out; NULL if none */
        const char *unfit_why; /* for people */
        bool unfit_artifact;   /* it is no image; else its image lacks a wanted platform */
        size_t n_unfit;
} TagSet;

typedef struct TagSetInput {
        size_t max;         /* most tags, known and listed ones together */
        ListedTags *listed; /* NULL: no new list, what is known stands */
        bool stale;         /* the list is an old one: what is missing from it may be there */
        bool accept_shrunk; /* the held list was confirmed */
        bool resolve_all;   /* ask for every eligible tag again */
        const Assignments *assigned;
        usec_t now; /* wall */
} TagSetInput;

/* A set is made in four steps. The last two do some of their work until the monotonic time until,
 * and return 1 if there is more to do, 0 at the end. All fail with ERROR_HOSTILE beyond input->max.
 * 1. Begins an empty set. */
int tag_set_begin(TagSet *set, const TagSetInput *input, VersionPolicy *policy, Error *err);

/* 2. Adds known tags; called for one page after the other, in the order of their names. Their texts
 * are copied, or the list's are used. */
int tag_set_add_known(TagSet *set, const TagSetInput *input, const TagRecords *page, Arena *arena,
                      Error *err);

/* 3. Adds the tags that are only listed, and makes the index. The items of the list and their index
 * are freed at the end; their texts must stay. */
int tag_set_add_listed(TagSet *set, const TagSetInput *input, usec_t until, Error *err);

/* 4. Applies the rules, and at the end adds what was assigned. If the rules turn out to be too
 * slow, set->gave_up says so at the end, and the set must not be used. */
int tag_set_classify(TagSet *set, const TagSetInput *input, VersionPolicy *policy, usec_t until,
                     Arena *arena, Error *err);
void tag_set_done(TagSet *set);
/* Bytes that the set takes beside the arena, without the list. */
size_t tag_set_memory(const TagSet *set);

TagState *tag_set_find(const TagSet *set, const char *tag);

/* From and to a row. -ENOMEM. */
int tag_state_of(const TagRecord *record, Arena *arena, TagState *ret);
TagRecord tag_state_record(const TagState *state);

/* Takes what the list itself says of the digest. Returns the digest if it is news, else NULL. */
const char *tag_state_take_listed(TagState *state);

/* Notes what a tag resolved to. Returns 1 if it moved, 0 if not, -ENOMEM. The first copies the
 * digest, the second borrows it. */
int tag_set_resolved(TagState *state, const char *digest, usec_t now, Arena *arena);
int tag_set_resolved_by_list(TagState *state, const char *digest, usec_t now, Arena *arena);

/* Notes why its digest is not to be had; the text is borrowed. -ENOMEM. */
int tag_state_set_problem(TagState *state, const char *problem, Arena *arena);

/* Keeps the version in one block. -ENOMEM. */
int tag_state_set_version(TagState *state, const Version *version, Arena *arena);
SortKey tag_state_key(const TagState *state);
const char *tag_state_build_metadata(const TagState *state); /* NULL if none */

/* True if the tag bears a version that may be chosen: eligible, resolved, not gone, not held. */
bool tag_state_is_candidate(const TagState *state);
bool tag_state_is_gone(const TagState *state);

/* The newest candidate of each channel: channel -> TagState *. -ENOMEM. */
int tag_set_newest(const TagSet *set, Map *newest);

/* Order among candidates for a head: sort key, specificity, tag. */
int tag_state_compare(const TagState *a, const TagState *b);
