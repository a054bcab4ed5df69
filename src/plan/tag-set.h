#pragma once

/* All tags of one component while its version map is computed: the stored state, the current list,
 * and the result of the rules. Pure: time and lists are parameters.
 *
 * A tag counts as deleted only after two consecutive complete lists without it. A list that shrank
 * by more than half is held back, and no tag counts as missing. The cause may be a cache of a
 * proxy, a truncated page, or a lost permission.
 *
 * A repository may have a million tags, so a tag takes 88 bytes and each text is stored once. If a
 * stored text equals that of the list, the text of the list is used. */

#include "base/arena.h"
#include "base/error.h"
#include "base/map.h"
#include "base/text-index.h"
#include "model/version-map.h"
#include "registry/registry.h"
#include "version/policy.h"

/* The members that only few tags have. */
typedef struct TagExtra {
        const char *problem;       /* as in TagRecord */
        const char *listed_digest; /* digest in the list, if it differs; otherwise NULL */
        usec_t listed_pushed_at;   /* time in the list, if it differs; otherwise 0 */
        const char *moved_from;
        const char *moved_to; /* the digest that the tag has in the registry now; until a person
                                 allows the move, the version keeps the digest of TagState */
        usec_t moved_from_at; /* when the tag got the digest moved_from */
        const char *build_metadata;
} TagExtra;

typedef struct TagState {
        /* The row to be stored, without its problem. tag is first, because TextIndex finds the key
         * there. */
        const char *tag;
        const char *digest;
        usec_t first_seen_at, changed_at, checked_at, pushed_at;
        /* The result of the rules, valid if eligible or denied: */
        const char *channel;
        const char *version; /* canonical text; the sort key is stored after the NUL */
        uint32_t key_size : 30;
        uint32_t not_resolved : 1; /* its row has the problem TAG_NOT_RESOLVED */
        uint32_t ruled_out : 1;    /* the evaluation ruled it out; otherwise it would be eligible */
        uint16_t specificity;
        bool eligible : 1;
        bool denied : 1; /* its version is denied; otherwise it would be eligible */
        bool prerelease : 1;
        bool manual : 1;  /* assigned by spec.versions or over the API */
        bool ordered : 1; /* the sort key begins with the build time */

        unsigned char missing : 2; /* as in TagRecord, at most TAG_GONE */
        bool dirty : 1;            /* the row must be written */
        /* the pass must request its digest; before classification: the tag is listed */
        bool resolve : 1;
        bool moved : 1;     /* its digest changed in this pass */
        bool told : 1;      /* the move was reported */
        bool assigned : 1;  /* assigned over the API: no tag is stored for it, and it never moves */
        bool list_told : 1; /* the digest was taken from the list, so no request is needed */
        bool only_listed : 1; /* digest and pushed_at come from the list and were not applied yet */
        bool list_agrees : 1; /* the list has the known digest */
        bool unread : 1;      /* its manifest was requested and cannot be read */
        usec_t held_until;    /* wall: until then too young to be a head; 0: not held */
        TagExtra *extra;      /* NULL: all members of TagExtra are empty */
} TagState;

_Static_assert(sizeof(TagState) <= 88, "one more bit costs 8 bytes for each tag");

typedef struct TagSet {
        TagState *items; /* malloc()ed: known tags by name, then new tags in list order, then
                            assigned versions; items do not move after all are classified */
        size_t n, capacity;
        size_t n_known, n_list_seen, n_indexed, n_classified;
        unsigned char *listed_known; /* a bit for each listed tag that was known before */
        bool counts_missing;
        Arena scratch;    /* memory for classifying one tag */
        Map channels;     /* the names of channels, each once */
        TextIndex by_tag; /* tag -> its index in items; without assigned versions */
        Map by_assigned;  /* digest -> TagState * */
        size_t n_listed;
        size_t n_eligible;
        size_t n_missing; /* tags that are missing, but count as deleted only after another list */
        size_t n_gone;
        bool held;           /* the list shrank by more than half */
        size_t n_before;     /* number of tags before this list, for the message */
        const char *problem; /* a rule that could not be applied; NULL if none */
        const char *gave_up; /* why the rules are too slow, so that the set must not be used; NULL:
                                they are not */
        const TagState *unfit;    /* the newest tag whose manifest rules it out; NULL if none */
        const char *unfit_why;    /* why it is ruled out: a text for people */
        const char *unfit_reason; /* the reason of the condition about it */
        size_t n_unfit;
        size_t n_unsigned;   /* number of tags that their signatures rule out */
        const char *counter; /* the last tag by name that is no date, but probably calver with a
                                counter; NULL: none */
        size_t n_counters;
} TagSet;

