#pragma once

/* All tags of one component while its map is being worked out: what the database knew, what the
 * registry lists now, and what the rules make of each. Pure: time and lists are parameters.
 *
 * A tag that the list lacks is believed gone only when a second complete list lacks it too. A list
 * that shrank by more than half is held: nothing counts as missing by it (a proxy that fell back to
 * its cache, a page cut off, a scope lost). */

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"
#include "base/text-index.h"
#include "model/version-map.h"
#include "registry/registry.h"
#include "version/policy.h"

typedef struct TagState {
        TagRecord record;          /* as it will be stored; its tag first, which is the key */
        Classification is;         /* what the rules say */
        bool known;                /* has a row in the database */
        bool dirty;                /* the row must be written */
        bool resolve;              /* its digest must be asked for */
        bool moved;                /* its digest changed in this pass */
        bool told;                 /* and that was told */
        bool assigned;             /* over the API: no row of the tag's, and nothing moves it */
        bool list_told;            /* its digest is the list's: no need to ask */
        bool ordered;              /* the sort key begins with when the image was built */
        const char *listed_digest; /* as the list said; NULL: it did not */
        usec_t listed_pushed_at;   /* likewise; 0 */
        usec_t held_until;         /* wall: too young to head a channel before; 0: not held */
        const char *moved_from;
        usec_t moved_from_at; /* since when it had been that */
} TagState;

typedef struct TagSet {
        TagState *items;
        size_t n;
        size_t n_classified;
        TextIndex by_tag; /* but for what is assigned */
        Map by_assigned;  /* digest -> TagState * */
        size_t n_listed;
        size_t n_eligible;
        size_t n_missing; /* wait for a second list */
        size_t n_gone;
        bool held;               /* the list shrank by more than half */
        size_t n_before;         /* tags that were there before, for the message */
        const char *problem;     /* a rule that could not be applied; NULL if none */
        const char *gave_up;     /* the rules were too slow: this set says nothing; NULL if not */
        const TagState *lacking; /* the newest whose image lacks a wanted platform; NULL if none */
        size_t n_lacking;
} TagSet;

typedef struct TagSetInput {
        const TagRecords *known;
        bool has_list; /* false: no new list, what is known stands */
        bool stale;    /* the list is an old one: what is missing from it may be there */
        const ListedTag *listed;
        size_t n_listed;
        bool accept_shrunk; /* the held list was confirmed */
        bool resolve_all;   /* ask for every eligible tag again */
        const Assignments *assigned;
        usec_t now; /* wall */
} TagSetInput;

/* The first half: what is known and listed. Texts are borrowed from the input, also from its list.
 */
int tag_set_begin(TagSet *set, const TagSetInput *input, VersionPolicy *policy, Arena *arena,
                  Error *err);

/* The second half: applies the rules, to some tags until the monotonic time until, and at the end
 * to what was assigned. Returns 1 if there is more to do, 0 at the end. If the rules turn out to be
 * too slow, set->gave_up says so at the end, and the set must not be used. input is the same, but
 * its list may be gone. */
int tag_set_classify(TagSet *set, const TagSetInput *input, VersionPolicy *policy, usec_t until,
                     Arena *arena, Error *err);
void tag_set_done(TagSet *set);

TagState *tag_set_find(const TagSet *set, const char *tag);

/* Notes what a tag resolved to; digest is copied. Returns 1 if it moved, 0 if not, -ENOMEM. */
int tag_set_resolved(TagState *state, const char *digest, usec_t now, Arena *arena);

/* True if the tag bears a version that may be chosen: eligible, resolved, not gone, not held. */
bool tag_state_is_candidate(const TagState *state);
bool tag_state_is_gone(const TagState *state);

/* The newest candidate of each channel: channel -> TagState *. -ENOMEM. */
int tag_set_newest(const TagSet *set, Map *newest);

/* Order among candidates for a head: sort key, specificity, tag. */
int tag_state_compare(const TagState *a, const TagState *b);
