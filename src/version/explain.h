#pragma once

/* Answers "why was this tag not chosen" and "why is this the head": every tag with its decision.
 * Pure. */

#include "model/component.h"
#include "version/policy.h"

/* Facts of relmand about a tag, and its decision. None without a daemon. */
typedef struct ExplainFact {
        const char *refused; /* why it is not a version although the rules make it one; NULL */
        const char *waits;   /* why it is a version, but no head yet; NULL */
        const char *stays;   /* why it is a head although its tag moved or was deleted; NULL */
        bool no_manifest;    /* a manifest is required, but not known */
        const Classification *assigned; /* manual override for its digest; NULL */
        int64_t created;                /* with orderBy: created: seconds; 0: not known */
} ExplainFact;

typedef struct ExplainedTag {
        const char *tag;
        Classification is;
        const ExplainFact *fact; /* NULL: without a daemon */
        const char *skipped;     /* why it is not chosen although it is eligible; NULL */
        bool only_waits;         /* skipped as a head; a range may select it */
} ExplainedTag;

typedef struct ExplainKnown {
        const ExplainFact *facts; /* one for each tag */
        Channels heads;           /* as relmand has them */
} ExplainKnown;

typedef struct ExplainedHead {
        const char *channel;
        const ExplainedTag
                *head; /* its tag may not be listed: only name and version are set then */
        const ExplainedTag *next; /* the next best one; NULL if there is none */
        size_t n_versions;        /* tags in this channel */
        const char *reason;       /* why it is the head: a text for people */
} ExplainedHead;

typedef struct Explanation {
        const char *component;
        ExplainedTag *tags; /* eligible newest first, then the others in input order */
        size_t n_tags;
        size_t n_eligible;
        ExplainedHead *heads; /* by channel name */
        size_t n_heads;
        const ExplainedTag *selected; /* by channel and range; NULL if nothing satisfies them */
        const char *selected_reason;  /* why nothing was selected; NULL if something was */
        const char
                *gave_up; /* the patterns are too slow: the result is void; NULL if they are not */
} Explanation;

/* channel NULL: the default channel; a range without a channel searches all channels. range NULL:
 * none. */
typedef struct ExplainOptions {
        const char *channel;
        const char *range;
        bool include_prerelease;
        const ExplainKnown *known; /* NULL: the rules alone */
} ExplainOptions;

/* With known facts the heads are relmand's, and each newer tag has the reason why it is not the
 * head. Fails with ERROR_INVALID for a channel that the component does not have. */
int explain_tags(const ComponentSpec *spec, const Strings *tags, const ExplainOptions *options,
                 Arena *arena, Explanation *ret, Error *err);