typedef struct TagSetInput {
        size_t max;         /* maximum number of tags, known and listed ones together */
        ListedTags *listed; /* NULL: no new list, the stored tags stay */
        bool stale;         /* the list is outdated: tags that it lacks may exist */
        bool accept_shrunk; /* a person confirmed the list that is held back */
        bool resolve_all;   /* request the digest of every eligible tag again */
        const Assignments *assigned;
        usec_t now; /* wall */
} TagSetInput;

/* A set is made in four steps. Steps 3 and 4 work until the monotonic time `until`, and return 1 if
 * there is more to do, 0 at the end. All steps fail with ERROR_HOSTILE beyond input->max tags.
 * 1. Begins an empty set. */
int tag_set_begin(TagSet *set, const TagSetInput *input, VersionPolicy *policy, Error *err);

/* 2. Adds a page of known tags. Called for each page, in the order of names. Copies texts, unless
 * the list has the same text. */
int tag_set_add_known(TagSet *set, const TagSetInput *input, const TagRecords *page, Arena *arena,
                      Error *err);

/* 3. Adds tags that are only in the list, and makes the index. At the end frees the items of the
 * list and their index. The texts of the list must stay. */
int tag_set_add_listed(TagSet *set, const TagSetInput *input, usec_t until, Error *err);

/* 4. Applies the rules, and at the end adds assigned versions. If the rules are too slow, sets
 * set->gave_up; the set must not be used then. */
int tag_set_classify(TagSet *set, const TagSetInput *input, VersionPolicy *policy, usec_t until,
                     Arena *arena, Error *err);
void tag_set_done(TagSet *set);
/* Returns the bytes that the set takes outside of the arena, without the list. */
size_t tag_set_memory(const TagSet *set);

TagState *tag_set_find(const TagSet *set, const char *tag);

/* Convert a row to a state, and a state to a row. -ENOMEM. */
int tag_state_of(const TagRecord *record, Arena *arena, TagState *ret);
TagRecord tag_state_record(const TagState *state);
/* Called before the row is written. Sets its problem if the digest must still be requested. */
void tag_state_note_pending(TagState *state);

/* Applies the digest that the list has for the tag. Returns the digest if it is new, otherwise
 * NULL. */
const char *tag_state_take_listed(TagState *state);

/* Record the resolved digest of a tag. Return 1 if the tag moved, 0 if not, or -ENOMEM.
 * tag_set_resolved() copies the digest; tag_set_resolved_by_list() borrows it. */
int tag_set_resolved(TagState *state, const char *digest, usec_t now, Arena *arena);
int tag_set_resolved_by_list(TagState *state, const char *digest, usec_t now, Arena *arena);

/* Records why the digest is not available. Borrows the text. Returns 0 or -ENOMEM. */
int tag_state_set_problem(TagState *state, const char *problem, Arena *arena);

/* Stores the texts of the version in one allocation. Returns 0 or -ENOMEM. */
int tag_state_set_version(TagState *state, const Version *version, Arena *arena);
/* Lets the version keep a digest that its tag no longer has. Borrows the digest. Returns 0 or
 * -ENOMEM. */
int tag_state_keep(TagState *state, const char *digest, Arena *arena);
const char *tag_state_moved_to(const TagState *state); /* returns NULL if the tag has not moved */
SortKey tag_state_key(const TagState *state);
const char *tag_state_build_metadata(const TagState *state); /* NULL if none */

/* True if the tag may become a head: eligible, resolved, not deleted, not too young. */
bool tag_state_is_candidate(const TagState *state);
bool tag_state_is_gone(const TagState *state);

/* Orders candidates for a head: by sort key, specificity, tag. */
int tag_state_compare(const TagState *a, const TagState *b);
