#pragma once

/* A component of a replay (replay.h): its tags with the digests that they had over time. */

#include "base/sort.h"
#include "plan/tag-set.h"
#include "release/admission.h"

typedef struct Replay Replay;

#define REPLAY_KEY_MAX ((1U << 28) - 1) /* bytes of a sort key, as the bits of key_size allow */

/* A digest that a tag got. */
typedef struct ReplayPoint {
        usec_t at;
        const char *digest;        /* NULL: the tag was listed, but its digest is not recorded */
        const char *version;       /* as in TagState, if the order depends on the digest; NULL: the
                                      version of the tag */
        uint32_t tag;              /* index of the tag */
        uint32_t key_size : 28;    /* of `version` */
        uint32_t is_refused : 1;   /* the digest may not be a head */
        uint32_t is_unchecked : 1; /* a fact that decides this is not recorded */
        uint32_t is_allowed : 1; /* a person allowed the tag to move to the digest; it did not move
                                  */
        uint32_t is_ended : 1;   /* the digest got an assigned version, so that tags that have it
                                    are no versions any more */
} ReplayPoint;

/* The members that only tags in releases have. */
typedef struct ReplayGuarded {
        ReleasedDigest *released; /* newest first */
        const char *allowed;      /* the digest of the last move that a person allowed */
        usec_t allowed_at;
} ReplayGuarded;

typedef struct ReplayTag {
        /* The tag at the present time of the replay. checked_at is the time of its first point;
         * USEC_INFINITY: it has none. */
        TagState state;
        const char *version;      /* as classified */
        const ReplayPoint *point; /* the last point; NULL: the tag was not listed yet */
        ReplayGuarded *guarded;   /* NULL: all its members are empty */
        uint32_t key_size;        /* of `version` */
        uint32_t channel;         /* index in ReplayComponent.heads */
        uint32_t step;            /* number of the last step that has a point of the tag */
        bool is_candidate;
} ReplayTag;

typedef struct ReplayHead {
        const char *channel;
        ReplayTag *tag; /* NULL: the channel has no version */
} ReplayHead;

typedef struct ReplayComponent {
        const ComponentSpec *spec;
        bool tags_are_mutable;
        ReplayTag *tags; /* malloc()ed; sorted by name before replay_component_end() */
        size_t n, capacity;
        ReplayPoint *points; /* malloc()ed, in any order */
        size_t n_points, points_capacity;
        usec_t *passes; /* malloc()ed: the times at which polls that found new tags began */
        size_t n_passes, passes_capacity;
        ReplayHead *heads; /* malloc()ed: one for each channel */
        size_t n_heads, heads_capacity;
        Map channels;   /* name -> index in heads, plus 1 */
        unsigned stage; /* stage of replay_component_end(), and the position in it */
        size_t at;
        Map oldest;           /* digest -> the first ReplayPoint that has it */
        Sorting order, polls; /* the points and the passes in the order of time */
        uint32_t n_steps;     /* number of steps so far */
        size_t next, pass;    /* positions in order and in polls */
        size_t end;           /* the position in order behind the next step */
        size_t n_compared;    /* number of tags that the present search of all heads has compared */
        bool finds_heads;     /* the next step was applied, and its heads are being searched */
        uint32_t *streams;    /* malloc()ed: the streams that have the component */
        size_t n_streams, streams_capacity;
        size_t n_unknown; /* number of tags that are versions and have no recorded digest */
        size_t n_undated; /* number of digests without a recorded build time that is needed */
        usec_t since;     /* when its first tag was seen; USEC_INFINITY: it has none */
} ReplayComponent;

/* Adds a component. Texts of the spec are borrowed. Returns NULL if memory ran out. */
ReplayComponent *replay_add_component(Replay *replay, const ComponentSpec *spec,
                                      bool tags_are_mutable);
/* Adds a tag with the digest that it has now. Tags are added in the order of their names. Tags that
 * are no versions add only the time of a poll. Texts are copied. */
int replay_add_tag(Replay *replay, ReplayComponent *component, const TagRecord *record,
                   const Classification *is);
/* Adds a version that a person assigned. Called after all tags were added. */
int replay_add_assigned(Replay *replay, ReplayComponent *component, const Assignment *assignment,
                        const Classification *is);
/* Adds an earlier digest of a tag. Ignores other tags than those of replay_add_tag(). */
int replay_add_history(Replay *replay, ReplayComponent *component, const TagRecord *record);
/* Add a move that a person allowed, and a digest that an earlier release has under a tag. */
int replay_add_move(Replay *replay, ReplayComponent *component, const TagMove *move);
int replay_add_released(Replay *replay, ReplayComponent *component, const ReleasedTag *released);
/* Returns the tag with a name, which is no assigned version; NULL: there is none. */
ReplayTag *replay_find_tag(const ReplayComponent *component, const char *name);
/* Returns the guarded members of a tag, which it makes if there are none; NULL if memory ran out.
 */
ReplayGuarded *replay_guarded(const Replay *replay, ReplayTag *tag);

/* The facts that decide whether a digest may be a head. */
typedef struct ReplayFacts {
        const VersionPolicy *policy;
        const VerifyRules *verify; /* the rules about signatures; NULL or empty: none */
        const Map *manifests;      /* digest -> const Manifest * */
        const Map *assigned;       /* digest -> const Assignment * */
} ReplayFacts;

/* Evaluates and sorts the digests of a component. Called after all its tags were added. Works until
 * the monotonic time `until`. Returns 1 if there is more to do, 0 at the end, or -ENOMEM. */
int replay_component_end(Replay *replay, ReplayComponent *component, const ReplayFacts *facts,
                         usec_t until);
