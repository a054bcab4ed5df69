#pragma once

/* Explains why a tag was not chosen, and why a version is the head. Lists every tag with its
 * decision. Pure. */

#include "model/component.h"
#include "version/policy.h"

/* Facts and decisions of relmand about a tag. Without a daemon there are no facts. */
typedef struct ExplainFact {
        const char *refused; /* why it is not a version, although the rules read one; NULL: it is */
        const char *waits;   /* why it is a version, but cannot be head yet; NULL: it can */
        /* why it stays head, although its tag moved or was deleted; NULL: neither happened */
        const char *stays;
        bool no_manifest;               /* a manifest is required, but not known */
        const Classification *assigned; /* version assigned to its digest; NULL: none */
        /* with orderBy: created, the build time in seconds; 0: not known */
        int64_t created;
} ExplainFact;

typedef struct ExplainedTag {
        const char *tag;
        Classification is;
        const ExplainFact *fact; /* NULL: not known */
        /* why it is not chosen, although it is eligible; NULL: it may be */
        const char *skipped;
        bool only_waits; /* it cannot be a head, but a range may select it */
} ExplainedTag;

typedef struct ExplainKnown {
        const ExplainFact *facts; /* one for each tag */
        Channels heads;           /* the stored heads */
} ExplainKnown;

typedef struct ExplainedHead {
        const char *channel;
        /* the head; if the registry does not list its tag, only tag, version and channel are set */
        const ExplainedTag *head;
        const ExplainedTag *next; /* the version after it; NULL if there is none */
        size_t n_versions;        /* tags in this channel */
        const char *reason;       /* why it is the head: a text for people */
} ExplainedHead;

typedef struct Explanation {
        const char *component;
        ExplainedTag *tags; /* eligible ones, newest first; then the others in input order */
        size_t n_tags;
        size_t n_eligible;
        ExplainedHead *heads; /* sorted by channel name */
        size_t n_heads;
        const ExplainedTag *selected; /* the tag that channel and range select; NULL if none */
        const char *selected_reason;  /* why nothing was selected; NULL if something was */
        /* the patterns are too slow, so the result is invalid: the reason; NULL otherwise */
        const char *gave_up;
} Explanation;

/* The selection. channel NULL is the default channel, or with a range all channels. range NULL is
 * no range. */
typedef struct ExplainOptions {
        const char *channel;
        const char *range;
        bool include_prerelease;
        const ExplainKnown *known; /* NULL: only the rules decide */
} ExplainOptions;

/* Classifies all tags and selects one. With known facts the heads are those of relmand, and each
 * newer tag has the reason why it is not the head. Returns 0 or a negative errno: ERROR_INVALID for
 * a channel that the component does not have. Results are allocated from the arena. */
int explain_tags(const ComponentSpec *spec, const Strings *tags, const ExplainOptions *options,
                 Arena *arena, Explanation *ret, Error *err);
